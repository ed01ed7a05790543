// A cell by its equations: a Scan whose body is one time step of a layer. In the body a value is a number of shape (), or (H) where it
// is the same for all streams, or (B, H); a matrix is (B, H, columns), row by row. Equations have their names, behind the layer's; every
// other name has a space in it, or is a number, so that no equation can have it.
#include "engine/model/onnx_graph.h"

namespace unroll::onnx {
namespace {

constexpr float norm_epsilon = 1e-5f;

class Body {
 public:
  Body(const Layer& layer)
      : layer_(layer), cell_(layer.cell), graph_(layer.name + " step"), H_(layer.hidden) {}

  ProtoMessage run() {
    for (const CellState& state : cell_.states)
      graph_.input(before(state), Type::real, with_batch(shape_of(state, layer_.hidden)));
    graph_.input(x(), Type::real, {"batch", layer_.input});
    for (size_t i = 0; i < cell_.nodes.size(); ++i) values_.push_back(value_of(i));
    for (const CellState& state : cell_.states) {
      const Value& value = values_[static_cast<size_t>(equation_of(state).node)];
      const std::string after = named(state.name + " after");
      if (value.batched)
        graph_.node("Identity", {value.name}, after);
      else
        graph_.node("Expand", {value.name, graph_.node("Shape", {before(state)}, after + " shape")}, after);
      graph_.output(after, Type::real, with_batch(shape_of(state, layer_.hidden)));
    }
    const std::string y = named("h at t");
    graph_.node("Identity", {named(cell_.states[static_cast<size_t>(cell_.output)].name + " after")}, y);
    graph_.output(y, Type::real, {"batch", H_});
    return graph_.finished();
  }

 private:
  struct Value {
    std::string name;
    bool batched = false, number = false;
  };

  std::string named(const std::string& what) const { return layer_.name + "." + what; }
  std::string before(const CellState& state) const { return named(state.name + " before"); }
  std::string x() const { return named("x at t"); }
  const CellEquation& equation_of(const CellState& state) const {
    return cell_.equations[static_cast<size_t>(state.equation)];
  }
  static std::vector<Dimension> with_batch(std::vector<Dimension> shape) {
    shape.insert(shape.begin(), "batch");
    return shape;
  }

  /// An equation's value has its name, every other the number of its node.
  std::string name_of(size_t index) const {
    for (const CellEquation& equation : cell_.equations)
      if (equation.node == static_cast<int>(index)) return named(equation.name);
    return named(std::to_string(index));
  }

  std::span<const float> block(const CellParameter& at) const {
    const CellTensor& tensor = cell_.tensors[static_cast<size_t>(at.tensor)];
    const auto size = static_cast<size_t>(tensor.block_size(layer_.hidden, layer_.input));
    return layer_.tensors[static_cast<size_t>(at.tensor)].subspan(static_cast<size_t>(at.block) * size, size);
  }
  std::string block_name(const CellParameter& at) const {
    return named(cell_.tensors[static_cast<size_t>(at.tensor)].name + "[" + std::to_string(at.block) + "]");
  }
  std::string vector(const CellParameter& at) { return graph_.constant(block_name(at), {H_}, block(at)); }

  /// Never of shape (): what is reshaped or multiplied as a vector.
  std::string units(const Value& value, const std::string& for_whom) {
    if (!value.number) return value.name;
    return graph_.node("Expand", {value.name, graph_.constant(for_whom + " units", {H_})},
                       for_whom + " of units");
  }
  std::string reshaped(const std::string& value, const std::string& name, const std::vector<int64_t>& shape) {
    return graph_.node("Reshape", {value, graph_.constant(name + " shape", shape)}, name);
  }

