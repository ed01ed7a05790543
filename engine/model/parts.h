// Inside a model: private to model*.cpp and to probes that walk through the layers themselves.
#pragma once

#include <cassert>

#include "engine/base/array.h"
#include "engine/cells/cell.h"
#include "engine/model/model.h"

namespace unroll {

/// A packed copy of a weight matrix, made when it is first asked for after a change of the parameters.
struct Packed {
  int k = 0, n = 0;
  bool transposed = false;
  size_t offset = 0;  ///< of the weight in the parameters, (n, k) row-major when transposed, else (k, n)
  uint64_t version = 0;
  FloatArray data;
};

struct LayerParts {
  int input = 0;                                  ///< I: width of the layer's input; V for one-hot input
  size_t w_ih = 0, w_hh = 0, b_ih = 0, b_hh = 0;  ///< offsets in the parameters
  Packed hh, hh_backward, ih, ih_backward;
  FloatArray bias;  ///< (G·H) of the input part: b_ih, and b_hh where the cell has no hidden part of its own
  uint64_t bias_version = 0;
};

struct ModelParts {
  LaneSpec spec;
  int vocabulary = 0;
  const kernels::Kernels* kernels = nullptr;
  const CellTraits* cell = nullptr;
  std::vector<ParameterBlock> blocks;
  FloatArray parameters, gradients;
  uint64_t version = 1;  ///< counts changes of the parameters

  std::vector<LayerParts> layers;
  size_t embedding = 0, decoder_weight = 0, decoder_bias = 0;  ///< offsets in the parameters
  Packed decoder, decoder_backward;

  // One-hot input: row v of the table is the input part of layer 0 for character v, W_ihᵀ[v] + bias. (V, G·H)
  FloatArray input_table;
  std::vector<uint64_t> row_version;
  std::vector<int32_t> stale_rows;

  bool one_hot() const { return spec.embedding == 0; }
  ptrdiff_t gate_width() const { return ptrdiff_t{cell->gates} * spec.hidden; }
  const float* packed(Packed&);
  const float* bias(LayerParts&);
  /// The table with the rows of `ids` up to date.
  const float* table_for(std::span<const int32_t> ids);
  /// Weights of a layer's time loop; with `backward`, those of its way back too.
  LoopWeights cell_weights(int layer, bool backward);
};

struct LayerBuffers {
  FloatArray z, h, c, tanh_c, u;  ///< see LoopPass
  FloatArray x, mask;  ///< (T·B, H) input after dropout, and its factors 0 or 1/(1 − p); layers ≥ 1 only
};

struct WorkspaceParts {
  int batch = 0, capacity = 0, seq_length = 0, vocabulary = 0;
  int gates = 0, hidden = 0;
  std::vector<LayerBuffers> layers;
  FloatArray embedded;  ///< (T·B, E)
  FloatArray output;    ///< (T·B, V) logits, then probabilities or their gradient
  FloatArray losses;    ///< (T·B)

  // Backward only; allocated by the first forward_backward.
  FloatArray dh, dc, dz, du;   ///< see LoopGradients; shared by the layers, one after the other
  FloatArray d_table;          ///< (min(V, T·B), G·H) sums of dz over the places of one character
  std::vector<int32_t> slot;   ///< (V) row of d_table that a character has in this pass, −1 = none
  std::vector<int32_t> seen;   ///< the characters of this pass in the order of their rows
  FloatArray d_embedded;       ///< (T·B, E)
  FloatArray scratch;          ///< of gemm_tn
  float* gradients = nullptr;  ///< where the pass writes those of all parameters, in their layout

  ptrdiff_t rows() const { return ptrdiff_t{seq_length} * batch; }
  LoopPass pass(int layer);
};

/// Forward through all layers: activations of the top one are in the last LayerBuffers' h. `dropout` null =
/// none.
void forward_layers(ModelParts&, WorkspaceParts&, std::span<const int32_t> inputs, const RecurrentState&,
                    Random* dropout);
/// The state after the pass' last character, layer by layer.
void carry_on(const WorkspaceParts&, RecurrentState&);
/// Logits of the output layer for all rows into `output`.
void forward_output(ModelParts&, WorkspaceParts&);

/// Forward and backward: overwrites w.gradients with those of `scale` times the summed loss, returns the mean loss.
double forward_backward_pass(ModelParts&, WorkspaceParts&, std::span<const int32_t> inputs,
                             std::span<const int32_t> targets, RecurrentState&, float scale, Random* dropout);
/// Makes every copy of the weights that a pass over some of `inputs` reads, and room for the gradients: until the
/// parameters change, such passes with workspaces of their own may then run at once on several threads.
void prepare_passes(ModelParts&, std::span<const int32_t> inputs);

/// Draws all parameters (model_init.cpp).
void initialise(ModelParts&, uint64_t seed);

}  // namespace unroll
