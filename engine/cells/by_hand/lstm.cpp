#include "engine/cells/by_hand/lstm.h"

namespace unroll {
namespace {

constexpr const char* names[] = {"i", "f", "g", "o"};

void forward(const kernels::Kernels& k, const LoopWeights& w, const LoopPass& pass, const LoopShare& share,
             int first, int last) {
  const int H = pass.hidden;
  const ptrdiff_t state = ptrdiff_t{pass.batch} * H, stream = ptrdiff_t{share.first_stream} * H;
  for (ptrdiff_t t = first; t < last; ++t) {
    const ptrdiff_t before = t * state + stream, own = before + share.first_unit, next = own + state;
    float* z = pass.z + 4 * before + share.first_unit;
    add_hidden_part(k, w, share, 4, H, pass.h + before, z);
    k.lstm_gates(z, pass.c + own, pass.c + next, pass.tanh_c + own, pass.h + next, share.streams, H,
                 share.units);
    share.meet();
  }
}

void backward(const kernels::Kernels& k, const LoopWeights& w, const LoopPass& pass,
              const LoopGradients& grad, const LoopShare& share, int first, int last) {
  const int H = pass.hidden;
  const ptrdiff_t state = ptrdiff_t{pass.batch} * H, stream = ptrdiff_t{share.first_stream} * H;
  for (ptrdiff_t t = last - 1; t >= first; --t) {
    const ptrdiff_t before = t * state + stream, own = before + share.first_unit;
    const ptrdiff_t gates = 4 * before + share.first_unit;
    k.lstm_gates_backward(pass.z + gates, pass.c + own, pass.tanh_c + own, grad.dh + own + state,
                          grad.dc + stream + share.first_unit, grad.dz + gates, share.streams, H,
                          share.units);
    share.meet();
    if (t > 0) add_hidden_gradient(k, w, share, 4, H, grad.dz + 4 * before, grad.dh + own);
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
