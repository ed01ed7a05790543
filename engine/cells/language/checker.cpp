// Syntax → graph.
#include "engine/cells/language/checker.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/base/number.h"

namespace unroll::cell_syntax {
namespace {

class Builder {
 public:
  Builder(const Syntax& syntax, CellGraph& graph, std::vector<CellProblem>& problems)
      : syntax_(syntax), graph_(graph), problems_(problems), before_(syntax.states.size(), -1) {}

  void run(const std::vector<int>& order) {
    graph_.name = syntax_.name;
    graph_.title = syntax_.title;
    graph_.help = syntax_.help;
    for (const Equation& equation : syntax_.equations)
      graph_.equations.push_back({equation.name, -1, -1, equation.help, equation.right, equation.place});
    for (const State& state : syntax_.states) {
      const int equation = static_cast<int>(graph_.equation(state.name) - graph_.equations.data());
      graph_.equations[static_cast<size_t>(equation)].state = static_cast<int>(graph_.states.size());
      graph_.states.push_back({state.name, equation, state.initial, state.heads});
    }
    graph_.output = graph_.state("h");
    for (const int index : order) set(index);
  }

 private:
  void set(int index) {
    CellEquation& equation = graph_.equations[static_cast<size_t>(index)];
    const Piece& root = piece(syntax_.equations[static_cast<size_t>(index)].root);
    equation_ = index;
    equation.node = node_of(root);
    // An equation has a node of its own, also where it only names what is there.
    if (root.kind == Piece::Kind::value || root.kind == Piece::Kind::before) {
      const CellNode& same = graph_.nodes[static_cast<size_t>(equation.node)];
      CellNode own;
      own.op = same.op == CellOp::number ? CellOp::number : CellOp::copy;
      own.value = same.value;
      own.a = own.op == CellOp::number ? -1 : equation.node;
      equation.node = add(own, root.place);
    }
    const CellNode& node = graph_.nodes[static_cast<size_t>(equation.node)];
    if (node.op == CellOp::number && equation.state >= 0)
      problems_.push_back({root.place, equation.name + " is " + shown(node.value) + " in every step",
                           "a state that follows from x or from a state"});
  }

  int node_of(const Piece& from) {
    CellNode node;
    switch (from.kind) {
      case Piece::Kind::number:
        node.value = from.number;
        return add(node, from.place);
      case Piece::Kind::value:
        return graph_.equations[static_cast<size_t>(from.target)].node;
      case Piece::Kind::input:
        node.op = CellOp::input;
        return shared(input_, node, from.place);
      case Piece::Kind::before:
        node.op = CellOp::before;
        node.state = from.target;
        node.heads = std::max(syntax_.states[static_cast<size_t>(from.target)].heads, 1);
        node.matrix = syntax_.states[static_cast<size_t>(from.target)].heads > 0;
        return shared(before_[static_cast<size_t>(from.target)], node, from.place);
      case Piece::Kind::op:
        break;
    }
    node.op = from.op;
    if (from.a >= 0) node.a = node_of(piece(from.a));
    if (from.b >= 0) node.b = node_of(piece(from.b));
    node.weight = from.weight;
    node.bias = from.bias;
    node.matrix = from.matrix;
    if (from.matrix || kind_of(from.op) == CellOpKind::across) node.heads = from.heads;
    const auto number = [&](int operand) {
      const bool is = operand >= 0 && graph_.nodes[static_cast<size_t>(operand)].op == CellOp::number;
      return is ? &graph_.nodes[static_cast<size_t>(operand)] : nullptr;
    };
    const bool learned = kind_of(node.op) == CellOpKind::with_parameters;
    const bool across = kind_of(node.op) == CellOpKind::across;
    if ((learned && number(node.a)) ||
        (across && has_two_operands(node.op) && (number(node.a) || number(node.b))))
      problems_.push_back(
          {from.place, "a number, for so its equation says", "x, a state or what follows from them"});
    if (learned || across || !number(node.a) || (node.b >= 0 && !number(node.b)))
      return add(node, from.place);
    // Numbers that have names: folded, too.
    const double value = apply(node.op, number(node.a)->value, node.b >= 0 ? number(node.b)->value : 0);
    if (!(std::abs(value) <= CellLimits::number))
      problems_.push_back({from.place,
                           "the value of this is " + (std::isfinite(value) ? shown(value) : "not finite"),
                           "numbers up to " + shown(CellLimits::number)});
    node = {};
    node.value = value;
    return add(node, from.place);
  }

  const Piece& piece(int index) const { return syntax_.pieces[static_cast<size_t>(index)]; }

  int add(CellNode node, const CellPlace& place) {
    node.equation = node.op == CellOp::input || node.op == CellOp::before ? -1 : equation_;
    node.place = place;
    graph_.nodes.push_back(node);
    return static_cast<int>(graph_.nodes.size()) - 1;
  }
  int shared(int& index, const CellNode& node, const CellPlace& place) {
    if (index < 0) index = add(node, place);
    return index;
  }

  const Syntax& syntax_;
  CellGraph& graph_;
  std::vector<CellProblem>& problems_;
  std::vector<int> before_;
  int input_ = -1, equation_ = -1;
};

/// Leaves out numbers that were only operands of folded ones.
void drop_unused(CellGraph& graph) {
  std::vector<bool> used(graph.nodes.size());
  for (const CellEquation& equation : graph.equations) used[static_cast<size_t>(equation.node)] = true;
  for (const CellNode& node : graph.nodes)
    for (const int operand : {node.a, node.b})
      if (operand >= 0) used[static_cast<size_t>(operand)] = true;
  std::vector<int> place(graph.nodes.size(), -1);
  size_t kept = 0;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!used[i]) continue;
    CellNode node = graph.nodes[i];
    if (node.a >= 0) node.a = place[static_cast<size_t>(node.a)];
    if (node.b >= 0) node.b = place[static_cast<size_t>(node.b)];
    place[i] = static_cast<int>(kept);
    graph.nodes[kept++] = node;
  }
  graph.nodes.resize(kept);
  for (CellEquation& equation : graph.equations) equation.node = place[static_cast<size_t>(equation.node)];
}

}  // namespace

std::shared_ptr<const CellGraph> check(Syntax syntax, std::string_view text,
                                       std::vector<CellProblem>& problems) {
  const bool sound = resolve(syntax, problems);
  if (syntax.equations.size() > static_cast<size_t>(CellLimits::equations)) return nullptr;
  const std::vector<int> order = order_of(syntax, problems);
  if (!sound || !problems.empty()) return nullptr;
  auto graph = std::make_shared<CellGraph>();
  graph->text = text;
  graph->tensors = assign_tensors(syntax);
  Builder(syntax, *graph, problems).run(order);
  drop_unused(*graph);
  place_inits(syntax, *graph, problems);
  if (!problems.empty()) return nullptr;
  return graph;
}

}  // namespace unroll::cell_syntax
