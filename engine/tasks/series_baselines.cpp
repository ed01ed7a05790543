#include "engine/tasks/series_baselines.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/number.h"
#include "engine/tasks/series_smoothing.h"

namespace unroll {

std::vector<double> filled(std::span<const double> series) {
  std::vector<double> result(series.begin(), series.end());
  double last = 0;
  for (const double value : series)
    if (!std::isnan(value)) {
      last = value;
      break;
    }
  for (double& value : result) {
    if (std::isnan(value)) value = last;
    last = value;
  }
  return result;
}

namespace {

bool all_positive(std::span<const double> series) {
  return std::ranges::none_of(series, [](double value) { return value <= 0; });
}

/// Value t of the history, or beyond it of the forecasts.
double at(std::span<const double> history, std::span<const double> out, size_t t) {
  return t < history.size() ? history[t] : out[t - history.size()];
}

class LastValue final : public Forecaster {
 public:
  std::string name() const override { return "last value"; }
  std::string about() const override { return "nothing changes"; }
  void forecast(std::span<const double> history, std::span<double> out) const override {
    std::ranges::fill(out, history.back());
  }
};

class LastSeason final : public Forecaster {
 public:
  LastSeason(int season, bool delta) : season_(static_cast<size_t>(season)), delta_(delta) {}
  std::string name() const override { return delta_ ? "season + delta" : "last season"; }
  std::string about() const override {
    const std::string before = "the value " + std::to_string(season_) + " steps before";
    return delta_ ? before + ", moved by as much as the last value was off" : before;
  }
  void forecast(std::span<const double> history, std::span<double> out) const override {
    for (size_t h = 0; h < out.size(); ++h) {
      const size_t t = history.size() + h;
      out[h] = at(history, out, t - season_);
      if (delta_) out[h] += at(history, out, t - 1) - at(history, out, t - season_ - 1);
    }
  }

 private:
  size_t season_;
  bool delta_;
};

class Drift final : public Forecaster {
 public:
  std::string name() const override { return "drift"; }
  std::string about() const override { return "the line through the first and the last value"; }
  void forecast(std::span<const double> history, std::span<double> out) const override {
    const double steps = std::max<double>(static_cast<double>(history.size()) - 1, 1);
    const double slope = (history.back() - history.front()) / steps;
    for (size_t h = 0; h < out.size(); ++h) out[h] = history.back() + slope * static_cast<double>(h + 1);
  }
};

/// x with the least |A x − b|, of several such the shortest: so a constant column does no harm.
Eigen::VectorXd least_squares(const Eigen::MatrixXd& A, const Eigen::VectorXd& b) {
  return A.completeOrthogonalDecomposition().solve(b);
}

class Autoregression final : public Forecaster {
 public:
  Autoregression(const ArSettings& settings, double season) : settings_(settings), season_(season) {}

  /// False where too little is there to fit.
  bool fit(std::span<const double> train) {
    std::vector<double> z = transformed(train);
    if (settings_.harmonics > 0 && !fit_harmonics(z)) return false;
    const size_t longest = longest_lag(), width = settings_.lags.size();
    std::vector<size_t> rows;
    for (size_t t = longest; t < z.size(); ++t) {
      bool known = !std::isnan(z[t]);
      for (const int lag : settings_.lags) known = known && !std::isnan(z[t - static_cast<size_t>(lag)]);
      if (known) rows.push_back(t);
    }
    if (rows.size() < 2 * (width + 1)) return false;
    const bool constant = settings_.harmonics == 0;
    Eigen::MatrixXd A(rows.size(), width + (constant ? 1 : 0));
    Eigen::VectorXd b(rows.size());
    for (size_t r = 0; r < rows.size(); ++r) {
      const auto row = static_cast<Eigen::Index>(r);
      for (size_t i = 0; i < width; ++i)
        A(row, static_cast<Eigen::Index>(i)) = z[rows[r] - static_cast<size_t>(settings_.lags[i])];
      if (constant) A(row, static_cast<Eigen::Index>(width)) = 1;
      b(row) = z[rows[r]];
    }
    const Eigen::VectorXd x = least_squares(A, b);
    weights_.assign(x.data(), x.data() + width);
    constant_ = constant ? x(static_cast<Eigen::Index>(width)) : 0;
    return true;
  }

  std::string name() const override { return "AR, least squares"; }
  std::string about() const override {
    std::string text = "lags";
    for (const int lag : settings_.lags) text += " " + std::to_string(lag);
    if (settings_.log || settings_.difference)
      text += std::string(" of ") + (settings_.difference ? "the differences of " : "") +
              (settings_.log ? "the logarithms" : "the values");
    if (settings_.harmonics > 0)
      text +=
          " of what " + std::to_string(settings_.harmonics) + " sines and cosines of the season leave over";
    return text;
  }

  void forecast(std::span<const double> history, std::span<double> out) const override {
    // The last values that any lag needs, transformed, and the forecasts behind them.
    const size_t needed = std::min(history.size(), longest_lag() + 1);
    const size_t first = history.size() - needed;
    std::vector<double> z = transformed(history.subspan(first));
    for (size_t i = 0; i < z.size(); ++i) z[i] -= seasonal(first + i);
    double level = settings_.log ? std::log(history.back()) : history.back();
    for (size_t h = 0; h < out.size(); ++h) {
      double next = constant_;
      for (size_t i = 0; i < weights_.size(); ++i) {
        const double before = z[z.size() - static_cast<size_t>(settings_.lags[i])];
        next += weights_[i] * (std::isnan(before) ? 0 : before);
      }
      z.push_back(next);
      next += seasonal(history.size() + h);
      level = settings_.difference ? level + next : next;
      out[h] = settings_.log ? std::exp(level) : level;
    }
  }

