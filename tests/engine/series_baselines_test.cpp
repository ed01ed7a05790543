// The baselines of time series, their errors, the copy meter, the series that ship and the generated ones.
#include "engine/tasks/series_baselines.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "engine/base/random.h"
#include "engine/tasks/series_errors.h"
#include "engine/tasks/series_source.h"

using namespace unroll;

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

struct Held {
  std::vector<double> y, train;
  size_t out;
};

Held held(std::string_view name, size_t out) {
  const std::vector<double> y = shipped_series(name).columns.at(0);
  return {y, {y.begin(), y.end() - static_cast<std::ptrdiff_t>(out)}, out};
}

/// One step ahead, each held-out value from all before it.
ForecastErrors one_step(const Forecaster* forecaster, const Held& held, int64_t season = 1) {
  REQUIRE(forecaster != nullptr);
  ErrorSum sum;
  for (size_t t = held.train.size(); t < held.y.size(); ++t) {
    double forecast = nothing;
    forecaster->forecast(std::span(held.y).first(t), {&forecast, 1});
    sum.add(held.y[t], forecast);
  }
  return sum.errors(mase_scale(held.train, season));
}

ForecastErrors free_running(const Forecaster* forecaster, const Held& held) {
  REQUIRE(forecaster != nullptr);
  std::vector<double> out(held.out);
  forecaster->forecast(held.train, out);
  ErrorSum sum;
  for (size_t h = 0; h < out.size(); ++h) sum.add(held.y[held.train.size() + h], out[h]);
  return sum.errors(1);
}

/// The value to so many digits behind the point.
double digits(double value, int count) {
  return std::round(value * std::pow(10, count)) / std::pow(10, count);
}

}  // namespace

TEST_CASE("last value, last season and season + delta err as the tables of TASKS.md say") {
  struct Row {
    const char* name;
    size_t out;
    int season;
    bool rmse;
    int digits;
    double last, seasonal, delta;
  };
  for (const Row& row :
       {Row{"airline", 24, 12, false, 2, 44.21, 47.58, 14.25},
        Row{"airline", 24, 12, true, 2, 51.78, 49.99, 18.47},
        Row{"sunspots", 100, 11, true, 2, 29.60, 32.70, 25.52},
        Row{"co2", 60, 12, false, 2, 1.18, 1.51, 0.32}, Row{"nottem", 48, 12, false, 2, 4.06, 2.33, 3.55},
        Row{"demand", 672, 336, false, 1, 652.0, 513.9, 122.0},
        Row{"seattle", 365, 365, false, 2, 2.24, 3.77, 3.21}}) {
    INFO(row.name << (row.rmse ? " RMSE" : " MAE"));
    const Held data = held(row.name, row.out);
    const auto error = [&](const Forecaster* forecaster) {
      const ForecastErrors errors = one_step(forecaster, data);
      CHECK(errors.count == static_cast<int64_t>(row.out));
      return digits(row.rmse ? errors.rmse : errors.mae, row.digits);
    };
    CHECK(error(last_value().get()) == row.last);
    CHECK(error(last_season(data.train, row.season).get()) == row.seasonal);
    CHECK(error(season_and_delta(data.train, row.season).get()) == row.delta);
  }
  const Held dax = held("dax", 372);
  CHECK(digits(one_step(last_value().get(), dax).rmse, 2) == 62.99);
  const Held co2 = held("co2", 60);
  CHECK(digits(one_step(season_and_delta(co2.train, 12).get(), co2).mae, 3) == 0.316);
  const Held seattle = held("seattle", 365);
  CHECK(digits(one_step(last_value().get(), seattle).mae, 3) == 2.240);
}

TEST_CASE("autoregression by least squares errs as the tables of TASKS.md say") {
  const auto errors = [](const char* name, size_t out, const ArSettings& settings, double season = 0) {
    const Held data = held(name, out);
    return one_step(autoregression(data.train, settings, season).get(), data);
  };
  const ForecastErrors airline = errors("airline", 24, {.lags = {1, 12, 13}, .log = true});
  CHECK(digits(airline.mae, 2) == 13.19);
  CHECK(digits(airline.rmse, 2) == 17.02);  // 17.025
  CHECK(digits(errors("sunspots", 100, {.lags = {1, 2, 3, 4, 5, 6, 7, 8, 9}}).rmse, 2) == 17.65);
  CHECK(digits(errors("co2", 60, {.lags = {1, 12, 13}}).mae, 3) == 0.308);
  CHECK(digits(errors("nottem", 48, {.lags = {1, 12, 13}}).mae, 2) == 2.28);
  CHECK(digits(errors("demand", 672, {.lags = {1, 2, 3, 48, 49, 50, 336, 337}}).mae, 1) == 113.2);
  CHECK(digits(errors("seattle", 365, {.lags = {1, 2, 3}, .harmonics = 2}, 365.25).mae, 3) == 2.123);

  // Of log returns nothing beats "no change".
  Held returns = held("dax", 372);
  std::vector<double> r;
  for (size_t t = 1; t < returns.y.size(); ++t) r.push_back(std::log(returns.y[t] / returns.y[t - 1]));
  returns = {r, {r.begin(), r.end() - 372}, 372};
  CHECK(digits(one_step(autoregression(returns.train, {.lags = {1, 2, 3, 4, 5}}, 0).get(), returns).rmse,
               6) == 0.014361);
  ErrorSum zero;
  for (size_t t = returns.train.size(); t < r.size(); ++t) zero.add(r[t], 0);
  CHECK(digits(zero.errors(1).rmse, 6) == 0.01436);
}

