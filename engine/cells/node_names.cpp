#include "engine/cells/node_names.h"

#include <map>

namespace unroll {
namespace {

class Namer {
 public:
  explicit Namer(const CellGraph& graph)
      : graph_(graph), equation_(equations_of_nodes(graph)), names_(graph.nodes.size()) {}

  std::vector<std::string> run() {
    for (size_t n = 0; n < names_.size(); ++n) {
      if (equation_[n] >= 0)
        give(static_cast<int>(n), graph_.equations[static_cast<size_t>(equation_[n])].name);
      if (graph_.nodes[n].op == CellOp::before)
        names_[n] = graph_.states[static_cast<size_t>(graph_.nodes[n].state)].name + "_prev";
    }
    for (const CellState& state : graph_.states) name_keep(state);
    for (const CellEquation& equation : graph_.equations) {
      count_ = 0;
      name_inside(equation, equation.node);
    }
    return std::move(names_);
  }

 private:
  const CellNode& at(int node) const { return graph_.nodes[static_cast<size_t>(node)]; }
  std::string& name(int node) { return names_[static_cast<size_t>(node)]; }
  bool is_equation(int node) const { return equation_[static_cast<size_t>(node)] >= 0; }

  void give(int node, const std::string& wanted) {
    const int before = taken_[wanted]++;
    name(node) = before == 0 ? wanted : wanted + ":" + std::to_string(before + 1);
  }
  std::string of(const std::string& word, const CellEquation& equation) const {
    return graph_.equations.size() == 1 ? word : word + "." + equation.name;
  }

  /// Whether the node is computed from s[t−1] within its equation.
  bool reads(int node, int state) const {
    if (node < 0) return false;
    if (at(node).op == CellOp::before) return at(node).state == state;
    return !is_equation(node) && (reads(at(node).a, state) || reads(at(node).b, state));
  }

  void name_keep(const CellState& state) {
    const int root = graph_.equations[static_cast<size_t>(state.equation)].node;
    const auto index = static_cast<int>(&state - graph_.states.data());
    if (at(root).op != CellOp::add) return;
    const bool first = reads(at(root).a, index), second = reads(at(root).b, index);
    if (first == second) return;
    const int keep = first ? at(root).a : at(root).b, write = first ? at(root).b : at(root).a;
    const bool taken = taken_.contains("keep") || taken_.contains("write");
    const std::string end = taken ? "." + state.name : "";
    for (const auto& [node, word] : {std::pair{keep, "keep"}, std::pair{write, "write"}})
      if (name(node).empty() && !has_weights(at(node).op) && at(node).op != CellOp::number)
        give(node, word + end);
  }

  std::string weighed(const CellNode& node) const {
    if (node.a < 0) return "b";
    int of = node.a;
    while (has_weights(at(of).op) && !is_equation(of) && at(of).a >= 0) of = at(of).a;
    if (at(of).op == CellOp::input) return "x";
    if (is_equation(of))
      return graph_.equations[static_cast<size_t>(equation_[static_cast<size_t>(of)])].name;
    if (reads(of, graph_.output)) return "u";
    if (at(of).op == CellOp::before) return graph_.states[static_cast<size_t>(at(of).state)].name;
    return "w";
  }

  std::string inside(const CellEquation& equation, int node) {
    const CellNode& n = at(node);
    if (node == at(equation.node).a && is_function(at(equation.node).op)) return of("sum", equation);
    const auto named = [&](int operand) {
      return operand >= 0 && (is_equation(operand) || at(operand).op == CellOp::before);
    };
    if (is_function(n.op) && named(n.a)) return std::string(function_name(n.op)) + "_" + name(n.a);
    if (n.op == CellOp::subtract && at(n.a).op == CellOp::number && at(n.a).value == 1 && named(n.b))
      return "remain_" + name(n.b);
    return equation.name + "." + std::to_string(++count_);
  }

  void name_inside(const CellEquation& equation, int node) {
    if (node < 0 || (node != equation.node && is_equation(node))) return;
    const CellNode& n = at(node);
    if (n.op == CellOp::input || n.op == CellOp::number || n.op == CellOp::before) return;
    const bool weights = has_weights(n.op);
    if (weights && name(node).empty()) give(node, of(weighed(n), equation));
    int a = n.a;
    while (weights && a >= 0 && has_weights(at(a).op) && !is_equation(a)) a = at(a).a;  // weights of weights
    name_inside(equation, a);
    name_inside(equation, n.b);
    if (name(node).empty()) give(node, inside(equation, node));
  }

  const CellGraph& graph_;
  const std::vector<int> equation_;
  std::vector<std::string> names_;
  std::map<std::string, int> taken_;
  int count_ = 0;
};

}  // namespace

std::vector<std::string> node_names(const CellGraph& graph) { return Namer(graph).run(); }

bool has_weights(CellOp op) {
  return op == CellOp::linear || op == CellOp::vector || op == CellOp::scaled || op == CellOp::norm;
}

bool is_of_all_units(const CellNode& node) {
  return has_weights(node.op) || kind_of(node.op) == CellOpKind::across || node.matrix;
}

bool is_function(CellOp op) { return function_name(op)[0] != '\0'; }

const char* function_name(CellOp op) {
  switch (op) {
    case CellOp::sigmoid:
      return "sigmoid";
    case CellOp::tanh:
      return "tanh";
    case CellOp::relu:
      return "relu";
    case CellOp::exp:
      return "exp";
    case CellOp::log:
      return "log";
    case CellOp::softplus:
      return "softplus";
    case CellOp::abs:
      return "abs";
    case CellOp::sqrt:
      return "sqrt";
    case CellOp::sin:
      return "sin";
    case CellOp::cos:
      return "cos";
    default:
      return "";
  }
}

std::vector<int> equations_of_nodes(const CellGraph& graph) {
  std::vector<int> equations(graph.nodes.size(), -1);
  for (size_t e = 0; e < graph.equations.size(); ++e)
    equations[static_cast<size_t>(graph.equations[e].node)] = static_cast<int>(e);
  return equations;
}

}  // namespace unroll
