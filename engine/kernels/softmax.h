// Output layer: softmax, cross-entropy and its gradient over rows of logits, three passes over a row that stays in
// the nearest cache.
#pragma once

#include <cmath>

#include "engine/kernels/math.h"

namespace unroll::kernels::UNROLL_ISA {

/// Turns `row` into exp(row − its maximum); returns the maximum and, in `total`, the sum.
UNROLL_INLINE float exponentials(float* row, ptrdiff_t v, float& total) {
  F top = set(row[0]);
  ptrdiff_t j = 0;
  for (; j + W <= v; j += W) top = max(top, load(row + j));
  float highest = maximum(top);
  for (ptrdiff_t i = j; i < v; ++i) highest = row[i] > highest ? row[i] : highest;
  const F shift = set(highest);
  F sums = zero();
  for (j = 0; j + W <= v; j += W) {
    const F e = vexp_bounded(load(row + j) - shift);
    store(row + j, e);
    sums = sums + e;
  }
  total = sum(sums);
  if constexpr (W > 1)
    if (j < v) {
      const int rest = static_cast<int>(v - j);
      store_part(row + j, vexp_bounded(load_part(row + j, rest) - shift), rest);
      total += sum(load_part(row + j, rest));
    }
  return highest;
}

UNROLL_NOINLINE static void softmax_loss_gradient(float* logits, const int32_t* targets, float* losses,
                                                  float scale_by, int m, int v) {
  for (ptrdiff_t i = 0; i < m; ++i) {
    float* row = logits + i * v;
    const float target = row[targets[i]];
    float total = 0;
    const float highest = exponentials(row, v, total);
    losses[i] = std::log(total) + (highest - target);
    scale(scale_by / total, row, static_cast<size_t>(v));
    row[targets[i]] -= scale_by;
  }
}

UNROLL_NOINLINE static void softmax_loss(float* logits, const int32_t* targets, float* losses, int m, int v) {
  for (ptrdiff_t i = 0; i < m; ++i) {
    float* row = logits + i * v;
    const float target = row[targets[i]];
    float total = 0;
    const float highest = exponentials(row, v, total);
    losses[i] = std::log(total) + (highest - target);
    scale(1.0f / total, row, static_cast<size_t>(v));
  }
}

}  // namespace unroll::kernels::UNROLL_ISA
