#include <cmath>

#include "tests/reference/cells.h"

namespace unroll::reference {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

CellStep lstm_forward(const LayerWeights& weights, const Vector& x, const State& before) {
  CellStep step{.x = x, .before = before, .after = before, .gates = {}, .hidden_part = {}};
  const Vector z =
      sum(sum(times(weights.w_ih, x), weights.b_ih), sum(times(weights.w_hh, before.h), weights.b_hh));
  const size_t H = before.h.size();
  step.gates.resize(4 * H);
  for (size_t j = 0; j < H; ++j) {
    const double i = sigmoid(z[j]);            // how much of the new is let in
    const double f = sigmoid(z[H + j]);        // how much of the old is kept
    const double g = std::tanh(z[2 * H + j]);  // the new
    const double o = sigmoid(z[3 * H + j]);    // how much is shown
    const double c = f * before.c[j] + i * g;
    step.after.c[j] = c;
    step.after.h[j] = o * std::tanh(c);
    step.gates[j] = i, step.gates[H + j] = f, step.gates[2 * H + j] = g, step.gates[3 * H + j] = o;
  }
  return step;
}

CellBackward lstm_backward(const LayerWeights& weights, const CellStep& step, const State& d_after,
                           LayerWeights& d_weights) {
  const size_t H = step.before.h.size();
  Vector d_z(4 * H), d_c_before(H);
  for (size_t j = 0; j < H; ++j) {
    const double i = step.gates[j], f = step.gates[H + j], g = step.gates[2 * H + j],
                 o = step.gates[3 * H + j];
    const double tanh_c = std::tanh(step.after.c[j]);
    // c is used twice: by the next character, and by h = o · tanh(c).
    const double d_c = d_after.c[j] + d_after.h[j] * o * (1 - tanh_c * tanh_c);
    const double d_o = d_after.h[j] * tanh_c;
    const double d_i = d_c * g, d_f = d_c * step.before.c[j], d_g = d_c * i;
    d_z[j] = d_i * i * (1 - i);
    d_z[H + j] = d_f * f * (1 - f);
    d_z[2 * H + j] = d_g * (1 - g * g);
    d_z[3 * H + j] = d_o * o * (1 - o);
    d_c_before[j] = d_c * f;  // the path on which an lstm remembers: one factor f per character, no matrix
  }
  add_outer(d_weights.w_ih, d_z, step.x);
  add_outer(d_weights.w_hh, d_z, step.before.h);
  add(d_weights.b_ih, d_z);
  add(d_weights.b_hh, d_z);
  return {.d_x = transposed_times(weights.w_ih, d_z),
          .d_before = {.h = transposed_times(weights.w_hh, d_z), .c = d_c_before}};
}

}  // namespace unroll::reference
