// A model: [embedding →] 1–4 stacked recurrent layers [dropout between them] → linear output layer → the head of its task
// (engine/tasks/batch.h): softmax, or the numbers as they are; with the loss at every row. What a layer computes are the equations of its cell
// (engine/cells/graph.h), run by a plan (engine/cells/plan.h). Parameters, in the order of torch's state_dict where the
// cell is torch's:
//   embedding.weight (V, E)         the cell's tensors of each layer, rnn.{name}_l{k}
//   decoder.weight (O, H)           decoder.bias (O)
// Where the task has sources (TaskShape::encoder), these are read by as many layers of the same cell with weights of their
// own, encoder.{name}_l{k} [and encoder_embedding.weight], which come first; their last states are the first ones of rnn.
// With attention, attention.weight (H, 2H) stands before the decoder (engine/model/attention.h).
// A tensor of n blocks is (n·H, I), (n·H, H) or (n·H), with I the layer's input: V or E for the first, or the width of a
// real input, which has no embedding; else H. Names,
// shapes and gate order of rnn, lstm and gru are those of torch.nn (weight_ih, weight_hh, bias_ih, bias_hh).
// Sizes: V symbols, O outputs (V of language modelling), E embedding, H hidden_size, L layers, B batch, T seq_length. Rows of every (T, B, …)
// array are t·B + b. All storage is owned by Model (parameters, gradients: one flat array each, packed copies
// of the weights) and Workspace (activations). Steady-state calls allocate nothing. A Model is used by one
// thread at a time, forward included: it packs weights when they are first needed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/result.h"
#include "engine/cells/plan.h"
#include "engine/document/experiment.h"
#include "engine/kernels/kernels.h"
#include "engine/tasks/batch.h"

namespace unroll {

struct ModelParts;
struct WorkspaceParts;

/// One named tensor inside the flat parameter array.
struct ParameterBlock {
  std::string name;  ///< PyTorch's name
  int rows = 0;
  int cols = 0;  ///< 0 for a vector of `rows` elements
  size_t offset = 0;
  size_t size() const { return static_cast<size_t>(rows) * static_cast<size_t>(cols ? cols : 1); }
};

/// What `batch` streams carry from step to step: for each state of the cell, in the order of its file, the values of every
/// layer; a matrix as graph.h lays it out.
struct RecurrentState {
  int batch = 0;
  std::vector<std::vector<float>> states;  ///< (L, B, Model::state_size) each
  /// What attention looks back at: the top layer's outputs for the source read so far, (S, B, H), and where each begins, (B)
  /// or empty: 0 each.
  std::vector<float> source = {};
  std::vector<int32_t> starts = {};
};

/// The streams of a batch that a pass is given, where others are given the rest: which is its first, how many are in the whole
/// batch, and what the summed loss is multiplied with: 1 / total_weight of the batch.
struct PartOfBatch {
  int first = 0, batch = 0;
  float scale = 0;
};

/// Activations of one pass over at most (T, B); made by Model::make_workspace for that model, reused without
/// allocation. Memory for the backward pass is added at the first one.
class Workspace {
 public:
  ~Workspace();
  int batch() const;                      ///< B of the last pass
  int streams() const;                    ///< the largest B
  int capacity() const;                   ///< the longest T
  int seq_length() const;                 ///< T of the last pass
  std::span<const float> losses() const;  ///< (T·B), of the last pass that had targets
  /// Of attention, the weights of sequence b in row t of the last pass over each row of the source, (S); empty without.
  std::span<const float> attention(int t, int b) const;
  /// (T·B, O) probabilities, or the numbers, of the last forward(); forward_backward() uses them up.
  std::span<const float> outputs() const;
  std::span<const float> probabilities() const { return outputs(); }

  explicit Workspace(std::unique_ptr<WorkspaceParts>);
  WorkspaceParts& parts() const { return *parts_; }  ///< for the engine itself: engine/model/parts.h

