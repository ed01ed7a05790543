// The normal density as a loss: of a target y that was foretold with a mean m and the logarithm s of a deviation,
// −ln p(y) = ln √2π + s + ((y − m) e⁻ˢ)² / 2, and its gradient with respect to m and s (Nix & Weigend 1994).
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

namespace unroll {

/// s counts as this at most, as its negative at least, and has no gradient beyond: no single surprise throws all weights away.
inline constexpr double most_log_deviation = 8;

inline double clamped_log_deviation(double s) {
  return std::clamp(s, -most_log_deviation, most_log_deviation);
}

inline double gaussian_loss(double mean, double s, double y) {
  s = clamped_log_deviation(s);
  const double error = (y - mean) * std::exp(-s);
  return std::log(2 * std::numbers::pi) / 2 + s + error * error / 2;
}

struct GaussianGradient {
  double mean, log_deviation;
};

inline GaussianGradient gaussian_gradient(double mean, double s, double y) {
  const double clamped = clamped_log_deviation(s), error = (y - mean) * std::exp(-clamped);
  return {-error * std::exp(-clamped), clamped == s ? 1 - error * error : 0};
}

}  // namespace unroll
