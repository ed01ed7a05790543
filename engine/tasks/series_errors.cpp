#include "engine/tasks/series_errors.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace unroll {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

}  // namespace

double mase_scale(std::span<const double> train, int64_t m) {
  double sum = 0;
  int64_t count = 0;
  for (size_t t = static_cast<size_t>(m); t < train.size(); ++t) {
    const double change = std::abs(train[t] - train[t - static_cast<size_t>(m)]);
    if (std::isnan(change)) continue;
    sum += change;
    ++count;
  }
  return count ? sum / static_cast<double>(count) : nothing;
}

void ErrorSum::add(double value, double forecast) {
  const double error = std::abs(value - forecast);
  if (std::isnan(error)) return;
  absolute_ += error;
  square_ += error * error;
  const double size = std::abs(value) + std::abs(forecast);
  relative_ += size > 0 ? 200 * error / size : 0;
  ++count_;
}

ForecastErrors ErrorSum::errors(double scale) const {
  if (count_ == 0) return {nothing, nothing, nothing, nothing, 0};
  const auto n = static_cast<double>(count_);
  const double mae = absolute_ / n;
  return {mae, std::sqrt(square_ / n), relative_ / n, scale > 0 ? mae / scale : nothing, count_};
}

double copy_meter(std::span<const double> value, std::span<const double> last,
                  std::span<const double> forecast) {
  const auto known = [&](size_t t) { return !std::isnan(value[t] + last[t] + forecast[t]); };
  double n = 0, mean_y = 0, mean_x = 0, mean_f = 0;
  for (size_t t = 0; t < value.size(); ++t) {
    if (!known(t)) continue;
    ++n;
    mean_y += value[t];
    mean_x += last[t];
    mean_f += forecast[t];
  }
  if (n < 4) return nothing;
  mean_y /= n, mean_x /= n, mean_f /= n;
  double xx = 0, xy = 0, yy = 0, xf = 0, yf = 0;
  for (size_t t = 0; t < value.size(); ++t) {
    if (!known(t)) continue;
    const double y = value[t] - mean_y, x = last[t] - mean_x, f = forecast[t] - mean_f;
    xx += x * x, xy += x * y, yy += y * y, xf += x * f, yf += y * f;
  }
  const double slope = xx > 0 ? xy / xx : 0;
  const double left = yy - slope * xy;  // Σ v²; Σ u v = Σ f v
  if (left <= 1e-12 * yy) return nothing;
  return std::clamp(1 - (yf - slope * xf) / left, 0.0, 1.0);
}

}  // namespace unroll