 private:
  std::unique_ptr<WorkspaceParts> parts_;
};

class Model {
 public:
  /// Allocates and initialises as LaneSpec says (PyTorch's distributions; drawn from `seed` block by block,
  /// so the same weights everywhere). Errors when parameter_count exceeds Limits::parameters.
  static Result<Model> create(const LaneSpec& spec, const TaskShape& shape, uint64_t seed);
  static Result<Model> create(const LaneSpec& spec, int vocabulary, uint64_t seed) {
    return create(spec, language_shape(vocabulary), seed);
  }
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  /// The tensors that such a model has, without making it.
  static std::vector<ParameterBlock> blocks_of(const LaneSpec& spec, const TaskShape& shape);

  const LaneSpec& spec() const;
  const TaskShape& shape() const;
  int vocabulary() const { return shape().inputs; }  ///< of a model of language
  const kernels::Kernels& kernels() const;           ///< the table that was best() when the model was made
  const std::vector<ParameterBlock>& blocks() const;
  /// The block of a name that exists.
  const ParameterBlock& block(std::string_view name) const;
  std::span<float> parameters();
  std::span<const float> parameters() const;
  std::span<const float> gradients() const;  ///< of the last forward_backward; empty before the first

  /// Must follow every change of the parameters (the packed copies are made from them).
  void parameters_changed();
  uint64_t version() const;  ///< how often they changed, and one more

  /// From the next pass on its work is shared with these, null: nobody. What it computes stays the same to the last bit.
  void set_team(std::shared_ptr<Team>);
  Team* team() const;

  const CellGraph& graph() const;  ///< of its cell
  /// Numbers of a state of one stream in one layer: H, or of a matrix H · H / heads.
  size_t state_size(size_t state) const;
  /// The states before the first character.
  RecurrentState make_state(int batch) const;
  void restart(RecurrentState&) const;  ///< makes them so again
  /// Puts the parameters that have bounds back into them, after an update.
  void keep_bounds();
  std::unique_ptr<Workspace> make_workspace(int seq_length, int batch) const;
  /// Bytes of a workspace with everything the backward pass needs.
  static uint64_t workspace_bytes(const LaneSpec& spec, const TaskShape& shape, int seq_length, int batch);

  /// Forward over a batch, T and B at most the workspace's; carries `state` on: past a sequence's length it
  /// stays as it was, bit for bit, and so does what is read out of it. Returns the mean loss (see Batch), and leaves
  /// losses and outputs in the workspace. Without targets: NaN, and no losses. No dropout. Batch::restart is the caller's
  /// affair.
  double forward(Workspace&, const BatchView& batch, RecurrentState& state) const;
  /// Forward and backward: gradients of the mean loss, overwriting gradients(). `dropout` draws the masks; it
  /// is not used when spec().dropout is 0 or there is one layer.
  double forward_backward(Workspace&, const BatchView& batch, RecurrentState& state, Random& dropout);
  /// A part of that, which must be a node of the tree in shards.h: the gradients are that node's, and the losses are left in
  /// the workspace. `dropout` moves on as far as by the whole batch.
  void forward_backward(Workspace&, const BatchView& part, RecurrentState& state, Random& dropout,
                        const PartOfBatch&);
  /// Whether a batch can be cut into such parts: not where a cell's loops sum over all streams, nor with attention.
  bool has_parts() const;
  /// The same of language modelling: symbols (T, B), and those that follow.
  double forward(Workspace& workspace, std::span<const int32_t> inputs, std::span<const int32_t> targets,
                 RecurrentState& state) const {
    return forward(workspace, {workspace.batch(), inputs, targets}, state);
  }
  double forward_backward(Workspace& workspace, std::span<const int32_t> inputs,
                          std::span<const int32_t> targets, RecurrentState& state, Random& dropout) {
    return forward_backward(workspace, {workspace.batch(), inputs, targets}, state, dropout);
  }
  /// One character of one stream (workspace and state of batch 1), for sampling: the state moves on,
  /// `probabilities` gets V softmax values of the next character.
  void step(Workspace&, int32_t input, RecurrentState& state, std::span<float> probabilities) const;

  ModelParts& parts() const { return *parts_; }  ///< for the engine itself: engine/model/parts.h

 private:
  explicit Model(std::unique_ptr<ModelParts>);
  std::unique_ptr<ModelParts> parts_;
};

}  // namespace unroll
