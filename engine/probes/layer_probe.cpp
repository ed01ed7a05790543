#include "engine/probes/layer_probe.h"

#include <algorithm>
#include <optional>

#include "engine/cells/node_names.h"
#include "engine/model/double_model.h"
#include "engine/model/parts.h"

namespace unroll {
namespace {

constexpr size_t characters_at_once = 64;

}  // namespace

std::vector<CellRow> cell_rows(const CellGraph& graph) {
  const std::vector<std::string> names = node_names(graph);
  const std::vector<int> equations = equations_of_nodes(graph);
  std::vector<CellRow> before, rows;
  for (size_t n = 0; n < names.size(); ++n)
    if (!names[n].empty())
      (graph.nodes[n].op == CellOp::before ? before : rows)
          .push_back({names[n], static_cast<int>(n), equations[n]});
  rows.insert(rows.begin(), before.begin(), before.end());
  return rows;
}

class LayerMeter::Work {
 public:
  Work(const Model& model, Batch sequence, int layer, std::vector<CellRow> rows, size_t first, size_t count,
       Order order, InterventionSet interventions)
      : model_(model.parts()),
        graph_(model.parts().graph),
        sequence_(std::move(sequence)),
        length_(first + count),
        layer_(static_cast<size_t>(layer)),
        H_(static_cast<size_t>(model.spec().hidden)),
        rows_(std::move(rows)),
        first_(first),
        across_(order == Order::by_row ? count * H_ : H_),
        along_(order == Order::by_row ? H_ : rows_.size() * H_),
        values_(count * rows_.size() * H_) {
    if (!interventions.empty()) {
      doubles_.emplace(model, std::move(interventions));
    } else {
      workspace_ = model.make_workspace(static_cast<int>(characters_at_once), 1);
      state_ = model.make_state(1);
    }
  }

  bool advance() {
    if (place_ < read_) {
      float* values = &values_[(place_ - first_) * along_];
      for (const CellRow& row : rows_) {
        doubles_ ? copy_double(doubles_->layer(static_cast<int>(layer_)), row, values)
                 : copy(row, place_ - slice_, values);
        values += across_;
      }
      ++place_;
    } else if (read_ < length_) {
      read();
    }
    return place_ == length_;
  }

  const std::vector<float>& values() const { return values_; }

 private:
  /// The next characters; of those before first_ nothing is kept.
  void read() {
    slice_ = read_;
    const size_t count = std::min(doubles_ ? 1 : characters_at_once, length_ - read_);
    if (doubles_) {
      doubles_->read_row(sequence_, read_);
    } else {
      forward_layers(model_, workspace_->parts(), part_of(sequence_, read_, count), state_, nullptr);
      carry_on(workspace_->parts(), state_);
    }
    read_ += count;
    place_ = std::max(place_, std::min(read_, first_));
  }

  /// What the pass left of character t of the slice.
  void copy(const CellRow& row, size_t t, float* to) {
    const CellNode& node = graph_->nodes[static_cast<size_t>(row.node)];
    const int layer = static_cast<int>(layer_);
    const WorkspaceParts& w = workspace_->parts();
    const auto at = static_cast<ptrdiff_t>(t);
    if (row.equation >= 0) {
      const CellEquation& equation = graph_->equations[static_cast<size_t>(row.equation)];
      values_of_units(value_of(w, layer, equation, at), columns(node), H_, to);
    } else if (node.op == CellOp::before) {
      values_of_units(state_before(w, layer, graph_->states[static_cast<size_t>(node.state)], at),
                      columns(node), H_, to);
    } else {
      compute(t);
      copy_double(*again_, row, to);
    }
  }

