// The loops of rnn, lstm and gru by hand, one file each, on raw pointers: the fast path of a plan (plan.h) whose equations
// are theirs. A loop runs over the time steps of one layer whose input part W_ih x + b is already there, and backward gives
// the gradient of that input part; the products with W_ih and the weight gradients, which need no time loop, are the plan's
// and the model's.
//
// Sizes: T time steps, B batch, H hidden_size, G gates (blocks of H rows in the weights, in PyTorch's order).
// State arrays have T + 1 entries of (B, H): entry t is the state before character t, entry t + 1 the one
// after it.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "engine/base/team.h"
#include "engine/kernels/kernels.h"

namespace unroll {

/// Weights of one layer as its time loop needs them.
struct LoopWeights {
  const float* w_hh;           ///< W_hhᵀ packed as (H, G·H): h · W_hhᵀ
  const float* w_hh_backward;  ///< W_hh packed as (G·H, H): dz · W_hh; only for backward
  const float* b_hh;           ///< (G·H); gru only, elsewhere it is part of the input part
  bool relu;                   ///< rnn only: relu instead of tanh
};

/// What a pass keeps of one layer: written by forward, read by backward and by probes.
struct LoopPass {
  int batch, hidden;
  float* z;       ///< (T, B, G·H) in: input part; out: gate activations (rnn: pre-activations)
  float* h;       ///< (T + 1, B, H), entry 0 given
  float* c;       ///< (T + 1, B, H), entry 0 given; lstm only
  float* tanh_c;  ///< (T, B, H); lstm only
  float* u;       ///< (T, B, 3H) hidden part W_hh h + b_hh; gru only
};

/// Gradients of a loss on the way back through one layer.
struct LoopGradients {
  float* dh;  ///< (T + 1, B, H) aligned with h. In: from above, for entries 1 … T; out: the whole gradient of
              ///< these
  float* dc;  ///< (B, H) in: of c after the last step; out: of c before the first one; lstm only
  float* dz;  ///< (T, B, G·H) out: of the input part
  float* du;  ///< (T, B, G·H) out: of the hidden part. The same array as dz except for the gru
};

/// What one member of a team does of a loop: these streams of the batch, and of each of their states these units. Alone: all.
struct LoopShare {
  int first_stream, streams, first_unit, units;
  Team* team = nullptr;
  int group = 0, members = 1;  ///< who have the same streams: they wait for each other once a step

  void meet() const {
    if (members > 1) team->meet(group, members);
  }
};

/// z += h · W_hhᵀ at the share's units of each gate: h of the share's streams, z from its first unit on.
void add_hidden_part(const kernels::Kernels&, const LoopWeights&, const LoopShare&, int gates, int hidden,
                     const float* h, float* z);
/// dh += dz · W_hh at the share's units: dz of the share's streams, dh from its first unit on.
void add_hidden_gradient(const kernels::Kernels&, const LoopWeights&, const LoopShare&, int gates, int hidden,
                         const float* dz, float* dh);

/// What its file says of a cell, as far as the loops need it, and its two loops, over time steps first … last − 1 (forward) and last − 1 … first
/// (backward), so that a caller may stop in between. Backward from `last` expects dh of entry `last` to be
/// complete, and stops short of entry 0 (dh[0] is left incomplete: truncated BPTT does not need it).
struct CellTraits {
  const char* name;  ///< "lstm"
  int gates;         ///< G
  std::span<const char* const>
      gate_names;        ///< G names in the order of the rows; none for the rnn, which has no gate
  bool has_c;            ///< carries a cell state beside h
  bool has_hidden_part;  ///< keeps u and adds b_hh inside the loop
  void (*forward)(const kernels::Kernels&, const LoopWeights&, const LoopPass&, const LoopShare&, int first,
                  int last);
  void (*backward)(const kernels::Kernels&, const LoopWeights&, const LoopPass&, const LoopGradients&,
                   const LoopShare&, int first, int last);
};

/// Those of a cell by its name; null unless it is "rnn", "lstm" or "gru".
const CellTraits* traits_of(std::string_view cell);

}  // namespace unroll
