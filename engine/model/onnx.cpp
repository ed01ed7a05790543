#include "engine/model/onnx.h"

#include "engine/base/json.h"
#include "engine/base/utf8.h"
#include "engine/model/onnx_graph.h"
#include "engine/text/text.h"

namespace unroll {

using onnx::Dimension;
using onnx::Graph;
using onnx::Type;

namespace {

constexpr int ir_version = 8, opset = 17;

class Writer {
 public:
  explicit Writer(const Model& model)
      : model_(model), spec_(model.spec()), shape_(model.shape()), graph_(model.graph().name) {}

  ProtoMessage run() {
    std::string x = input();
    for (const CellState& state : model_.graph().states)
      graph_.input(state.name + "_before", Type::real, stacked(state));
    std::vector<std::vector<std::string>> after(model_.graph().states.size());
    for (int k = 0; k < spec_.layers; ++k) {
      const onnx::Layer layer = layer_of(k, x);
      onnx::LayerResult result;
      if (!onnx::add_operator(graph_, layer, result)) result = onnx::add_scan(graph_, layer);
      x = result.h;
      for (size_t s = 0; s < after.size(); ++s) after[s].push_back(result.after[s]);
    }
    output(x);
    for (size_t s = 0; s < after.size(); ++s) {
      const CellState& state = model_.graph().states[s];
      graph_.node("Concat", after[s], state.name + "_after", onnx::Attributes().add("axis", int64_t{0}));
      graph_.output(state.name + "_after", Type::real, stacked(state));
    }
    return graph_.finished();
  }

 private:
  std::vector<Dimension> stacked(const CellState& state) const {
    std::vector<Dimension> shape = onnx::shape_of(state, spec_.hidden);
    shape.insert(shape.begin(), {int64_t{spec_.layers}, "batch"});
    return shape;
  }
  std::span<const float> values(const std::string& name) const {
    const ParameterBlock& block = model_.block(name);
    return model_.parameters().subspan(block.offset, block.size());
  }

  /// What goes in, as vectors (T, B, I).
  std::string input() {
    if (shape_.reals) {
      graph_.input("x", Type::real, {"time", "batch", int64_t{shape_.inputs}});
      return "x";
    }
    graph_.input("ids", Type::integer, {"time", "batch"});
    if (spec_.embedding > 0)
      return graph_.node(
          "Gather",
          {graph_.constant("embedding.weight", {shape_.inputs, spec_.embedding}, values("embedding.weight")),
           "ids"},
          "embedded");
    const float off_and_on[] = {0, 1};
    return graph_.node(
        "OneHot",
        {"ids", graph_.constant("symbols", {shape_.inputs}), graph_.constant("off and on", {2}, off_and_on)},
        "one-hot");
  }

  onnx::Layer layer_of(int k, const std::string& x) {
    const bool embeds = spec_.embedding > 0 && !shape_.reals;
    onnx::Layer layer{.cell = model_.graph(),
                      .hidden = spec_.hidden,
                      .input = k > 0    ? spec_.hidden
                               : embeds ? spec_.embedding
                                        : shape_.inputs,
                      .name = "l" + std::to_string(k),
                      .tensors = {},
                      .x = x,
                      .before = {}};
    for (const CellTensor& tensor : layer.cell.tensors)
      layer.tensors.push_back(values("rnn." + tensor.name + "_l" + std::to_string(k)));
    const std::string from = graph_.constant(layer.name + ".begin", {k}),
                      to = graph_.constant(layer.name + ".end", {k + 1}),
                      axis = graph_.constant(layer.name + ".axis", {0});
    for (const CellState& state : layer.cell.states)
      layer.before.push_back(graph_.node("Slice", {state.name + "_before", from, to, axis},
                                         layer.name + "." + state.name + " before"));
    return layer;
  }

  void output(const std::string& h) {
    const auto O = static_cast<size_t>(shape_.outputs), H = static_cast<size_t>(spec_.hidden);
    const auto weight = values("decoder.weight");
    std::vector<float> transposed(weight.size());
    for (size_t o = 0; o < O; ++o)
      for (size_t j = 0; j < H; ++j) transposed[j * O + o] = weight[o * H + j];
    const std::string product = graph_.node(
        "MatMul",
        {h, graph_.constant("decoder.weight transposed", {spec_.hidden, shape_.outputs}, transposed)},
        "decoder product");
    const std::string name = shape_.has_classes() ? "logits" : "values";
    graph_.node("Add", {product, graph_.constant("decoder.bias", {shape_.outputs}, values("decoder.bias"))},
                name);
    graph_.output(name, Type::real, {"time", "batch", int64_t{shape_.outputs}});
  }

  const Model& model_;
  const LaneSpec& spec_;
  const TaskShape shape_;
  Graph graph_;
};

}  // namespace

std::vector<uint8_t> onnx_file(const Model& model, const OnnxOrigin& origin) {
  ProtoMessage file;
  file.integer(1, ir_version).text(2, "unroll");
  file.message(7, Writer(model).run());
  file.message(8, ProtoMessage().text(1, "").integer(2, opset));
  const auto note = [&](std::string_view key, std::string_view value) {
    file.message(14, ProtoMessage().text(1, key).text(2, value));
  };
  if (origin.characters) note("vocabulary", encode_utf8(origin.characters->symbols()));
  if (origin.task) {
    note("task", origin.task->kind().name);
    note("task_stored", json_text(origin.task->stored()));
    if (const auto names = origin.task->input_names(); !names.empty()) note("input_names", json_text(names));
    if (const auto names = origin.task->output_names(); !names.empty())
      note("output_names", json_text(names));
  }
  Json initial = Json::object();
  for (const CellState& state : model.graph().states) initial[state.name] = state.initial;
  note("initial_states", json_text(initial));
  note("cell", model.graph().text);
  note("steps", std::to_string(origin.steps));
  return file.bytes();
}

}  // namespace unroll
