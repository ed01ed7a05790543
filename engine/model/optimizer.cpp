#include "engine/model/optimizer.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace unroll {
namespace {

// torch.optim's defaults, which the experiment does not expose.
constexpr double epsilon = 1e-8;
constexpr double rmsprop_alpha = 0.99;

float narrow(double x) { return static_cast<float>(x); }

}  // namespace

double scheduled_rate(const TrainSpec& spec, double rate, int64_t index) {
  if (index < spec.warmup) return rate * static_cast<double>(index + 1) / static_cast<double>(spec.warmup);
  if (spec.schedule == Schedule::constant) return rate;
  const int64_t length = std::max<int64_t>(spec.steps - spec.warmup, 1);
  const double done = std::min(1.0, static_cast<double>(index - spec.warmup) / static_cast<double>(length));
  return rate * 0.5 * (1.0 + std::cos(std::numbers::pi * done));
}

double clip_factor(double norm, double clip) { return clip > 0 ? std::min(1.0, clip / (norm + 1e-6)) : 1.0; }

Optimizer::Optimizer(const TrainSpec& spec, size_t parameters, const kernels::Kernels& kernels)
    : kind_(spec.optimizer),
      momentum_(spec.momentum),
      beta1_(spec.beta1),
      beta2_(spec.beta2),
      weight_decay_(spec.weight_decay),
      kernels_(&kernels) {
  if (kind_ != OptimizerKind::rmsprop) state_.first.resize(parameters);
  if (kind_ != OptimizerKind::sgd) state_.second.resize(parameters);
}

void Optimizer::step(double rate, double gradient_scale, std::span<const float> gradients,
                     std::span<float> parameters, Team* team) {
  constexpr ptrdiff_t grain = 4096;
  const bool is_first = state_.steps++ == 0;
  const float full = narrow(rate), decay = narrow(weight_decay_), scale = narrow(gradient_scale);
  const double t = static_cast<double>(state_.steps);
  const kernels::AdamStep adam{
      .rate = full,
      .beta1 = narrow(beta1_),
      .beta2 = narrow(beta2_),
      .epsilon = narrow(epsilon),
      .weight_decay = decay,
      .bias1 = narrow(1.0 - std::pow(beta1_, t)),
      .bias2 = narrow(1.0 - std::pow(beta2_, t)),
      .decoupled = kind_ == OptimizerKind::adamw,
      .gradient_scale = scale,
  };
  divide(team, static_cast<ptrdiff_t>(parameters.size()), grain, [&](ptrdiff_t first, ptrdiff_t last, int) {
    const size_t n = static_cast<size_t>(last - first);
    const float* gradient = gradients.data() + first;
    float* weight = parameters.data() + first;
    switch (kind_) {
      case OptimizerKind::sgd:
        kernels_->sgd(full, narrow(momentum_), decay, scale, is_first, gradient, state_.first.data() + first,
                      weight, n);
        return;
      case OptimizerKind::rmsprop:
        kernels_->rmsprop(full, narrow(rmsprop_alpha), narrow(epsilon), decay, scale, gradient,
                          state_.second.data() + first, weight, n);
        return;
      case OptimizerKind::adam:
      case OptimizerKind::adamw:
        kernels_->adam(adam, gradient, state_.first.data() + first, state_.second.data() + first, weight, n);
        return;
    }
  });
}

// The formulas of step() solved for the difference, so that nothing cancels and float32 suffices.
void Optimizer::last_update(double rate, double gradient_scale, std::span<const float> gradients,
                            std::span<const float> parameters, size_t first, std::span<float> update) const {
  const auto part = [&](std::span<const float> all) { return all.subspan(first, update.size()).data(); };
  const float *gradient = part(gradients), *after = part(parameters);
  const float decay = narrow(weight_decay_), scale = narrow(gradient_scale), full = narrow(rate);
  const size_t n = update.size();
  switch (kind_) {
    case OptimizerKind::sgd: {
      const float* momentum = part(state_.first);
      for (size_t i = 0; i < n; ++i) update[i] = -full * momentum[i];
      return;
    }
    case OptimizerKind::rmsprop: {  // after = before − q (scale · gradient + decay · before)
      const float* squares = part(state_.second);
      for (size_t i = 0; i < n; ++i) {
        const float q = full / (std::sqrt(squares[i]) + narrow(epsilon));
        update[i] = -q * (scale * gradient[i] + decay * after[i]) / (1 - q * decay);
      }
      return;
    }
    case OptimizerKind::adam:
    case OptimizerKind::adamw: {  // adamw: after = (1 − shrink) before − full / bias1 · …
      const double t = static_cast<double>(state_.steps);
      const float by = narrow(rate / (1 - std::pow(beta1_, t)));
      const float root = narrow(1 / std::sqrt(1 - std::pow(beta2_, t)));
      const float shrink = kind_ == OptimizerKind::adamw ? full * decay : 0;
      const float *mean = part(state_.first), *squares = part(state_.second);
      for (size_t i = 0; i < n; ++i) {
        const float moved = by * mean[i] / (std::sqrt(squares[i]) * root + narrow(epsilon));
        update[i] = -(moved + shrink * after[i]) / (1 - shrink);
      }
      return;
    }
  }
}

void Optimizer::reset() {
  state_.steps = 0;
  std::ranges::fill(state_.first, 0.0f);
  std::ranges::fill(state_.second, 0.0f);
}

bool Optimizer::restore(const State& state) {
  const bool fits = state.first.size() == state_.first.size() && state.second.size() == state_.second.size();
  if (fits) state_ = state;
  return fits;
}

}  // namespace unroll
