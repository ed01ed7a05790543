#include "engine/probes/layer_probe.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/base/affine.h"
#include "engine/model/double_model.h"
#include "engine/model/parts.h"

namespace unroll {
namespace {

constexpr size_t characters_at_once = 64;

}  // namespace

std::vector<CellRow> cell_rows(std::string_view cell) {
  using Kind = CellRow::Kind;
  const CellTraits& traits = cell_traits(cell);
  std::vector<CellRow> rows{{"h_prev", Kind::h_before}};
  if (traits.has_c) rows.push_back({"c_prev", Kind::c_before});
  for (const Kind kind : {Kind::x, Kind::u, Kind::gate}) {
    const std::string part = kind == Kind::x ? "x" : kind == Kind::u ? "u" : "";
    for (size_t gate = 0; gate < traits.gate_names.size(); ++gate)
      rows.push_back({part + (part.empty() ? "" : ".") + traits.gate_names[gate], kind, gate});
    if (traits.gate_names.empty() && kind != Kind::gate) rows.push_back({part, kind});
  }
  if (traits.has_c) {
    rows.push_back({"c", Kind::c});
    rows.push_back({"tanh_c", Kind::tanh_c});
  }
  rows.push_back({"h", Kind::h});
  return rows;
}

class LayerMeter::Work {
 public:
  Work(const Model& model, std::span<const int32_t> ids, int layer, std::vector<CellRow> rows, size_t first,
       size_t count, Order order, InterventionSet interventions)
      : model_(model.parts()),
        ids_(ids.begin(), ids.begin() + static_cast<ptrdiff_t>(first + count)),
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
        doubles_ ? copy_double(row, values) : copy(row, place_ - slice_, values);
        values += across_;
      }
      ++place_;
    } else if (read_ < ids_.size()) {
      read();
    }
    return place_ == ids_.size();
  }

  const std::vector<float>& values() const { return values_; }

 private:
  /// The next characters; of those before first_ nothing is kept.
  void read() {
    slice_ = read_;
    const size_t count = std::min(doubles_ ? 1 : characters_at_once, ids_.size() - read_);
    if (doubles_) {
      doubles_->read(ids_[read_]);
    } else {
      forward_layers(model_, workspace_->parts(), std::span(ids_).subspan(read_, count), state_, nullptr);
      carry_on(workspace_->parts(), state_);
    }
    read_ += count;
    place_ = std::max(place_, std::min(read_, first_));
  }

  /// What the pass left of character t of the slice.
  void copy(const CellRow& row, size_t t, float* to) {
    using Kind = CellRow::Kind;
    const WorkspaceParts& w = workspace_->parts();
    const CellGraph& graph = *model_.graph;
    const int layer_number = static_cast<int>(layer_);
    const ptrdiff_t at = static_cast<ptrdiff_t>(t);
    const CellState &h = graph.states[static_cast<size_t>(graph.output)], &c = graph.states[0];
    const auto from = [&](const CellState& state, ptrdiff_t entry) {
      std::copy_n(state_before(w, layer_number, state, entry), H_, to);
    };
    switch (row.kind) {
      case Kind::h_before:
        return from(h, at);
      case Kind::c_before:
        return from(c, at);
      case Kind::gate:
        std::copy_n(value_of(w, layer_number, *graph.equation(row.name), at), H_, to);
        return;
      case Kind::c:
        return from(c, at + 1);
      case Kind::tanh_c:
        return model_.kernels->tanh(state_before(w, layer_number, c, at + 1), to, H_);
      case Kind::h:
        return from(h, at + 1);
      case Kind::x:
      case Kind::u:
        break;
    }
    const LayerParts& layer = model_.layers[layer_];
    const bool is_x = row.kind == Kind::x;
    const size_t I = is_x ? static_cast<size_t>(layer.input) : H_;
    const size_t id = static_cast<size_t>(ids_[slice_ + t]);
    const auto parameters = [&](const char* name) {
      const auto tensor = std::ranges::find(model_.graph->tensors, name, &CellTensor::name);
      return layer.parameters[static_cast<size_t>(tensor - model_.graph->tensors.begin())];
    };
    const float* p = model_.parameters.data();
    const float* weight = parameters(is_x ? "weight_ih" : "weight_hh") + row.gate * H_ * I;
    const float* b = parameters(is_x ? "bias_ih" : "bias_hh") + row.gate * H_;
    product_.resize(H_);
    if (is_x && layer_ == 0 && model_.one_hot()) {
      affine_one_hot(weight, b, H_, I, id, product_.data());
    } else {
      const float* x = !is_x         ? state_before(w, layer_number, h, at)
                       : layer_ == 0 ? p + model_.embedding + id * I
                                     : state_before(w, layer_number - 1, h, at + 1);
      input_.assign(x, x + I);
      affine(weight, b, H_, I, input_.data(), product_.data());
    }
    std::ranges::transform(product_, to, [](double value) { return static_cast<float>(value); });
  }

  void copy_double(const CellRow& row, float* to) const {
    using Kind = CellRow::Kind;
    const DoubleModel::Reading& reading = doubles_->layer(static_cast<int>(layer_));
    const std::vector<double>* values[] = {&reading.h_before, &reading.c_before, &reading.x, &reading.u,
                                           &reading.gates,    &reading.c,        &reading.c, &reading.h};
    const double* from = values[static_cast<size_t>(row.kind)]->data() + row.gate * H_;
    for (size_t j = 0; j < H_; ++j)
      to[j] = static_cast<float>(row.kind == Kind::tanh_c ? std::tanh(from[j]) : from[j]);
  }

  ModelParts& model_;
  std::vector<int32_t> ids_;  // to the last character that is asked for
  size_t layer_, H_;
  std::vector<CellRow> rows_;
  size_t first_, across_, along_;  // values between two rows of a character, two characters of a row
  std::vector<float> values_;
  std::unique_ptr<Workspace> workspace_;  // null under interventions
  RecurrentState state_;
  std::optional<DoubleModel> doubles_;       // only under interventions
  size_t slice_ = 0, read_ = 0, place_ = 0;  // where the last slice begins, ends; the next character to keep
  std::vector<double> input_, product_;
};

LayerMeter::LayerMeter(const Model& model, std::span<const int32_t> ids, int layer, std::vector<CellRow> rows,
                       size_t first, size_t count, Order order, InterventionSet interventions)
    : work_(std::make_unique<Work>(model, ids, layer, std::move(rows), first, count, order,
                                   std::move(interventions))) {}
LayerMeter::~LayerMeter() = default;
bool LayerMeter::advance() { return work_->advance(); }
const std::vector<float>& LayerMeter::values() const { return work_->values(); }

}  // namespace unroll