TEST_CASE("what ships is forecast by the autoregression that the tables name") {
  const auto error = [](const char* name) {
    const Series series = shipped_series(name);
    const Held data = held(name, static_cast<size_t>(series.advice.held_out));
    return one_step(
        autoregression(data.train, series.advice.ar, series.seasons.empty() ? 0 : series.seasons.back())
            .get(),
        data);
  };
  CHECK(digits(error("airline").mae, 2) == 13.19);
  CHECK(digits(error("sunspots").rmse, 2) == 17.65);
  CHECK(digits(error("demand").mae, 1) == 113.2);
  CHECK(digits(error("seattle").mae, 3) == 2.123);
  CHECK(error("dax").rmse == doctest::Approx(62.99).epsilon(0.01));
}

TEST_CASE("running freely from one origin: airline passengers, as TASKS.md says") {
  const Held data = held("airline", 24);
  const ForecastErrors last = free_running(last_value().get(), data);
  CHECK(digits(last.mae, 2) == 115.25);
  CHECK(digits(last.rmse, 2) == 137.33);
  const ForecastErrors season = free_running(last_season(data.train, 12).get(), data);
  CHECK(digits(season.mae, 2) == 71.25);
  CHECK(digits(season.rmse, 2) == 76.99);
  const ForecastErrors ar =
      free_running(autoregression(data.train, {.lags = {1, 12, 13}, .log = true}, 12).get(), data);
  CHECK(digits(ar.mae, 1) == 33.9);
  CHECK(digits(ar.rmse, 1) == 37.9);
}

TEST_CASE("errors of a small series, by hand") {
  const std::vector<double> y{1, 2, 4, 7, 11};
  ErrorSum sum;
  for (size_t t = 1; t < y.size(); ++t) {
    double forecast = 0;
    last_value()->forecast(std::span(y).first(t), {&forecast, 1});
    CHECK(y[t] - forecast == static_cast<double>(t));
    sum.add(y[t], forecast);
  }
  const ForecastErrors errors = sum.errors(mase_scale(y, 1));
  CHECK(errors.mae == 2.5);
  CHECK(digits(errors.rmse, 4) == 2.7386);
  CHECK(errors.mase == 1);  // the last value is what MASE measures by
  CHECK(errors.count == 4);
  CHECK(errors.smape == doctest::Approx(50 * (1 / 3.0 + 2 / 6.0 + 3 / 11.0 + 4 / 18.0)));
  CHECK(mase_scale(std::vector<double>{1, nothing, 4, 6}, 1) ==
        2);  // a gap has no change before and behind it
  CHECK(mase_scale(std::vector<double>{1, 2, 4, 8}, 2) == 4.5);
  CHECK(std::isnan(ErrorSum().errors(1).mae));
}

TEST_CASE("a constant series: every baseline says the constant, nothing is NaN but MASE") {
  const std::vector<double> y(40, 7.0);
  for (const int season : {0, 4}) {
    const auto all = fit_baselines(y, season, usual_ar(y, season));
    CHECK(all.size() == (season ? 8u : 5u));
    for (const auto& forecaster : all) {
      INFO(forecaster->name());
      std::vector<double> out(9);
      forecaster->forecast(y, out);
      for (const double value : out) CHECK(value == doctest::Approx(7).epsilon(1e-9));
    }
  }
  ErrorSum sum;
  sum.add(7, 7);
  CHECK(sum.errors(mase_scale(y, 1)).mae == 0);
  CHECK(std::isnan(sum.errors(mase_scale(y, 1)).mase));
  const std::vector<double> zeros(40, 0.0);
  CHECK(fit_baselines(zeros, 4, usual_ar(zeros, 4)).size() == 7);  // products need what is above 0
}

