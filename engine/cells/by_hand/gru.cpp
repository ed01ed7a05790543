#include "engine/cells/by_hand/gru.h"

#include <algorithm>

namespace unroll {
namespace {

constexpr const char* names[] = {"r", "z", "n"};

void forward(const kernels::Kernels& k, const LoopWeights& w, const LoopPass& pass, const LoopShare& share,
             int first, int last) {
  const int H = pass.hidden;
  const ptrdiff_t state = ptrdiff_t{pass.batch} * H, stream = ptrdiff_t{share.first_stream} * H;
  for (ptrdiff_t t = first; t < last; ++t) {
    const ptrdiff_t before = t * state + stream, own = before + share.first_unit;
    float *z = pass.z + 3 * before + share.first_unit, *u = pass.u + 3 * before + share.first_unit;
    for (ptrdiff_t b = 0; b < share.streams; ++b)
      for (ptrdiff_t gate = 0; gate < 3; ++gate)
        std::copy_n(w.b_hh + gate * H + share.first_unit, share.units, u + (3 * b + gate) * H);
    add_hidden_part(k, w, share, 3, H, pass.h + before, u);
    k.gru_gates(z, u, pass.h + own, pass.h + own + state, share.streams, H, share.units);
    share.meet();
  }
}

void backward(const kernels::Kernels& k, const LoopWeights& w, const LoopPass& pass,
              const LoopGradients& grad, const LoopShare& share, int first, int last) {
  const int H = pass.hidden;
  const ptrdiff_t state = ptrdiff_t{pass.batch} * H, stream = ptrdiff_t{share.first_stream} * H;
  for (ptrdiff_t t = last - 1; t >= first; --t) {
    const ptrdiff_t before = t * state + stream, own = before + share.first_unit;
    const ptrdiff_t gates = 3 * before + share.first_unit;
    k.gru_gates_backward(pass.z + gates, pass.u + gates, pass.h + own, grad.dh + own + state, grad.dh + own,
                         grad.dz + gates, grad.du + gates, share.streams, H, share.units);
    share.meet();
    if (t > 0) add_hidden_gradient(k, w, share, 3, H, grad.du + 3 * before, grad.dh + own);
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