  /// W v, of an input or of (H) units; of blocks along the diagonal head by head.
  std::string product(const CellNode& node, const Value& of, const std::string& name) {
    const CellTensor& tensor = cell_.tensors[static_cast<size_t>(node.weight.tensor)];
    const auto weight = block(node.weight);
    const auto rows = static_cast<size_t>(tensor.heads == 1 ? layer_.hidden : layer_.hidden / tensor.heads);
    const size_t heads = static_cast<size_t>(tensor.heads), columns = weight.size() / heads / rows;
    std::vector<float> transposed(weight.size());
    for (size_t head = 0; head < heads; ++head)
      for (size_t i = 0; i < rows; ++i)
        for (size_t j = 0; j < columns; ++j)
          transposed[(head * columns + j) * rows + i] = weight[(head * rows + i) * columns + j];
    const auto I = static_cast<int64_t>(columns), D = static_cast<int64_t>(rows);
    if (heads == 1)
      return graph_.node(
          "MatMul", {of.name, graph_.constant(block_name(node.weight) + " transposed", {I, D}, transposed)},
          name);
    const std::string all =
        graph_.constant(block_name(node.weight) + " transposed", {tensor.heads, I, D}, transposed);
    const std::string by_head = reshaped(of.name, name + " operand", {-1, tensor.heads, 1, I});
    return reshaped(graph_.node("MatMul", {by_head, all}, name + " by head"), name, {-1, H_});
  }

  /// Σ over the units of each head, at each of them.
  std::string sum(const CellNode& node, const Value& a, const std::string& name) {
    const int64_t D = H_ / node.heads;
    const std::string by_head = reshaped(a.name, name + " by head", {-1, node.heads, D});
    const std::string sums =
        graph_.node("ReduceSum", {by_head, graph_.constant(name + " axes", {-1})}, name + " sums");
    const std::string spread = graph_.node(
        "Expand", {sums, graph_.constant(name + " spread", {1, node.heads, D})}, name + " at each");
    return reshaped(spread, name, {-1, H_});
  }

  std::string number(float value, const std::string& name) {
    return graph_.constant(name, std::vector<int64_t>{}, std::span(&value, 1));
  }

  Value value_of(size_t index) {
    const CellNode& node = cell_.nodes[index];
    const std::string name = name_of(index);
    const auto operand = [&](int which) { return which < 0 ? Value{} : values_[static_cast<size_t>(which)]; };
    const Value a = operand(node.a), b = operand(node.b);
    Value value{name, a.batched || b.batched, false};
    const int64_t D = H_ / node.heads;
    switch (node.op) {
      case CellOp::input:
        return {x(), true, false};
      case CellOp::before:
        return {before(cell_.states[static_cast<size_t>(node.state)]), true, false};
      case CellOp::number:
        number(static_cast<float>(node.value), name);
        value.number = true;
        break;
      case CellOp::vector:
        graph_.node("Identity", {vector(node.weight)}, name);
        break;
      case CellOp::linear: {
        const Value of{units(a, name), a.batched, false};
        if (node.bias.tensor < 0)
          product(node, of, name);
        else
          graph_.node("Add", {product(node, of, name + " product"), vector(node.bias)}, name);
        break;
      }
      case CellOp::scaled:
        graph_.node("Mul", {vector(node.weight), a.name}, name);
        break;
      case CellOp::norm:
        graph_.node("LayerNormalization", {units(a, name), vector(node.weight), vector(node.bias)}, name,
                    Attributes().add("axis", int64_t{-1}).add("epsilon", norm_epsilon));
        break;
      case CellOp::sum:
      case CellOp::mean: {
        const bool mean = node.op == CellOp::mean;
        const Value of{units(a, name), a.batched, false};
        if (mean)
          graph_.node("Div", {sum(node, of, name + " sum"), number(static_cast<float>(D), name + " count")},
                      name);
        else
          sum(node, of, name);
        break;
      }
      case CellOp::outer: {
        const std::string rows = reshaped(units(a, name + " rows"), name + " left", {-1, node.heads, D, 1}),
                          columns =
                              reshaped(units(b, name + " columns"), name + " right", {-1, node.heads, 1, D});
        reshaped(graph_.node("Mul", {rows, columns}, name + " by head"), name, {-1, H_, D});
        break;
      }
      case CellOp::times: {
        const std::string matrix = reshaped(a.name, name + " matrix", {-1, node.heads, D, D}),
                          column = reshaped(units(b, name), name + " right", {-1, node.heads, D, 1});
        reshaped(graph_.node("MatMul", {matrix, column}, name + " by head"), name, {-1, H_});
        break;
      }
      default:
        elementwise(node, a, b, value);
    }
    return value;
  }

