// Inside a model: private to model*.cpp and to probes that walk through the layers themselves.
#pragma once

#include <cassert>

#include "engine/base/array.h"
#include "engine/cells/plan.h"
#include "engine/cells/team_kernels.h"
#include "engine/model/attention.h"
#include "engine/model/model.h"
#include "engine/model/step_watch.h"

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
  int input = 0;               ///< I: width of the layer's input; V for a one-hot one
  size_t first = 0, last = 0;  ///< its parameters, of layer 0 with the embedding before it
  std::vector<size_t>
      tensors;      ///< offsets in the parameters, by the number of the tensor in the cell's graph
  size_t w_ih = 0;  ///< that of the input tensor
  Packed ih, ih_backward;
  std::vector<const float*> parameters;  ///< where each tensor begins
  std::unique_ptr<CellWeights> weights, derived_weights;
};

/// Stacked layers over their input.
struct Stack {
  std::vector<LayerParts> layers;
  size_t embedding = 0;  ///< offset in the parameters
  // One-hot input: row v of the table is the input part of layer 0 for character v, W_ihᵀ[v] + bias. (V, Gx·H)
  FloatArray input_table;
  std::vector<uint64_t> row_version;
  std::vector<int32_t> stale_rows;
};

/// By which passes a cell is run.
enum class Passes {
  fast,    ///< by hand where there are such, else as `derived`
  derived  ///< from its equations: for probes that need every value and gradient of them
};

struct ModelParts {
  LaneSpec spec;
  TaskShape shape;
  const kernels::Kernels* kernels = nullptr;
  std::shared_ptr<const CellGraph> graph;
  std::shared_ptr<const CellPlan> plan, derived_plan;  ///< the latter when it is first asked for
  std::vector<ParameterBlock> blocks;
  FloatArray parameters, gradients;
  uint64_t version = 1;  ///< counts changes of the parameters
  std::shared_ptr<Team> team;
  StepWatch* watch = nullptr;
  StepPart part = StepPart::other;  ///< that was entered last

  Stack main;     ///< below the output layer
  Stack encoder;  ///< reads what stands before Batch::turn; without layers unless shape.encoder
  size_t decoder_weight = 0, decoder_bias = 0;  ///< offsets in the parameters
  Packed decoder, decoder_backward;
  size_t attention_weight = 0;  ///< (H, 2H)
  Packed attention, attention_backward;

  bool one_hot() const { return !shape.reals && spec.embedding == 0; }
  bool embeds() const { return !shape.reals && spec.embedding > 0; }
  ptrdiff_t input_width() const { return ptrdiff_t{plan->input_blocks()} * spec.hidden; }
  const std::shared_ptr<const CellPlan>& plan_of(Passes);
  const float* packed(Packed&);
  /// The stack's table with the rows of `ids` up to date.
  const float* table_for(Stack&, std::span<const int32_t> ids);
  /// A layer's weights as its passes read them; with `backward`, those of its way back too.
  CellWeights& cell_weights(Stack&, int layer, bool backward, Passes = Passes::fast);
};

/// While it lives, the model is in this part of a step, then again in the one before.
class DuringPart {
 public:
  DuringPart(ModelParts& m, StepPart part) : m_(m), before_(m.part) { enter(part); }
  ~DuringPart() { enter(before_); }
  DuringPart(const DuringPart&) = delete;
  DuringPart& operator=(const DuringPart&) = delete;

 private:
  void enter(StepPart part) {
    m_.part = part;
    if (m_.watch) m_.watch->enter(part);
  }
  ModelParts& m_;
  StepPart before_;
};

/// Rows that one stack reads: those of the encoder, then those of the main stack.
struct Stretch {
  Stack* stack;
  int first, last;
};
struct Stretches {
  Stretch all[2];
  int count = 0;
  Stretches(ModelParts& m, int seq_length, int turn) {
    assert(turn == 0 || m.shape.encoder);
    if (turn > 0) all[count++] = {&m.encoder, 0, turn};
    if (turn < seq_length) all[count++] = {&m.main, turn, seq_length};
  }
  std::span<const Stretch> in_order() const { return {all, static_cast<size_t>(count)}; }
};

