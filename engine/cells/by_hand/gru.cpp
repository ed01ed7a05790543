#include "engine/cells/by_hand/gru.h"

#include <algorithm>

namespace unroll {
namespace {

constexpr const char* names[] = {"r", "z", "n"};

void forward(const kernels::Kernels& k, const LoopWeights& w, const LoopPass& pass, int first, int last) {
  const int B = pass.batch, H = pass.hidden;
  const ptrdiff_t state = ptrdiff_t{B} * H;
  for (ptrdiff_t t = first; t < last; ++t) {
    const float* h_prev = pass.h + t * state;
    float *v = pass.z + 3 * t * state, *u = pass.u + 3 * t * state, *h = pass.h + (t + 1) * state;
    for (ptrdiff_t b = 0; b < B; ++b) std::copy_n(w.b_hh, 3 * H, u + b * 3 * H);
    k.gemm(h_prev, H, w.w_hh, u, 3 * H, B, 3 * H, H, true);
    k.gru_gates(v, u, h_prev, h, B, H);
  }
}

void backward(const kernels::Kernels& k, const LoopWeights& w, const LoopPass& pass,
              const LoopGradients& grad, int first, int last) {
  const int B = pass.batch, H = pass.hidden;
  const ptrdiff_t state = ptrdiff_t{B} * H;
  for (ptrdiff_t t = last - 1; t >= first; --t) {
    const float *gates = pass.z + 3 * t * state, *u = pass.u + 3 * t * state;
    const float *h_prev = pass.h + t * state, *dh = grad.dh + (t + 1) * state;
    float *dz = grad.dz + 3 * t * state, *du = grad.du + 3 * t * state, *dh_prev = grad.dh + t * state;
    k.gru_gates_backward(gates, u, h_prev, dh, dh_prev, dz, du, B, H);
    if (t > 0) k.gemm(du, 3 * H, w.w_hh_backward, dh_prev, H, B, H, 3 * H, true);
  }
}

}  // namespace

const CellTraits gru_cell = {.name = "gru",
                             .gates = 3,
                             .gate_names = names,
                             .has_c = false,
                             .has_hidden_part = true,
                             .forward = forward,
                             .backward = backward};

}  // namespace unroll