  void elementwise(const CellNode& node, const Value& a, const Value& b, Value& value) {
    value.number = a.number && (b.number || node.b < 0);
    std::vector<std::string> operands;
    for (const int which : {node.a, node.b}) {
      if (which < 0) continue;
      const Value& of = values_[static_cast<size_t>(which)];
      const bool spread = node.matrix && !cell_.nodes[static_cast<size_t>(which)].matrix && !of.number;
      const std::string name = value.name + (operands.empty() ? " a" : " b");
      operands.push_back(
          spread ? graph_.node("Unsqueeze", {of.name, graph_.constant(name + " axes", {-1})}, name)
                 : of.name);
    }
    graph_.node(operator_of(node.op), operands, value.name);
  }

  /// Of what is computed number by number: ONNX's name.
  static const char* operator_of(CellOp op) {
    switch (op) {
      case CellOp::add:
        return "Add";
      case CellOp::subtract:
        return "Sub";
      case CellOp::multiply:
        return "Mul";
      case CellOp::divide:
        return "Div";
      case CellOp::max:
        return "Max";
      case CellOp::min:
        return "Min";
      case CellOp::negate:
        return "Neg";
      case CellOp::sigmoid:
        return "Sigmoid";
      case CellOp::tanh:
        return "Tanh";
      case CellOp::relu:
        return "Relu";
      case CellOp::exp:
        return "Exp";
      case CellOp::log:
        return "Log";
      case CellOp::softplus:
        return "Softplus";
      case CellOp::abs:
        return "Abs";
      case CellOp::sqrt:
        return "Sqrt";
      case CellOp::sin:
        return "Sin";
      case CellOp::cos:
        return "Cos";
      default:
        return "Identity";  // copy; all others are no such op
    }
  }

  const Layer& layer_;
  const CellGraph& cell_;
  Graph graph_;
  int64_t H_;
  std::vector<Value> values_;  // by node
};

}  // namespace

std::vector<Dimension> shape_of(const CellState& state, int hidden) {
  std::vector<Dimension> shape = {int64_t{hidden}};
  if (state.heads > 0) shape.push_back(int64_t{hidden / state.heads});
  return shape;
}

LayerResult add_scan(Graph& graph, const Layer& layer) {
  const std::string& name = layer.name;
  const std::string first = graph.constant(name + ".first_axis", {0});
  std::vector<std::string> inputs, outputs;
  for (size_t s = 0; s < layer.cell.states.size(); ++s) {
    const std::string state = name + "." + layer.cell.states[s].name;
    inputs.push_back(graph.node("Squeeze", {layer.before[s], first}, state + " first"));
    outputs.push_back(state + " last");
  }
  inputs.push_back(layer.x);
  LayerResult result{.h = name + " h", .after = {}};
  outputs.push_back(result.h);
  graph.nodes("Scan", inputs, outputs,
              Attributes().add("num_scan_inputs", int64_t{1}).add_graph("body", Body(layer).run()));
  for (size_t s = 0; s < layer.cell.states.size(); ++s) {
    const std::string after = name + "." + layer.cell.states[s].name + " after";
    result.after.push_back(graph.node("Unsqueeze", {outputs[s], first}, after));
  }
  return result;
}

}  // namespace unroll::onnx