TEST_CASE("a straight line is continued by drift, Theta and Holt; a line with a season by Holt-Winters") {
  std::vector<double> line, seasonal, product;
  const double index[] = {3, -1, -4, 2};
  for (int t = 0; t < 60; ++t) {
    line.push_back(5 + 2 * t);
    seasonal.push_back(50 + 0.5 * t + index[t % 4]);
    product.push_back((50 + 0.5 * t) * (1 + index[t % 4] / 10));
  }
  std::vector<double> out(8);
  const auto ahead = [&](const Forecaster* forecaster, std::span<const double> history) {
    REQUIRE(forecaster != nullptr);
    forecaster->forecast(history, out);
    return std::span<const double>(out);
  };
  for (const auto& forecaster : {drift(), theta(line, 0), holt_winters(line, 0, SeasonKind::additive)}) {
    INFO(forecaster->name());
    const auto forecast = ahead(forecaster.get(), line);
    // Theta's drift is half the trend: exact one step ahead, half as steep behind (Hyndman & Billah 2003, equation 5).
    CHECK(forecast[0] == doctest::Approx(125).epsilon(0.01));
    if (forecaster->name() != "Theta") CHECK(forecast[7] == doctest::Approx(139).epsilon(0.001));
  }
  const auto additive = holt_winters(seasonal, 4, SeasonKind::additive);
  for (int h = 0; h < 8; ++h)
    CHECK(ahead(additive.get(), seasonal)[static_cast<size_t>(h)] ==
          doctest::Approx(80 + 0.5 * h + index[h % 4]).epsilon(0.002));
  const auto multiplicative = holt_winters(product, 4, SeasonKind::multiplicative);
  for (int h = 0; h < 8; ++h)
    CHECK(ahead(multiplicative.get(), product)[static_cast<size_t>(h)] ==
          doctest::Approx((80 + 0.5 * h) * (1 + index[h % 4] / 10)).epsilon(0.005));
}

TEST_CASE("on the airline data Theta and Holt-Winters are what they are known to be") {
  const Held data = held("airline", 24);
  const double season = one_step(last_season(data.train, 12).get(), data).mae;
  CHECK(one_step(theta(data.train, 12).get(), data).mae < season / 2);
  const double additive = one_step(holt_winters(data.train, 12, SeasonKind::additive).get(), data).mae;
  const double multiplicative =
      one_step(holt_winters(data.train, 12, SeasonKind::multiplicative).get(), data).mae;
  CHECK(multiplicative < additive);  // the season grows with the level
  CHECK(multiplicative < season / 3);
}

TEST_CASE("one step ahead in one pass is what single forecasts give") {
  const Series series = shipped_series("airline");
  const std::span<const double> y(series.columns[0]);
  for (const auto& forecaster : fit_baselines(y.first(120), 12, series.advice.ar)) {
    INFO(forecaster->name());
    std::vector<double> passed(24);
    forecaster->one_step(y, 120, passed);
    for (size_t i = 0; i < 24; ++i) {
      double one = 0;
      forecaster->forecast(y.first(120 + i), {&one, 1});
      CHECK(passed[i] == doctest::Approx(one).epsilon(1e-12));
    }
  }
}

TEST_CASE("gaps are left out of fits and carried in histories") {
  CHECK(filled(std::vector<double>{nothing, 2, nothing, nothing, 5}) == std::vector<double>{2, 2, 2, 2, 5});
  // y_t = 0.8 y_{t-1} + 1 with gaps: the fit sees no pair that is not one.
  std::vector<double> y{0};
  for (int t = 1; t < 60; ++t) y.push_back(0.8 * y.back() + 1 + (t % 7 == 0));
  const std::vector<double> whole = y;
  for (const size_t gap : {10u, 11u, 30u}) y[gap] = nothing;
  const auto ar = autoregression(y, {.lags = {1}}, 0);
  REQUIRE(ar != nullptr);
  double with_gaps = 0, without = 0;
  ar->forecast(filled(y), {&with_gaps, 1});
  autoregression(whole, {.lags = {1}}, 0)->forecast(whole, {&without, 1});
  CHECK(with_gaps == doctest::Approx(without).epsilon(0.02));
  CHECK(autoregression(std::vector<double>(3, 1.0), {.lags = {1, 2}}, 0) == nullptr);
  CHECK(autoregression(std::vector<double>{1, 2, 0, 1, 2, 3, 1, 2}, {.lags = {1}, .log = true}, 0) ==
        nullptr);
}