struct LayerBuffers {
  CellMemory cell;                               ///< forward arrays of the plan
  const CellWeights* weights = nullptr;          ///< of the last pass
  const CellWeights* encoder_weights = nullptr;  ///< … for rows before its turn
  FloatArray x, mask;  ///< (T·B, H) input after dropout, and its factors 0 or 1/(1 − p); layers ≥ 1 only
};

/// Of Head::ctc.
struct CtcBuffers {
  std::vector<int32_t> labels;      ///< of all sequences, one after the other
  std::vector<size_t> first_label;  ///< (B + 1)
  std::vector<double> numbers;      ///< of each member of the team as many as the longest sums need, `member`
  size_t member = 0;
};

/// Of whoever sums gradients.
struct SumBuffers {
  FloatArray d_table;                  ///< (min(V, T·B), Gx·H) sums of dz over the places of one character
  std::vector<int32_t> slot;           ///< (V) row of d_table that a character has in this pass, −1 = none
  std::vector<int32_t> seen;           ///< the characters of this pass in the order of their rows
  std::vector<int32_t> rows_of_table;  ///< (T·B) the row of each, r, or ~r where it is the row's first
  FloatArray d_bias;                   ///< (Gx·H) of the input part
  std::vector<float*> d_tensors;       ///< of a layer, by tensor
  std::vector<FloatArray> rights;      ///< gradients of right halves (shards.h), by their depth
  FloatArray part;                     ///< gradients of the streams that this member alone sums
  void allocate(const ModelParts&, size_t rows);
};

struct WorkspaceParts {
  int streams = 0, capacity = 0;  ///< that there is room for
  int batch = 0, seq_length = 0, outputs = 0;
  int turn = 0;  ///< of the last pass
  int hidden = 0;
  Passes passes = Passes::fast;
  std::shared_ptr<const CellPlan> plan;
  std::vector<LayerBuffers> layers;
  CellScratch
      scratch;  ///< of all layers, one after the other; its backward arrays are allocated by the first forward_backward
  FloatArray embedded;  ///< (T·B, E)
  FloatArray output;    ///< (T·B, O) logits, then probabilities or their gradient; or numbers
  FloatArray losses;    ///< (T·B)
  AttentionBuffers attention;
  CtcBuffers ctc;  ///< grows where a batch needs more than those before

  // Backward only; allocated by the first forward_backward.
  bool has_backward = false;
  FloatArray d_embedded;         ///< (T·B, E)
  std::vector<SumBuffers> sums;  ///< by member of the team

  ptrdiff_t rows() const { return ptrdiff_t{seq_length} * batch; }
  /// States of a layer, (T + 1, B, CellPlan::state_size), and of the one that goes up.
  float* state(size_t layer, int state) { return plan->state(layers[layer].cell, state); }
  float* h(size_t layer) { return state(layer, plan->graph().output); }
  /// The gradient of the latter, in the layer that went back last.
  float* dh() { return plan->state_gradient(scratch, plan->graph().output, 0, batch); }
  CellPass pass(const ModelParts& m, size_t layer, CellWeights& weights);
};

/// As Model::make_workspace, for passes of that kind.
std::unique_ptr<Workspace> make_workspace_for(ModelParts&, int seq_length, int batch, Passes);
/// Forward through all layers, of a whole batch or a part. `dropout` null = none.
void forward_layers(ModelParts&, WorkspaceParts&, const BatchView&, const RecurrentState&, Random* dropout,
                    const PartOfBatch& = {});
/// What the last pass left of an equation of the cell (of ModelParts::graph): H values, of row t·B + b; of a matrix all.
const float* value_of(const WorkspaceParts&, int layer, const CellEquation&, ptrdiff_t row);
/// The same of a state, before the row's character.
const float* state_before(const WorkspaceParts&, int layer, const CellState&, ptrdiff_t row);
/// The state after the pass' last character, layer by layer.
void carry_on(WorkspaceParts&, RecurrentState&);
/// Logits of the output layer for all rows into `output`; with attention, which looks back at the source in the state.
void forward_output(ModelParts&, WorkspaceParts&, const BatchView&, RecurrentState&);

/// Draws all parameters (model_init.cpp).
void initialise(ModelParts&, uint64_t seed);

}  // namespace unroll
