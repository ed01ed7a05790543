// Dot attention (Luong, Pham and Manning 2015, arXiv 1508.04025, global attention with the score "dot"): every row of a target
// looks back at all rows of its source. With h_t the top layer's output there, and k_s that of the encoder:
//   a_t = softmax over s of k_s · h_t      c_t = Σ_s a_t[s] k_s      what the output layer reads: tanh(W [c_t, h_t])
// W is attention.weight (H, 2H), without bias. Rows before a source's start are no part of it: their weights are exactly 0.
#pragma once

#include <cstdint>
#include <span>

#include "engine/base/array.h"

namespace unroll {

struct ModelParts;
struct WorkspaceParts;
struct RecurrentState;
struct BatchView;

/// What a pass keeps of it; D rows of targets, S of sources.
struct AttentionBuffers {
  int source = 0;              ///< S
  FloatArray weights;          ///< (B, T, S) a; of rows of a source nothing sensible
  FloatArray pair;             ///< (T·B, 2H) [c, h]
  FloatArray output;           ///< (T·B, H) what the output layer reads; of rows of a source h itself
  FloatArray keys, keys_back;  ///< of one sequence, packed as (H, S) and (S, H)
  FloatArray d_output, d_pair, d_weights;  ///< backward only; d_weights (T, S)

  std::span<const float> weights_of(int t, int b, int seq_length) const;
  /// Floats for one row of T·B, S at most the pass' length.
  static uint64_t row_floats(int hidden, int seq_length);
};

/// Reads the state's source into the buffers' output, for all rows of the pass.
void forward_attention(ModelParts&, WorkspaceParts&, const RecurrentState&);
/// From d_output to the gradients of `h` of all rows, (T, B, H), which it overwrites, and of attention.weight, which it
/// adds. The source must be the pass' own: all its rows were read by it.
void backward_attention(ModelParts&, WorkspaceParts&, const RecurrentState&, float* d_h);

}  // namespace unroll
