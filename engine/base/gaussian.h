// The normal density as a loss: of a target y that was foretold with a mean m and the logarithm s of a deviation,
// −ln p(y) = ln √2π + s + ((y − m) e⁻ˢ)² / 2, and its gradient with respect to m and s (Nix & Weigend 1994).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
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

/// Of K numbers the mean loss; outputs: K means, then K logarithms of deviations.
template <class Number>
double gaussian_loss(const Number* outputs, const float* targets, size_t K) {
  double sum = 0;
  for (size_t k = 0; k < K; ++k)
    sum += gaussian_loss(static_cast<double>(outputs[k]), static_cast<double>(outputs[K + k]),
                         static_cast<double>(targets[k]));
  return sum / static_cast<double>(K);
}

/// The outputs become the gradient of that, times scale.
inline void gaussian_gradient(float* outputs, const float* targets, size_t K, double scale) {
  const double factor = scale / static_cast<double>(K);
  for (size_t k = 0; k < K; ++k) {
    const auto [mean, log_deviation] =
        gaussian_gradient(static_cast<double>(outputs[k]), static_cast<double>(outputs[K + k]),
                          static_cast<double>(targets[k]));
    outputs[k] = static_cast<float>(factor * mean);
    outputs[K + k] = static_cast<float>(factor * log_deviation);
  }
}

}  // namespace unroll
