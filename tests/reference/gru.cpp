#include <cmath>

#include "tests/reference/cells.h"

namespace unroll::reference {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

CellStep gru_forward(const LayerWeights& weights, const Vector& x, const State& before) {
  CellStep step{.x = x, .before = before, .after = before, .gates = {}, .hidden_part = {}};
  const Vector v = sum(times(weights.w_ih, x), weights.b_ih);
  const Vector u = sum(times(weights.w_hh, before.h), weights.b_hh);
  const size_t H = before.h.size();
  step.gates.resize(3 * H);
  for (size_t j = 0; j < H; ++j) {
    const double r = sigmoid(v[j] + u[j]);                        // how much of the past the proposal sees
    const double z = sigmoid(v[H + j] + u[H + j]);                // how much of the old state stays
    const double n = std::tanh(v[2 * H + j] + r * u[2 * H + j]);  // the proposal
    step.after.h[j] = (1 - z) * n + z * before.h[j];
    step.gates[j] = r, step.gates[H + j] = z, step.gates[2 * H + j] = n;
  }
  step.hidden_part = u;
  return step;
}

CellBackward gru_backward(const LayerWeights& weights, const CellStep& step, const State& d_after,
                          LayerWeights& d_weights) {
  const size_t H = step.before.h.size();
  Vector d_v(3 * H), d_u(3 * H), d_h_before(H);
  for (size_t j = 0; j < H; ++j) {
    const double r = step.gates[j], z = step.gates[H + j], n = step.gates[2 * H + j];
    const double d_h = d_after.h[j];
    const double d_n = d_h * (1 - z) * (1 - n * n);  // of what is inside the tanh
    const double d_r = d_n * step.hidden_part[2 * H + j];
    const double d_z = d_h * (step.before.h[j] - n);
    d_v[j] = d_u[j] = d_r * r * (1 - r);
    d_v[H + j] = d_u[H + j] = d_z * z * (1 - z);
    d_v[2 * H + j] = d_n;
    d_u[2 * H + j] = d_n * r;
    d_h_before[j] = d_h * z;  // the path on which a gru remembers
  }
  add_outer(d_weights.w_ih, d_v, step.x);
  add_outer(d_weights.w_hh, d_u, step.before.h);
  add(d_weights.b_ih, d_v);
  add(d_weights.b_hh, d_u);
  return {.d_x = transposed_times(weights.w_ih, d_v),
          .d_before = {.h = sum(d_h_before, transposed_times(weights.w_hh, d_u)), .c = {}}};
}

}  // namespace unroll::reference
