// Cells for which ONNX has an operator (Operators.md: RNN, LSTM, GRU).
#include <algorithm>
#include <cassert>

#include "engine/cells/shipped.h"
#include "engine/model/onnx_graph.h"

namespace unroll::onnx {
namespace {

struct Operator {
  const char* cell;        ///< of those that ship
  const char* name;        ///< ONNX's
  std::vector<int> order;  ///< our block of each of its gates: LSTM has i o f c, GRU z r h
  const char* activation = nullptr;
  bool linear_before_reset = false;  ///< as torch.nn.GRU does it
};

const Operator* operator_of(const CellGraph& cell) {
  static const Operator operators[] = {{"rnn", "RNN", {0}, "Tanh"},
                                       {"rnn_relu", "RNN", {0}, "Relu"},
                                       {"lstm", "LSTM", {0, 3, 1, 2}},
                                       {"gru", "GRU", {1, 0, 2}, nullptr, true}};
  const auto found =
      std::ranges::find_if(operators, [&](const Operator& one) { return graph_of(one.cell).get() == &cell; });
  return found == std::end(operators) ? nullptr : found;
}

}  // namespace

bool add_operator(Graph& graph, const Layer& layer, LayerResult& result) {
  const Operator* to = operator_of(layer.cell);
  if (!to) return false;
  const int64_t H = layer.hidden, G = static_cast<int64_t>(to->order.size());
  const auto reordered = [&](std::vector<float>& values, std::string_view name) {
    const auto found = std::ranges::find(layer.cell.tensors, name, &CellTensor::name);
    assert(found != layer.cell.tensors.end());
    const auto tensor = layer.tensors[static_cast<size_t>(found - layer.cell.tensors.begin())];
    const size_t block = tensor.size() / static_cast<size_t>(G);
    for (const int gate : to->order) {
      const auto from = tensor.subspan(static_cast<size_t>(gate) * block, block);
      values.insert(values.end(), from.begin(), from.end());
    }
  };
  std::vector<float> w, r, b;
  reordered(w, "weight_ih");
  reordered(r, "weight_hh");
  reordered(b, "bias_ih");
  reordered(b, "bias_hh");
  const std::string& name = layer.name;
  std::vector<std::string> inputs = {layer.x, graph.constant(name + ".W", {1, G * H, layer.input}, w),
                                     graph.constant(name + ".R", {1, G * H, H}, r),
                                     graph.constant(name + ".B", {1, 2 * G * H}, b), ""};
  Attributes attributes;
  attributes.add("hidden_size", H);
  if (to->activation) attributes.add("activations", std::vector<std::string>{to->activation});
  if (to->linear_before_reset) attributes.add("linear_before_reset", int64_t{1});
  // The operators have h first, then c.
  std::vector<std::string> outputs = {name + ".Y"};
  result.after.resize(layer.cell.states.size());
  const auto carry = [&](size_t state) {
    inputs.push_back(layer.before[state]);
    outputs.push_back(result.after[state] = name + "." + layer.cell.states[state].name + "_after");
  };
  const auto output = static_cast<size_t>(layer.cell.output);
  carry(output);
  for (size_t s = 0; s < layer.cell.states.size(); ++s)
    if (s != output) carry(s);
  graph.nodes(to->name, inputs, outputs, attributes);
  result.h = graph.node("Squeeze", {name + ".Y", graph.constant(name + ".directions", {1})}, name + ".h");
  return true;
}

}  // namespace unroll::onnx
