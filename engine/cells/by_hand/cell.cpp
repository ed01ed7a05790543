#include "engine/cells/by_hand/cell.h"

#include "engine/cells/by_hand/gru.h"
#include "engine/cells/by_hand/lstm.h"
#include "engine/cells/by_hand/rnn.h"

namespace unroll {

const CellTraits* traits_of(std::string_view cell) {
  for (const CellTraits* traits : {&rnn_cell, &lstm_cell, &gru_cell})
    if (cell == traits->name) return traits;
  return nullptr;
}

void add_hidden_part(const kernels::Kernels& k, const LoopWeights& w, const LoopShare& share, int gates,
                     int hidden, const float* h, float* z) {
  const int width = gates * hidden;
  if (share.units == hidden) return k.gemm(h, hidden, w.w_hh, z, width, share.streams, width, hidden, true);
  for (ptrdiff_t gate = 0; gate < gates; ++gate)
    k.gemm(h, hidden, w.w_hh + (gate * hidden + share.first_unit) * hidden, z + gate * hidden, width,
           share.streams, share.units, hidden, true);
}

void add_hidden_gradient(const kernels::Kernels& k, const LoopWeights& w, const LoopShare& share, int gates,
                         int hidden, const float* dz, float* dh) {
  const int width = gates * hidden;
  k.gemm(dz, width, w.w_hh_backward + ptrdiff_t{share.first_unit} * width, dh, hidden, share.streams,
         share.units, width, true);
}

}  // namespace unroll