 private:
  size_t longest_lag() const { return static_cast<size_t>(std::ranges::max(settings_.lags)); }

  /// Logs and differences; the difference of the first value is unknown.
  std::vector<double> transformed(std::span<const double> series) const {
    std::vector<double> z(series.begin(), series.end());
    if (settings_.log)
      for (double& value : z) value = std::log(value);
    if (settings_.difference) {
      for (size_t t = z.size(); t-- > 1;) z[t] -= z[t - 1];
      if (!z.empty()) z[0] = std::numeric_limits<double>::quiet_NaN();
    }
    return z;
  }

  /// A row of the regression on sines and cosines.
  Eigen::VectorXd waves(size_t t) const {
    Eigen::VectorXd row(1 + 2 * settings_.harmonics);
    row(0) = 1;
    for (int k = 1; k <= settings_.harmonics; ++k) {
      const double angle = 2 * std::numbers::pi * k * static_cast<double>(t) / season_;
      row(2 * k - 1) = std::sin(angle);
      row(2 * k) = std::cos(angle);
    }
    return row;
  }

  bool fit_harmonics(std::vector<double>& z) {
    std::vector<size_t> rows;
    for (size_t t = 0; t < z.size(); ++t)
      if (!std::isnan(z[t])) rows.push_back(t);
    if (rows.size() < static_cast<size_t>(2 + 4 * settings_.harmonics)) return false;
    Eigen::MatrixXd A(rows.size(), 1 + 2 * settings_.harmonics);
    Eigen::VectorXd b(rows.size());
    for (size_t r = 0; r < rows.size(); ++r) {
      A.row(static_cast<Eigen::Index>(r)) = waves(rows[r]).transpose();
      b(static_cast<Eigen::Index>(r)) = z[rows[r]];
    }
    seasonal_ = least_squares(A, b);
    for (size_t t = 0; t < z.size(); ++t) z[t] -= seasonal(t);
    return true;
  }

  double seasonal(size_t t) const { return seasonal_.size() == 0 ? 0 : waves(t).dot(seasonal_); }

  ArSettings settings_;
  double season_;
  std::vector<double> weights_;  // of the lags
  double constant_ = 0;
  Eigen::VectorXd seasonal_;  // of a constant, sines and cosines; empty: none
};

}  // namespace

ArSettings usual_ar(std::span<const double> train, double season) {
  const auto n = static_cast<double>(train.size());
  if (season > 100 || season != std::floor(season))
    return {.lags = {1, 2, 3}, .harmonics = season > 0 ? 2 : 0};
  const int m = static_cast<int>(season);
  if (m >= 2 && n >= 3 * season) {
    std::vector<int> lags{1};
    if (m > 1) lags.push_back(m);
    lags.push_back(m + 1);
    return {.lags = std::move(lags)};
  }
  ArSettings settings;
  for (int lag = 1; lag <= std::clamp(static_cast<int>(n / 20), 1, 5); ++lag) settings.lags.push_back(lag);
  return settings;
}

std::unique_ptr<Forecaster> last_value() { return std::make_unique<LastValue>(); }

std::unique_ptr<Forecaster> last_season(std::span<const double> train, int season) {
  if (season < 2 || train.size() < static_cast<size_t>(season)) return nullptr;
  return std::make_unique<LastSeason>(season, false);
}

std::unique_ptr<Forecaster> season_and_delta(std::span<const double> train, int season) {
  if (season < 2 || train.size() < static_cast<size_t>(season) + 1) return nullptr;
  return std::make_unique<LastSeason>(season, true);
}

std::unique_ptr<Forecaster> drift() { return std::make_unique<Drift>(); }

std::unique_ptr<Forecaster> autoregression(std::span<const double> train, const ArSettings& settings,
                                           double season) {
  if (settings.lags.empty() || train.size() <= static_cast<size_t>(std::ranges::max(settings.lags)) + 1)
    return nullptr;
  if (settings.log && !all_positive(train)) return nullptr;
  auto made = std::make_unique<Autoregression>(settings, season);
  if (!made->fit(train)) return nullptr;
  return made;
}

std::vector<std::unique_ptr<Forecaster>> fit_baselines(std::span<const double> train, double season,
                                                       const ArSettings& ar) {
  const int m = static_cast<int>(std::lround(season));
  std::vector<std::unique_ptr<Forecaster>> all;
  const auto add = [&](std::unique_ptr<Forecaster> one) {
    if (one) all.push_back(std::move(one));
  };
  add(last_value());
  add(last_season(train, m));
  add(season_and_delta(train, m));
  add(drift());
  add(autoregression(train, ar, season));
  add(theta(train, m));
  add(holt_winters(train, m, SeasonKind::additive));
  if (m >= 2) add(holt_winters(train, m, SeasonKind::multiplicative));
  return all;
}

}  // namespace unroll
