// A point of the plane that is foretold as a mixture of M normal densities with correlation, and P yes-or-no numbers beside it
// (Graves 2013, arXiv 1308.0850, section 4.1, formulas 15 to 25): the loss −ln p, its gradient, and drawing from it.
// Outputs of a row, O = 6M + P with 1 ≤ P ≤ 5: P logits; then, M of each: logits of the weights, means of x, means of y,
// logarithms of the deviations of x and of y, correlations. Targets of a row: x, y, and the P numbers, 0 or 1.
// The paper's correlation is the tanh of its output. Here it is that times .99, and logarithms of deviations go through a
// tanh as well: neither density nor gradient has a pole, and whatever a network says, none of it is not a number.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "engine/base/random.h"

namespace unroll {

inline constexpr double most_spread = 4;  ///< of the logarithm of a deviation, either way
inline constexpr double most_correlation = 0.99;
inline constexpr size_t most_components = 64;

/// How O outputs are divided.
struct MixtureShape {
  size_t components = 0, bits = 0;
  static constexpr MixtureShape of(size_t outputs) { return {outputs / 6, outputs % 6}; }
  constexpr size_t outputs() const { return 6 * components + bits; }
  constexpr size_t targets() const { return 2 + bits; }
};

/// One of the M densities, with its weight.
struct MixtureComponent {
  double log_weight;          ///< of its share: their exponentials add up to 1
  double x, y;                ///< the mean
  double spread_x, spread_y;  ///< logarithms of the deviations
  double correlation;
};

/// ln(1 + eˣ), without overflow.
inline double soft_plus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }
inline double logistic(double x) {
  const double e = std::exp(-std::abs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

/// What the outputs say. `bias` b: shares ∝ exp(π̂ (1 + b)) and deviations times e⁻ᵇ, which makes likely points likelier
/// (formulas 61 and 62).
template <class Number>
class Mixture {
 public:
  Mixture(const Number* outputs, size_t O, double bias = 0)
      : outputs_(outputs), shape_(MixtureShape::of(O)), bias_(bias) {
    assert(shape_.components >= 1 && shape_.components <= most_components && shape_.bits >= 1);
    double most = sharpened(weight(0)), sum = 0;
    for (size_t j = 1; j < size(); ++j) most = std::max(most, sharpened(weight(j)));
    for (size_t j = 0; j < size(); ++j) sum += std::exp(sharpened(weight(j)) - most);
    log_sum_ = most + std::log(sum);
  }

  size_t size() const { return shape_.components; }
  size_t bits() const { return shape_.bits; }
  double logit(size_t bit) const { return static_cast<double>(outputs_[bit]); }
  MixtureComponent component(size_t j) const {
    return {sharpened(weight(j)) - log_sum_,       at(1, j), at(2, j), spread(at(3, j)), spread(at(4, j)),
            most_correlation * std::tanh(at(5, j))};
  }

 private:
  double at(size_t kind, size_t j) const {
    return static_cast<double>(outputs_[shape_.bits + kind * shape_.components + j]);
  }
  double weight(size_t j) const { return at(0, j); }
  double sharpened(double logit) const { return logit * (1 + bias_); }
  double spread(double output) const { return most_spread * std::tanh(output / most_spread) - bias_; }

  const Number* outputs_;
  MixtureShape shape_;
  double bias_, log_sum_;
};

/// ln of the weight times the density at a point (formulas 24 and 25).
inline double log_density(const MixtureComponent& one, double x, double y) {
  const double dx = (x - one.x) * std::exp(-one.spread_x), dy = (y - one.y) * std::exp(-one.spread_y);
  const double rest = 1 - one.correlation * one.correlation;
  const double z = dx * dx + dy * dy - 2 * one.correlation * dx * dy;
  return one.log_weight - std::log(2 * std::numbers::pi) - one.spread_x - one.spread_y - std::log(rest) / 2 -
         z / (2 * rest);
}

/// ln of the whole density at a point; `each`, where it is there, gets those of the components.
template <class Number>
double log_density(const Mixture<Number>& mixture, double x, double y, double* each = nullptr) {
  std::array<double, most_components> logs;
  double most = 0, sum = 0;
  for (size_t j = 0; j < mixture.size(); ++j) {
    logs[j] = log_density(mixture.component(j), x, y);
    most = j == 0 ? logs[j] : std::max(most, logs[j]);
  }
  for (size_t j = 0; j < mixture.size(); ++j) sum += std::exp(logs[j] - most);
  if (each) std::copy_n(logs.data(), mixture.size(), each);
  return most + std::log(sum);
}

/// Formula 26, of one row.
template <class Number>
double mixture_loss(const Number* outputs, const float* targets, size_t O) {
  const Mixture mixture(outputs, O);
  double loss = -log_density(mixture, static_cast<double>(targets[0]), static_cast<double>(targets[1]));
  for (size_t bit = 0; bit < mixture.bits(); ++bit)
    loss += soft_plus(mixture.logit(bit)) - static_cast<double>(targets[2 + bit]) * mixture.logit(bit);
  return loss;
}

/// The same; and the outputs become its gradient, times scale (formulas 27 to 37).
inline double mixture_gradient(float* outputs, const float* targets, size_t O, double scale) {
  const Mixture mixture(outputs, O);
  const size_t M = mixture.size(), P = mixture.bits();
  const double x = static_cast<double>(targets[0]), y = static_cast<double>(targets[1]);
  std::array<double, most_components> logs;
  const double all = log_density(mixture, x, y, logs.data());
  const auto put = [&](size_t at, double value) { outputs[at] = static_cast<float>(scale * value); };
  double loss = -all;
  for (size_t j = 0; j < M; ++j) {
    const MixtureComponent one = mixture.component(j);
    const double share = std::exp(logs[j] - all);  // γ: how much of the density at the point is this one's
    const double inverse_x = std::exp(-one.spread_x), inverse_y = std::exp(-one.spread_y);
    const double dx = (x - one.x) * inverse_x, dy = (y - one.y) * inverse_y, r = one.correlation;
    const double c = 1 / (1 - r * r), z = dx * dx + dy * dy - 2 * r * dx * dy;
    const auto slope = [](double spread) { return 1 - spread * spread / (most_spread * most_spread); };
    put(P + j, std::exp(one.log_weight) - share);
    put(P + M + j, -share * c * (dx - r * dy) * inverse_x);
    put(P + 2 * M + j, -share * c * (dy - r * dx) * inverse_y);
    put(P + 3 * M + j, share * (1 - c * dx * (dx - r * dy)) * slope(one.spread_x));
    put(P + 4 * M + j, share * (1 - c * dy * (dy - r * dx)) * slope(one.spread_y));
    put(P + 5 * M + j,
        -share * c * (r + dx * dy - r * c * z) * (most_correlation - r * r / most_correlation));
  }
  for (size_t bit = 0; bit < P; ++bit) {
    const double logit = mixture.logit(bit), right = static_cast<double>(targets[2 + bit]);
    loss += soft_plus(logit) - right * logit;
    put(bit, logistic(logit) - right);
  }
  return loss;
}

/// A row drawn from what the outputs say: x, y, and the P numbers (2 + P of them). The logits are sharpened by the bias
/// as those of the weights are, of which the paper says nothing.
template <class Number>
void draw_from_mixture(const Number* outputs, size_t O, double bias, Random& random, float* drawn) {
  const Mixture mixture(outputs, O, bias);
  double left = (random.next() + 0.5) * 0x1p-32;
  size_t j = 0;
  for (; j + 1 < mixture.size(); ++j) {
    left -= std::exp(mixture.component(j).log_weight);
    if (left < 0) break;
  }
  const MixtureComponent one = mixture.component(j);
  const double a = random.normal(), b = random.normal(), r = one.correlation;
  drawn[0] = static_cast<float>(one.x + std::exp(one.spread_x) * a);
  drawn[1] = static_cast<float>(one.y + std::exp(one.spread_y) * (r * a + std::sqrt(1 - r * r) * b));
  for (size_t bit = 0; bit < mixture.bits(); ++bit) {
    const double yes = logistic(mixture.logit(bit) * (1 + bias));
    drawn[2 + bit] = (random.next() + 0.5) * 0x1p-32 < yes ? 1.0f : 0.0f;
  }
}

}  // namespace unroll
