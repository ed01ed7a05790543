// The plain recurrent unit of Elman (1990), as torch.nn.RNN:
//   h_t = tanh(W_ih x_t + b_ih + W_hh h_{t−1} + b_hh), or relu in tanh's place
// Backward, with dh_t the whole gradient of h_t:
//   dz = dh_t ∘ (1 − h_t²), for relu dh_t ∘ [h_t > 0]        dh_{t−1} += W_hhᵀ dz
#pragma once

#include "engine/cells/by_hand/cell.h"

namespace unroll {

extern const CellTraits rnn_cell;

}  // namespace unroll
