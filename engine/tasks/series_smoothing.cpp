#include "engine/tasks/series_smoothing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "engine/base/number.h"
#include "engine/tasks/series_baselines.h"

namespace unroll {

std::vector<double> least_in_cube(size_t n, double low, double high,
                                  const std::function<double(std::span<const double>)>& cost) {
  constexpr size_t grid = 5;
  std::vector<double> best(n), point(n);
  double least = std::numeric_limits<double>::infinity();
  const auto attempt = [&] {
    const double value = cost(point);
    if (!(value < least)) return false;
    least = value;
    best = point;
    return true;
  };
  size_t points = 1;
  for (size_t i = 0; i < n; ++i) points *= grid;
  for (size_t p = 0; p < points; ++p) {
    size_t digits = p;
    for (double& x : point) {
      x = low + (high - low) * static_cast<double>(digits % grid) / (grid - 1);
      digits /= grid;
    }
    attempt();
  }
  if (!std::isfinite(least)) return std::vector<double>(n, low);
  for (double step = (high - low) / (2 * (grid - 1)); step > 1e-4;) {
    bool better = false;
    for (size_t i = 0; i < n; ++i) {
      for (const double move : {step, -step}) {
        point = best;
        point[i] = std::clamp(best[i] + move, low, high);
        if (point[i] != best[i] && attempt()) {
          better = true;
          break;
        }
      }
    }
    if (!better) step /= 2;
  }
  return best;
}

namespace {

std::string parameter(const char* name, double value) {
  return std::string(name) + " " + shown(std::round(value * 1000) / 1000);
}

/// Season indices by the classical decomposition: means over the seasons of what a centred mean of one season leaves over.
/// They add up to 0, or multiply about 1.
std::vector<double> season_indices(std::span<const double> y, size_t m, SeasonKind kind) {
  const bool product = kind == SeasonKind::multiplicative;
  std::vector<double> sum(m, 0), count(m, 0);
  const size_t half = m / 2;
  std::vector<double> before(y.size() + 1, 0);  // sums of the values before
  for (size_t t = 0; t < y.size(); ++t) before[t + 1] = before[t] + y[t];
  for (size_t t = half; t + half < y.size(); ++t) {
    double mean = before[t + half + 1] - before[t - half];
    if (m % 2 == 0) mean -= (y[t - half] + y[t + half]) / 2;
    mean /= static_cast<double>(m);
    sum[t % m] += product ? y[t] / mean : y[t] - mean;
    count[t % m] += 1;
  }
  double all = 0;
  for (size_t i = 0; i < m; ++i) all += sum[i] = count[i] > 0 ? sum[i] / count[i] : (product ? 1 : 0);
  for (double& index : sum)
    product ? index *= static_cast<double>(m) / all : index -= all / static_cast<double>(m);
  return sum;
}

/// A&N's test: whether the autocorrelation at the season is beyond what 90% of series without a season have.
bool has_season(std::span<const double> y, size_t m) {
  const auto n = static_cast<double>(y.size());
  double mean = 0;
  for (const double value : y) mean += value / n;
  double variance = 0;
  for (const double value : y) variance += (value - mean) * (value - mean);
  if (variance <= 0) return false;
  double squares = 0, last = 0;
  for (size_t lag = 1; lag <= m; ++lag) {
    double product = 0;
    for (size_t t = lag; t < y.size(); ++t) product += (y[t] - mean) * (y[t - lag] - mean);
    last = product / variance;
    if (lag < m) squares += last * last;
  }
  return std::abs(last) > 1.645 * std::sqrt((1 + 2 * squares) / n);
}

class Theta final : public Forecaster {
 public:
  Theta(std::span<const double> train, int season) : n_(train.size()) {
    const auto m = static_cast<size_t>(std::max(season, 1));
    if (m > 1 && train.size() >= 2 * m + 1 && has_season(train, m)) {
      kind_ = std::ranges::all_of(train, [](double value) { return value > 0; }) ? SeasonKind::multiplicative
                                                                                 : SeasonKind::additive;
      index_ = season_indices(train, m, kind_);
    }
    std::vector<double> y(train.size());
    double mean = 0;
    for (size_t t = 0; t < n_; ++t) mean += y[t] = without_season(train[t], t);
    mean /= static_cast<double>(n_);
    double slope = 0, spread = 0;
    const double middle = (static_cast<double>(n_) - 1) / 2;
    for (size_t t = 0; t < n_; ++t) {
      const double x = static_cast<double>(t) - middle;
      slope += x * (y[t] - mean);
      spread += x * x;
    }
    drift_ = spread > 0 ? slope / spread / 2 : 0;
    alpha_ = least_in_cube(1, 0.01, 1, [&](std::span<const double> point) {
      double level = y[0], squares = 0;
      for (size_t t = 1; t < y.size(); ++t) {
        squares += (y[t] - level) * (y[t] - level);
        level += point[0] * (y[t] - level);
      }
      return squares;
    })[0];
  }

  std::string name() const override { return "Theta"; }
  std::string about() const override {
    return std::string("exponential smoothing (") + parameter("alpha", alpha_) + ") with half the trend" +
           (index_.empty() ? "" : ", without the season");
  }
  void forecast(std::span<const double> history, std::span<double> out) const override {
    double level = without_season(history[0], 0);
    for (size_t t = 1; t < history.size(); ++t) level += alpha_ * (without_season(history[t], t) - level);
    for (size_t h = 0; h < out.size(); ++h) out[h] = ahead(level, history.size(), h);
  }
  void one_step(std::span<const double> series, size_t first, std::span<double> out) const override {
    double level = without_season(series[0], 0);
    for (size_t t = 1; t < first + out.size(); ++t) {
      if (t >= first) out[t - first] = ahead(level, t, 0);
      level += alpha_ * (without_season(series[t], t) - level);
    }
  }

