#include "engine/cells/by_hand/lstm.h"

namespace unroll {
namespace {

constexpr const char* names[] = {"i", "f", "g", "o"};

void forward(const kernels::Kernels& k, const LoopWeights& w, const LoopPass& pass, int first, int last) {
  const int B = pass.batch, H = pass.hidden;
  const ptrdiff_t state = ptrdiff_t{B} * H;
  for (ptrdiff_t t = first; t < last; ++t) {
    const float *h_prev = pass.h + t * state, *c_prev = pass.c + t * state;
    float *z = pass.z + 4 * t * state, *tanh_c = pass.tanh_c + t * state;
    float *h = pass.h + (t + 1) * state, *c = pass.c + (t + 1) * state;
    k.gemm(h_prev, H, w.w_hh, z, 4 * H, B, 4 * H, H, true);
    k.lstm_gates(z, c_prev, c, tanh_c, h, B, H);
  }
}

void backward(const kernels::Kernels& k, const LoopWeights& w, const LoopPass& pass,
              const LoopGradients& grad, int first, int last) {
  const int B = pass.batch, H = pass.hidden;
  const ptrdiff_t state = ptrdiff_t{B} * H;
  for (ptrdiff_t t = last - 1; t >= first; --t) {
    const float *gates = pass.z + 4 * t * state, *c_prev = pass.c + t * state;
    const float *tanh_c = pass.tanh_c + t * state, *dh = grad.dh + (t + 1) * state;
    float *dz = grad.dz + 4 * t * state, *dh_prev = grad.dh + t * state;
    k.lstm_gates_backward(gates, c_prev, tanh_c, dh, grad.dc, dz, B, H);
    if (t > 0) k.gemm(dz, 4 * H, w.w_hh_backward, dh_prev, H, B, H, 4 * H, true);
  }
}

}  // namespace

const CellTraits lstm_cell = {.name = "lstm",
                              .gates = 4,
                              .gate_names = names,
                              .has_c = true,
                              .has_hidden_part = false,
                              .forward = forward,
                              .backward = backward};

}  // namespace unroll
