#include "engine/cells/by_hand/rnn.h"

namespace unroll {
namespace {

void forward(const kernels::Kernels& k, const LoopWeights& w, const LoopPass& pass, int first, int last) {
  const int B = pass.batch, H = pass.hidden;
  const ptrdiff_t state = ptrdiff_t{B} * H;
  for (ptrdiff_t t = first; t < last; ++t) {
    const float* h_prev = pass.h + t * state;
    float *z = pass.z + t * state, *h = pass.h + (t + 1) * state;
    k.gemm(h_prev, H, w.w_hh, z, H, B, H, H, true);
    const auto activate = w.relu ? k.rnn_relu : k.tanh;
    activate(z, h, static_cast<size_t>(state));
  }
}

void backward(const kernels::Kernels& k, const LoopWeights& w, const LoopPass& pass,
              const LoopGradients& grad, int first, int last) {
  const int B = pass.batch, H = pass.hidden;
  const ptrdiff_t state = ptrdiff_t{B} * H;
  for (ptrdiff_t t = last - 1; t >= first; --t) {
    const float *h = pass.h + (t + 1) * state, *dh = grad.dh + (t + 1) * state;
    float *dz = grad.dz + t * state, *dh_prev = grad.dh + t * state;
    const auto differentiate = w.relu ? k.rnn_relu_backward : k.rnn_tanh_backward;
    differentiate(h, dh, dz, static_cast<size_t>(state));
    if (t > 0) k.gemm(dz, H, w.w_hh_backward, dh_prev, H, B, H, H, true);
  }
}

}  // namespace

const CellTraits rnn_cell = {.name = "rnn",
                             .gates = 1,
                             .gate_names = {},
                             .has_c = false,
                             .has_hidden_part = false,
                             .forward = forward,
                             .backward = backward};

}  // namespace unroll
