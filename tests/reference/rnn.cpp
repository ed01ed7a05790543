#include <cmath>

#include "tests/reference/cells.h"

namespace unroll::reference {

CellStep rnn_forward(const LayerWeights& weights, Nonlinearity nonlinearity, const Vector& x,
                     const State& before) {
  CellStep step{.x = x, .before = before, .after = {}, .gates = {}, .hidden_part = {}};
  const Vector z =
      sum(sum(times(weights.w_ih, x), weights.b_ih), sum(times(weights.w_hh, before.h), weights.b_hh));
  for (const double value : z)
    step.after.h.push_back(nonlinearity == Nonlinearity::tanh ? std::tanh(value) : std::fmax(value, 0.0));
  return step;
}

CellBackward rnn_backward(const LayerWeights& weights, Nonlinearity nonlinearity, const CellStep& step,
                          const State& d_after, LayerWeights& d_weights) {
  Vector d_z;
  for (size_t j = 0; j < step.after.h.size(); ++j) {
    const double h = step.after.h[j];
    const double slope = nonlinearity == Nonlinearity::tanh ? 1 - h * h : h > 0 ? 1.0 : 0.0;
    d_z.push_back(d_after.h[j] * slope);
  }
  add_outer(d_weights.w_ih, d_z, step.x);
  add_outer(d_weights.w_hh, d_z, step.before.h);
  add(d_weights.b_ih, d_z);
  add(d_weights.b_hh, d_z);
  return {.d_x = transposed_times(weights.w_ih, d_z),
          .d_before = {.h = transposed_times(weights.w_hh, d_z), .c = {}}};
}

}  // namespace unroll::reference
