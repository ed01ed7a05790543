#include "engine/cells/graph.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

#include "engine/base/number.h"

namespace unroll {
namespace {

struct OpRow {
  CellOp op;
  const char* name;
  CellOpKind kind;
};
constexpr CellOpKind leaf = CellOpKind::leaf, learned = CellOpKind::with_parameters,
                     across = CellOpKind::across, two = CellOpKind::of_two, one = CellOpKind::of_one;
constexpr OpRow rows[] = {
    {CellOp::input, "input", leaf},      {CellOp::number, "number", leaf},
    {CellOp::before, "before", leaf},    {CellOp::linear, "linear", learned},
    {CellOp::vector, "bias", learned},   {CellOp::scaled, "diag", learned},
    {CellOp::norm, "norm", learned},     {CellOp::sum, "sum", across},
    {CellOp::mean, "mean", across},      {CellOp::outer, "outer", across},
    {CellOp::times, "times", across},    {CellOp::add, "add", two},
    {CellOp::subtract, "subtract", two}, {CellOp::multiply, "multiply", two},
    {CellOp::divide, "divide", two},     {CellOp::max, "max", two},
    {CellOp::min, "min", two},           {CellOp::copy, "copy", one},
    {CellOp::negate, "negate", one},     {CellOp::sigmoid, "sigmoid", one},
    {CellOp::tanh, "tanh", one},         {CellOp::relu, "relu", one},
    {CellOp::exp, "exp", one},           {CellOp::log, "log", one},
    {CellOp::softplus, "softplus", one}, {CellOp::abs, "abs", one},
    {CellOp::sqrt, "sqrt", one},         {CellOp::sin, "sin", one},
    {CellOp::cos, "cos", one},
};

/// The row of an op stands at its number.
const OpRow& row(CellOp op) { return rows[static_cast<size_t>(op)]; }
static_assert(std::size(rows) == static_cast<size_t>(CellOp::cos) + 1);
static_assert([] {
  for (size_t i = 0; i < std::size(rows); ++i)
    if (rows[i].op != static_cast<CellOp>(i)) return false;
  return true;
}());

// --- Printing

int level(const CellNode& node) {
  switch (node.op) {
    case CellOp::add:
    case CellOp::subtract:
      return Binding::sum;
    case CellOp::multiply:
    case CellOp::divide:
      return Binding::product;
    case CellOp::negate:
      return Binding::sign;
    case CellOp::number:
      return node.value < 0 ? Binding::sign : Binding::atom;
    default:
      return Binding::atom;
  }
}

std::string print(const CellGraph& graph, int index, int least, bool by_name) {
  if (by_name)
    for (const CellEquation& equation : graph.equations)
      if (equation.node == index) return equation.name;
  const CellNode& node = graph.nodes[static_cast<size_t>(index)];
  const auto operand = [&](int which, int at_least) { return print(graph, which, at_least, true); };
  const int own = level(node);
  std::string text;
  switch (node.op) {
    case CellOp::input:
      text = "x";
      break;
    case CellOp::number:
      text = shown(node.value);
      break;
    case CellOp::before:
      text = graph.states[static_cast<size_t>(node.state)].name + "[t-1]";
      break;
    case CellOp::vector:
      text = "bias";
      break;
    case CellOp::linear: {
      const int heads = graph.tensors[static_cast<size_t>(node.weight.tensor)].heads;
      text = (node.bias.tensor >= 0 ? "lin(" : "mat(") + operand(node.a, 0) + ")";
      if (heads > 1) text = "heads(" + std::to_string(heads) + ", " + text + ")";
      break;
    }
    case CellOp::add:
      text = operand(node.a, own) + " + " + operand(node.b, own);
      break;
    case CellOp::subtract:
      text = operand(node.a, own) + " - " + operand(node.b, own + 1);
      break;
    case CellOp::multiply:
      text = operand(node.a, own) + " * " + operand(node.b, own);
      break;
    case CellOp::divide:
      text = operand(node.a, own) + " / " + operand(node.b, own + 1);
      break;
    case CellOp::copy:
      return operand(node.a, least);
    case CellOp::negate:
      text = "-" + operand(node.a, own);
      break;
    default:
      text = std::string(name(node.op)) + "(" + operand(node.a, 0);
      text += has_two_operands(node.op) ? ", " + operand(node.b, 0) + ")" : ")";
      if (kind_of(node.op) == CellOpKind::across && node.heads > 1)
        text = "heads(" + std::to_string(node.heads) + ", " + text + ")";
  }
  return own < least ? "(" + text + ")" : text;
}

}  // namespace

// --- Ops

CellOpKind kind_of(CellOp op) { return row(op).kind; }
const char* name(CellOp op) { return row(op).name; }
bool has_two_operands(CellOp op) {
  return kind_of(op) == CellOpKind::of_two || op == CellOp::outer || op == CellOp::times;
}

double apply(CellOp op, double a, double b) {
  switch (op) {
    case CellOp::add:
      return a + b;
    case CellOp::subtract:
      return a - b;
    case CellOp::multiply:
      return a * b;
    case CellOp::divide:
      return a / b;
    case CellOp::max:
      return std::max(a, b);
    case CellOp::min:
      return std::min(a, b);
    case CellOp::copy:
      return a;
    case CellOp::negate:
      return -a;
    case CellOp::sigmoid:
      return 1 / (1 + std::exp(-a));
    case CellOp::tanh:
      return std::tanh(a);
    case CellOp::relu:
      return std::max(a, 0.0);
    case CellOp::exp:
      return std::exp(a);
    case CellOp::log:
      return std::log(a);
    case CellOp::softplus:  // log(1 + eᵃ) without overflow
      return std::max(a, 0.0) + std::log1p(std::exp(-std::abs(a)));
    case CellOp::abs:
      return std::abs(a);
    case CellOp::sqrt:
      return std::sqrt(a);
    case CellOp::sin:
      return std::sin(a);
    case CellOp::cos:
      return std::cos(a);
    default:
      return std::nan("");  // what has parameters, goes across units or is a leaf
  }
}

// --- Tensors

int CellTensor::columns(int hidden, int input) const {
  if (shape == Shape::vector) return 0;
  return shape == Shape::matrix_of_input ? input : hidden / heads;
}

uint64_t CellTensor::block_size(int hidden, int input) const {
  const uint64_t rows_of_block = static_cast<uint64_t>(hidden);
  return shape == Shape::vector ? rows_of_block
                                : rows_of_block * static_cast<uint64_t>(columns(hidden, input));
}

uint64_t CellTensor::size(int hidden, int input) const {
  return static_cast<uint64_t>(blocks) * block_size(hidden, input);
}

uint64_t parameter_count(const CellGraph& graph, int hidden, int input) {
  uint64_t count = 0;
  for (const CellTensor& tensor : graph.tensors) count += tensor.size(hidden, input);
  return count;
}

std::vector<size_t> tensor_offsets(const CellGraph& graph, int hidden, int input) {
  std::vector<size_t> offsets;
  size_t at = 0;
  for (const CellTensor& tensor : graph.tensors) {
    offsets.push_back(at);
    at += static_cast<size_t>(tensor.size(hidden, input));
  }
  return offsets;
}

int hidden_multiple(const CellGraph& graph) {
  int multiple = 1;
  for (const CellTensor& tensor : graph.tensors) multiple = std::lcm(multiple, tensor.heads);
  for (const CellNode& node : graph.nodes) multiple = std::lcm(multiple, node.heads);
  return multiple;
}

int columns_of(const CellNode& node, int hidden) { return node.matrix ? hidden / node.heads : 1; }

// --- The graph

const CellEquation* CellGraph::equation(std::string_view wanted) const {
  const auto found = std::ranges::find(equations, wanted, &CellEquation::name);
  return found == equations.end() ? nullptr : &*found;
}

int CellGraph::state(std::string_view wanted) const {
  const auto found = std::ranges::find(states, wanted, &CellState::name);
  return found == states.end() ? -1 : static_cast<int>(found - states.begin());
}

std::vector<CellInit> bias_inits(const CellGraph& graph, int equation, CellInit::Kind kind, double a,
                                 double b) {
  // Of lin(x), `bias`, the other lin(…), the shift of norm(…): in this order.
  std::vector<CellParameter> of_input, vectors, others, shifts;
  for (const CellNode& node : graph.nodes) {
    if (node.equation != equation) continue;
    if (node.op == CellOp::vector) vectors.push_back(node.weight);
    if (node.op == CellOp::norm) shifts.push_back(node.bias);
    if (node.op != CellOp::linear || node.bias.tensor < 0) continue;
    const bool reads_input = graph.nodes[static_cast<size_t>(node.a)].op == CellOp::input;
    (reads_input ? of_input : others).push_back(node.bias);
  }
  std::vector<CellInit> inits;
  for (std::vector<CellParameter>* group : {&of_input, &vectors, &others, &shifts}) {
    std::ranges::sort(*group, {}, [](const CellParameter& one) { return std::pair(one.tensor, one.block); });
    for (const CellParameter& bias : *group) {
      const bool first = inits.empty();
      inits.push_back(
          {bias.tensor, bias.block, first ? kind : CellInit::Kind::number, first ? a : 0, first ? b : 0});
    }
  }
  return inits;
}

std::string expression(const CellGraph& graph, int node) { return print(graph, node, 0, false); }

}  // namespace unroll
