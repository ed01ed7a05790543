// Long short-term memory (Hochreiter & Schmidhuber 1997) with the forget gate of Gers, Schmidhuber & Cummins
// (2000), as torch.nn.LSTM. Rows of the weights in the order i f g o:
//   z = W_ih x_t + b_ih + W_hh h_{t−1} + b_hh
//   i = σ(z_i)   f = σ(z_f)   g = tanh(z_g)   o = σ(z_o)
//   c_t = f ∘ c_{t−1} + i ∘ g        h_t = o ∘ tanh(c_t)
// Backward, with dh_t and dc_t what arrives from above and from the future:
//   dc_t += dh_t ∘ o ∘ (1 − tanh²(c_t))
//   dz_i = dc_t ∘ g ∘ i(1 − i)   dz_f = dc_t ∘ c_{t−1} ∘ f(1 − f)   dz_g = dc_t ∘ i ∘ (1 − g²)
//   dz_o = dh_t ∘ tanh(c_t) ∘ o(1 − o)        dc_{t−1} = dc_t ∘ f   dh_{t−1} += W_hhᵀ dz
#pragma once

#include "engine/cells/by_hand/cell.h"

namespace unroll {

extern const CellTraits lstm_cell;

}  // namespace unroll
