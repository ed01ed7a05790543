#include "engine/cells/by_hand/rnn.h"

namespace unroll {
namespace {

/// body(place, how many) for each stretch of the share's values that lie together in a (B, H) array from `own` on.
template <class Body>
void each_stretch(const LoopShare& share, ptrdiff_t H, ptrdiff_t own, Body body) {
  if (share.units == H) return body(own, static_cast<size_t>(share.streams * H));
  for (ptrdiff_t b = 0; b < share.streams; ++b) body(own + b * H, static_cast<size_t>(share.units));
}

void forward(const kernels::Kernels& k, const LoopWeights& w, const LoopPass& pass, const LoopShare& share,
             int first, int last) {
  const int H = pass.hidden;
  const ptrdiff_t state = ptrdiff_t{pass.batch} * H, stream = ptrdiff_t{share.first_stream} * H;
  const auto activate = w.relu ? k.rnn_relu : k.tanh;
  for (ptrdiff_t t = first; t < last; ++t) {
    const ptrdiff_t before = t * state + stream, own = before + share.first_unit;
    add_hidden_part(k, w, share, 1, H, pass.h + before, pass.z + own);
    each_stretch(share, H, own,
                 [&](ptrdiff_t at, size_t n) { activate(pass.z + at, pass.h + at + state, n); });
    share.meet();
  }
}

void backward(const kernels::Kernels& k, const LoopWeights& w, const LoopPass& pass,
              const LoopGradients& grad, const LoopShare& share, int first, int last) {
  const int H = pass.hidden;
  const ptrdiff_t state = ptrdiff_t{pass.batch} * H, stream = ptrdiff_t{share.first_stream} * H;
  const auto differentiate = w.relu ? k.rnn_relu_backward : k.rnn_tanh_backward;
  for (ptrdiff_t t = last - 1; t >= first; --t) {
    const ptrdiff_t before = t * state + stream, own = before + share.first_unit;
    each_stretch(share, H, own, [&](ptrdiff_t at, size_t n) {
      differentiate(pass.h + at + state, grad.dh + at + state, grad.dz + at, n);
    });
    share.meet();
    if (t > 0) add_hidden_gradient(k, w, share, 1, H, grad.dz + before, grad.dh + own);
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