 private:
  /// h steps behind the first that is not known, number t.
  double ahead(double level, size_t t, size_t h) const {
    // The drift catches up what smoothing lags behind: 1/α steps, fewer while the series is short.
    const double behind = (1 - std::pow(1 - alpha_, static_cast<double>(t))) / alpha_;
    const double value = level + drift_ * (static_cast<double>(h) + behind);
    if (index_.empty()) return value;
    const double index = index_[(t + h) % index_.size()];
    return kind_ == SeasonKind::additive ? value + index : value * index;
  }
  double without_season(double value, size_t t) const {
    if (index_.empty()) return value;
    const double index = index_[t % index_.size()];
    return kind_ == SeasonKind::additive ? value - index : value / index;
  }

  size_t n_;
  SeasonKind kind_ = SeasonKind::additive;
  std::vector<double> index_;  // empty: no season
  double drift_ = 0, alpha_ = 1;
};

class HoltWinters final : public Forecaster {
 public:
  HoltWinters(std::span<const double> train, int season, SeasonKind kind)
      : m_(static_cast<size_t>(season)), kind_(kind) {
    const size_t n = train.size();
    if (m_ > 0) {
      start_.season = season_indices(train.first(std::min(n, std::max(2 * m_ + 1, n / 2))), m_, kind);
      double first = 0, second = 0;
      for (size_t t = 0; t < m_; ++t) first += train[t], second += train[t + m_];
      const auto m = static_cast<double>(m_);
      start_.trend = (second - first) / (m * m);
      start_.level = first / m - start_.trend * (m + 1) / 2;
    } else {
      start_.level = train[0];
      start_.trend = n > 1 ? (train[n - 1] - train[0]) / static_cast<double>(n - 1) : 0;
      start_.level -= start_.trend;
    }
    const size_t count = m_ > 0 ? 3 : 2;
    best_ = least_in_cube(count, 0.001, 0.999, [&](std::span<const double> point) {
      State state = start_;
      double squares = 0;
      for (size_t t = 0; t < n; ++t) {
        const double error = train[t] - state.expected(t, kind_);
        squares += error * error;
        state.read(train[t], t, kind_, point);
      }
      return squares;
    });
  }

  std::string name() const override {
    if (m_ == 0) return "Holt";
    return kind_ == SeasonKind::additive ? "Holt-Winters, additive" : "Holt-Winters, multiplicative";
  }
  std::string about() const override {
    std::string text = parameter("alpha", best_[0]) + ", " + parameter("beta", best_[1]);
    if (m_ > 0) text += ", " + parameter("gamma", best_[2]);
    return (m_ > 0 ? "level, trend and season, smoothed with " : "level and trend, smoothed with ") + text;
  }
  void forecast(std::span<const double> history, std::span<double> out) const override {
    State state = start_;
    for (size_t t = 0; t < history.size(); ++t) state.read(history[t], t, kind_, best_);
    for (size_t h = 0; h < out.size(); ++h) {
      out[h] = state.expected(history.size() + h, kind_);
      state.level += state.trend;
    }
  }
  void one_step(std::span<const double> series, size_t first, std::span<double> out) const override {
    State state = start_;
    for (size_t t = 0; t < first + out.size(); ++t) {
      if (t >= first) out[t - first] = state.expected(t, kind_);
      state.read(series[t], t, kind_, best_);
    }
  }

 private:
  struct State {
    double level = 0, trend = 0;
    std::vector<double> season;  // by place in the season; empty: none

    double expected(size_t t, SeasonKind kind) const {
      const double line = level + trend;
      if (season.empty()) return line;
      const double index = season[t % season.size()];
      return kind == SeasonKind::additive ? line + index : line * index;
    }
    void read(double value, size_t t, SeasonKind kind, std::span<const double> smoothing) {
      const bool additive = kind == SeasonKind::additive;
      const double line = level + trend, before = level;
      double* index = season.empty() ? nullptr : &season[t % season.size()];
      const double plain = !index ? value : additive ? value - *index : value / *index;
      level = line + smoothing[0] * (plain - line);
      trend += smoothing[1] * (level - before - trend);
      if (index) *index += smoothing[2] * ((additive ? value - level : value / level) - *index);
    }
  };

  size_t m_;
  SeasonKind kind_;
  State start_;
  std::vector<double> best_;
};

}  // namespace

std::unique_ptr<Forecaster> theta(std::span<const double> train, int season) {
  if (train.size() < 3) return nullptr;
  return std::make_unique<Theta>(filled(train), season);
}

std::unique_ptr<Forecaster> holt_winters(std::span<const double> train, int season, SeasonKind kind) {
  if (season < 2) season = 0;
  if (train.size() < 3 || train.size() < 2 * static_cast<size_t>(season) + 1) return nullptr;
  const std::vector<double> y = filled(train);
  if (kind == SeasonKind::multiplicative && !std::ranges::all_of(y, [](double value) { return value > 0; }))
    return nullptr;
  return std::make_unique<HoltWinters>(y, season, kind);
}

}  // namespace unroll