  /// Character t of the slice once more in double precision, from the states that the pass had before it.
  void compute(size_t t) {
    if (computed_ == slice_ + t + 1) return;
    computed_ = slice_ + t + 1;
    const WorkspaceParts& w = workspace_->parts();
    const bool encodes = slice_ + t < static_cast<size_t>(sequence_.turn);
    const Stack& stack = encodes ? model_.encoder : model_.main;
    const int layer = static_cast<int>(layer_), I = stack.layers[layer_].input;
    const auto row = static_cast<ptrdiff_t>(t);
    if (!again_ || encodes != again_encodes_) {
      again_encodes_ = encodes;
      parameters_.clear();
      std::vector<size_t> offsets;
      size_t all = 0;
      for (const CellTensor& tensor : graph_->tensors) {
        offsets.push_back(all);
        const std::string name = (encodes ? "encoder." : "rnn.") + tensor.name + "_l" + std::to_string(layer);
        const auto block = std::ranges::find(model_.blocks, name, &ParameterBlock::name);
        const auto values = std::span(model_.parameters).subspan(block->offset, block->size());
        parameters_.insert(parameters_.end(), values.begin(), values.end());
        all += block->size();
      }
      again_.emplace(graph_, static_cast<int>(H_), I, std::move(offsets));
    }
    for (size_t s = 0; s < graph_->states.size(); ++s)
      std::copy_n(state_before(w, layer, graph_->states[s], row), again_->state(static_cast<int>(s)).size(),
                  again_->state(static_cast<int>(s)).begin());
    const size_t place = slice_ + t;
    const ptrdiff_t id = model_.shape.reals ? 0 : sequence_.symbols[place];
    if (layer_ == 0 && model_.one_hot()) return again_->step(parameters_.data(), {.hot = id});
    const CellState& output = graph_->states[static_cast<size_t>(graph_->output)];
    const float* x = layer_ > 0           ? state_before(w, layer - 1, output, row + 1)
                     : model_.shape.reals ? &sequence_.reals[place * static_cast<size_t>(I)]
                                          : &model_.parameters[stack.embedding] + id * I;
    input_.assign(x, x + I);
    again_->step(parameters_.data(), {.x = input_.data()});
  }

  void copy_double(const DoubleCell& cell, const CellRow& row, float* to) const {
    values_of_units(cell.node(row.node).data(), columns(graph_->nodes[static_cast<size_t>(row.node)]), H_,
                    to);
  }
  size_t columns(const CellNode& node) const {
    return static_cast<size_t>(columns_of(node, static_cast<int>(H_)));
  }

  ModelParts& model_;
  std::shared_ptr<const CellGraph> graph_;
  Batch sequence_;
  size_t length_;  // to the last place that is asked for
  size_t layer_, H_;
  std::vector<CellRow> rows_;
  size_t first_, across_, along_;  // values between two rows of a character, two characters of a row
  std::vector<float> values_;
  std::unique_ptr<Workspace> workspace_;  // null under interventions
  RecurrentState state_;
  std::optional<DoubleModel> doubles_;       // only under interventions
  size_t slice_ = 0, read_ = 0, place_ = 0;  // where the last slice begins, ends; the next character to keep
  std::optional<DoubleCell> again_;          // of the layer, without interventions
  bool again_encodes_ = false;               // … the encoder's
  size_t computed_ = 0;                      // the character that it has computed, counted from 1
  std::vector<double> parameters_, input_;   // of the layer
};

LayerMeter::LayerMeter(const Model& model, std::span<const int32_t> ids, int layer, std::vector<CellRow> rows,
                       size_t first, size_t count, Order order, InterventionSet interventions)
    : LayerMeter(model, symbols_alone(ids), layer, std::move(rows), first, count, order,
                 std::move(interventions)) {}
LayerMeter::LayerMeter(const Model& model, Batch sequence, int layer, std::vector<CellRow> rows, size_t first,
                       size_t count, Order order, InterventionSet interventions)
    : work_(std::make_unique<Work>(model, std::move(sequence), layer, std::move(rows), first, count, order,
                                   std::move(interventions))) {}
LayerMeter::~LayerMeter() = default;
bool LayerMeter::advance() { return work_->advance(); }
const std::vector<float>& LayerMeter::values() const { return work_->values(); }

}  // namespace unroll
