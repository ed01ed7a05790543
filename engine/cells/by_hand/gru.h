// Gated recurrent unit (Cho et al. 2014, arXiv 1406.1078) in the variant of torch.nn.GRU, where the reset
// gate acts after the product. Rows of the weights in the order r z n; input part v = W_ih x_t + b_ih, hidden
// part u = W_hh h_{t−1} + b_hh:
//   r = σ(v_r + u_r)   z = σ(v_z + u_z)   n = tanh(v_n + r ∘ u_n)        h_t = (1 − z) ∘ n + z ∘ h_{t−1}
// Backward, with dh_t the whole gradient of h_t:
//   dv_n = dh_t ∘ (1 − z) ∘ (1 − n²)   dv_z = dh_t ∘ (h_{t−1} − n) ∘ z(1 − z)   dv_r = dv_n ∘ u_n ∘ r(1 − r)
//   du_r = dv_r   du_z = dv_z   du_n = dv_n ∘ r        dh_{t−1} += dh_t ∘ z + W_hhᵀ du
#pragma once

#include "engine/cells/by_hand/cell.h"

namespace unroll {

extern const CellTraits gru_cell;

}  // namespace unroll