TEST_CASE("the copy meter: 1 for the last value, scaled or shifted too; 0 for a perfect forecast") {
  Random random(3);
  std::vector<double> y{0}, last, value, half, scaled, noise;
  for (int t = 0; t < 400; ++t) {
    last.push_back(y.back());
    y.push_back(0.9 * y.back() + random.normal());
    value.push_back(y.back());
    half.push_back((value.back() + last.back()) / 2);
    scaled.push_back(3 - 0.5 * last.back());
  }
  CHECK(copy_meter(value, last, last) == doctest::Approx(1));
  CHECK(copy_meter(value, last, scaled) == doctest::Approx(1));
  CHECK(copy_meter(value, last, value) == doctest::Approx(0));
  CHECK(copy_meter(value, last, half) == doctest::Approx(0.5));
  CHECK(copy_meter(value, last, std::vector<double>(400, 5.0)) == doctest::Approx(1));  // it foresees nothing
  std::vector<double> gappy = value;
  gappy[7] = nothing;
  CHECK(copy_meter(gappy, last, value) == doctest::Approx(0));
  CHECK(std::isnan(
      copy_meter(std::vector<double>(9, 1.0), std::vector<double>(9, 1.0), std::vector<double>(9, 1.0))));
  CHECK(
      std::isnan(copy_meter(std::span(value).first(3), std::span(last).first(3), std::span(value).first(3))));

  // The well-known trap: on airline passengers the last value is a copy, season + delta is not.
  const Held data = held("airline", 24);
  const std::span<const double> all = data.y, now = all.subspan(120), before = all.subspan(119, 24);
  std::vector<double> delta(24);
  for (size_t i = 0; i < 24; ++i) delta[i] = all[119 + i] + all[108 + i] - all[107 + i];
  CHECK(copy_meter(now, before, delta) < 0.2);
}

TEST_CASE("the series that ship are whole: numbers, seasons, dates and a source each") {
  const auto check = [](const char* name, size_t length, const char* first, const char* last) {
    INFO(name);
    const Series series = shipped_series(name);
    REQUIRE(series.length() == length);
    CHECK(series.axis.label(0) == first);
    CHECK(series.axis.label(static_cast<int64_t>(length) - 1) == last);
    CHECK(series.source.size() > 40);
    CHECK(series.advice.held_out > 0);
    CHECK_FALSE(series.advice.ar.lags.empty());
    CHECK(std::ranges::none_of(series.columns[0], [](double value) { return std::isnan(value); }));
  };
  check("airline", 144, "Jan 1949", "Dec 1960");
  check("co2", 468, "Jan 1959", "Dec 1997");
  check("sunspots", 309, "1700", "2008");
  check("demand", 4032, "Mon 5 Jun 2000 00:00", "Sun 27 Aug 2000 23:30");
  check("seattle", 1461, "Sun 1 Jan 2012", "Thu 31 Dec 2015");
  check("dax", 1860, "1", "1860");
  check("nottem", 240, "Jan 1920", "Dec 1939");
  CHECK(unit_of(shipped_series("demand")) == "MW");
  CHECK(unit_of(shipped_series("sunspots")) == "");
  CHECK(shipped_series("other").length() == 0);
  CHECK_FALSE(static_cast<bool>(read_shipped_series("title: x\n\n1 2 x\n")));
  CHECK_FALSE(static_cast<bool>(read_shipped_series("colour: red\n\n1\n")));
}

TEST_CASE("generators: the sine is one, the seed decides, Mackey and Glass converge") {
  for (int i = -20; i <= 40; ++i)
    CHECK(sine(i / 16.0) == doctest::Approx(std::sin(2 * std::numbers::pi * i / 16.0)).epsilon(1e-13));
  CHECK(sine(0.25) == doctest::Approx(1).epsilon(1e-15));
  CHECK(noisy_sines(1, 50, 0.1).columns == noisy_sines(1, 50, 0.1).columns);
  CHECK(noisy_sines(1, 50, 0.1).columns != noisy_sines(2, 50, 0.1).columns);
  CHECK(noisy_sines(1, 50, 0).columns[0][25] ==
        doctest::Approx(0.5 * std::sin(2 * std::numbers::pi * 25 / 60)));
  const std::vector<double> x = mackey_glass(1, 1000, 0).columns[0];
  // Chaos around a steady state at 1, between about 0.2 and 1.4.
  const auto [low, high] = std::ranges::minmax(x);
  CHECK((low > 0.2 && low < 0.6));
  CHECK((high > 1.2 && high < 1.45));
  // Each value follows from the equation: the central difference is its right side.
  for (size_t t = 100; t + 1 < 200; ++t) {
    const double then = x[t - 17], right = 0.2 * then / (1 + std::pow(then, 10)) - 0.1 * x[t];
    CHECK((x[t + 1] - x[t - 1]) / 2 == doctest::Approx(right).epsilon(0.02).scale(0.1));
  }
  const std::vector<double> walk = random_walk(5, 4000).columns[0];
  ErrorSum steps;
  for (size_t t = 1; t < walk.size(); ++t) steps.add(walk[t], walk[t - 1]);
  CHECK(steps.errors(1).rmse == doctest::Approx(1).epsilon(0.05));
}
