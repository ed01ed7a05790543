// Optimizers: one flat loop over all parameters. Formulas: torch.optim documentation of each class.
#pragma once

#include <cmath>

#include "engine/kernels/kernels.h"
#include "engine/kernels/math.h"

namespace unroll::kernels::UNROLL_ISA {

UNROLL_NOINLINE static void adam(const AdamStep& s, const float* gradient, float* mean, float* square,
                                 float* weight, size_t n) {
  const F step = set(s.rate / s.bias1), root_scale = set(1.0f / std::sqrt(s.bias2)), epsilon = set(s.epsilon);
  const F shrink = set(s.decoupled ? 1.0f - s.rate * s.weight_decay : 1.0f);
  const F decay = set(s.decoupled ? 0.0f : s.weight_decay), clip = set(s.gradient_scale);
  const F beta1 = set(s.beta1), beta2 = set(s.beta2), rest1 = set(1 - s.beta1), rest2 = set(1 - s.beta2);
  for_vectors(static_cast<ptrdiff_t>(n), [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
    const F before = load_n(weight + j, w) * shrink;
    const F g = fma(decay, before, load_n(gradient + j, w) * clip);
    const F m = fma(beta1, load_n(mean + j, w), rest1 * g);
    const F v = fma(beta2, load_n(square + j, w), rest2 * g * g);
    store_n(mean + j, m, w), store_n(square + j, v, w);
    store_n(weight + j, nfma(step, quotient(m, fma(root(v), root_scale, epsilon)), before), w);
  });
}

UNROLL_NOINLINE static void rmsprop(float rate, float alpha, float epsilon, float weight_decay,
                                    float gradient_scale, const float* gradient, float* square, float* weight,
                                    size_t n) {
  const F keep = set(alpha), rest = set(1 - alpha), decay = set(weight_decay), clip = set(gradient_scale);
  for_vectors(static_cast<ptrdiff_t>(n), [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
    const F before = load_n(weight + j, w);
    const F g = fma(decay, before, load_n(gradient + j, w) * clip);
    const F v = fma(keep, load_n(square + j, w), rest * g * g);
    store_n(square + j, v, w);
    store_n(weight + j, nfma(set(rate), quotient(g, root(v) + set(epsilon)), before), w);
  });
}

UNROLL_NOINLINE static void sgd(float rate, float momentum, float weight_decay, float gradient_scale,
                                bool first, const float* gradient, float* velocity, float* weight, size_t n) {
  const F keep = set(first ? 0.0f : momentum), decay = set(weight_decay), clip = set(gradient_scale);
  for_vectors(static_cast<ptrdiff_t>(n), [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
    const F before = load_n(weight + j, w);
    const F g = fma(decay, before, load_n(gradient + j, w) * clip);
    const F v = fma(keep, load_n(velocity + j, w), g);
    store_n(velocity + j, v, w);
    store_n(weight + j, nfma(set(rate), v, before), w);
  });
}

}  // namespace unroll::kernels::UNROLL_ISA
