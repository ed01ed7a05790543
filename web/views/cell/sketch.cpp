#include "web/views/cell/sketch.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <utility>

#include "engine/cells/node_names.h"

namespace unroll {
namespace {

using Kind = SketchItem::Kind;
using From = SketchSource::Kind;

// Drawn one by one, in an equation and in all; what has more is a box. Weights count threefold.
constexpr int most_in_equation = 5, most_operations = 9, of_weights = 3;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

class Sketcher {
 public:
  explicit Sketcher(const CellGraph& graph)
      : graph_(graph), equation_(equations_of_nodes(graph)), item_of_(graph.equations.size(), -1) {}

  CellSketch run() {
    choose_boxes();
    sketch_.spines.resize(graph_.states.size());
    for (size_t e = 0; e < graph_.equations.size(); ++e) build_equation(static_cast<int>(e));
    for (const CellState& state : graph_.states)
      sketch_.after.push_back(source(graph_.equations[static_cast<size_t>(state.equation)].node));
    for (size_t s = 0; s < graph_.states.size(); ++s) find_spine(static_cast<int>(s));
    order_row();
    return std::move(sketch_);
  }

 private:
  const CellNode& at(int node) const { return graph_.nodes[static_cast<size_t>(node)]; }
  bool is_number(int node) const { return at(node).op == CellOp::number; }

  /// Calls `visit` for the node and what it is computed from, but not beyond another equation's value.
  void walk(int node, int top, const std::function<void(int)>& visit) const {
    if (node < 0) return;
    visit(node);
    if (node != top && equation_[static_cast<size_t>(node)] >= 0) return;
    walk(at(node).a, top, visit);
    walk(at(node).b, top, visit);
  }
  bool weighs(int node) const {
    bool any = false;
    walk(node, node, [&](int n) {
      any = any || ((n == node || equation_[static_cast<size_t>(n)] < 0) && has_weights(at(n).op));
    });
    return any;
  }
  int operations(int equation) const {
    const int top = graph_.equations[static_cast<size_t>(equation)].node;
    int count = 0;
    walk(top, top, [&](int n) {
      const CellOp op = at(n).op;
      const bool leaf =
          op == CellOp::input || op == CellOp::number || op == CellOp::before || op == CellOp::copy;
      if (!leaf && (n == top || equation_[static_cast<size_t>(n)] < 0))
        count += has_weights(op) && op != CellOp::norm ? of_weights : 1;
    });
    return count;
  }
  /// A gate stands in the row: all that it does is one function (or none) of a sum that has weights, or it is a sigmoid.
  bool is_gate(int node) const {
    const CellOp op = at(node).op;
    if (op == CellOp::sigmoid) return true;
    if (is_function(op)) return weighs(at(node).a);
    if (has_weights(op)) return true;
    return (op == CellOp::add || op == CellOp::subtract || op == CellOp::negate) && all_terms_weigh(node);
  }
  bool all_terms_weigh(int node) const {
    for (const int term : terms(node))
      if (!is_number(term) && !is_weighed(term)) return false;
    return true;
  }
  /// Weights, sum(diag(q) + …), which is one number of all units, or such divided by a number: mat(x) / sqrt(sum(1)).
  bool is_weighed(int node) const {
    const CellNode& n = at(node);
    if (has_weights(n.op)) return true;
    if (n.op == CellOp::sum || n.op == CellOp::mean) return weighs(n.a);
    return n.op == CellOp::divide && equation_[static_cast<size_t>(n.a)] < 0 && is_weighed(n.a) &&
           reads_nothing(n.b);
  }
  bool reads_nothing(int node) const {
    bool nothing = true;
    walk(node, node, [&](int n) {
      nothing = nothing && equation_[static_cast<size_t>(n)] < 0 && !has_weights(at(n).op) &&
                at(n).op != CellOp::input && at(n).op != CellOp::before;
    });
    return nothing;
  }
  /// The summands of a node.
  std::vector<int> terms(int node) const {
    const CellNode& n = at(node);
    std::vector<int> all;
    const auto add = [&](int operand) {
      if (equation_[static_cast<size_t>(operand)] >= 0) return all.push_back(operand);
      const std::vector<int> more = terms(operand);
      all.insert(all.end(), more.begin(), more.end());
    };
    if (n.op == CellOp::add || n.op == CellOp::subtract) {
      add(n.a);
      add(n.b);
    } else if (n.op == CellOp::negate) {
      add(n.a);
    } else {
      all.push_back(node);
    }
    return all;
  }

  void choose_boxes() {
    int count = 0;
    kinds_.resize(graph_.equations.size());
    for (size_t e = 0; e < graph_.equations.size(); ++e) {
      const CellEquation& equation = graph_.equations[e];
      const bool gate = is_gate(equation.node);
      const bool short_one = equation.state >= 0 && operations(static_cast<int>(e)) <= most_in_equation;
      kinds_[e] = gate ? As::gate : short_one ? As::operations : As::derived;
      if (kinds_[e] == As::operations) count += operations(static_cast<int>(e));
    }
    while (count > most_operations) {
      int longest = -1;
      for (size_t e = 0; e < kinds_.size(); ++e)
        if (kinds_[e] == As::operations &&
            (longest < 0 || operations(static_cast<int>(e)) > operations(longest)))
          longest = static_cast<int>(e);
      if (longest < 0) break;
      kinds_[static_cast<size_t>(longest)] = As::derived;
      count -= operations(longest);
    }
  }

  int add(SketchItem item) {
    sketch_.items.push_back(std::move(item));
    return static_cast<int>(sketch_.items.size()) - 1;
  }

  /// What brings a node's value: an item, made here if there is none yet.
  SketchSource source(int node) {
    const int equation = equation_[static_cast<size_t>(node)];
    if (equation >= 0 && equation != building_) return equation_source(equation);
    const CellNode& n = at(node);
    if (n.op == CellOp::before) return {From::before, n.state};
    if (n.op == CellOp::input) return {From::input, 0};
    if (n.op == CellOp::copy) return source(n.a);
    return {From::item, operation(node, equation)};
  }
  SketchSource equation_source(int equation) {
    build_equation(equation);  // it may come later in the file
    const int item = item_of_[static_cast<size_t>(equation)];
    if (item >= 0) return {From::item, item};
    const int was = std::exchange(building_, equation);  // it names another value
    const SketchSource found = source(graph_.equations[static_cast<size_t>(equation)].node);
    building_ = was;
    return found;
  }

  int operation(int node, int equation) {
    const CellNode& n = at(node);
    SketchItem item{.kind = Kind::pill,
                    .node = node,
                    .equation = equation,
                    .within = building_,
                    .text = op_symbol(n.op),
                    .inputs = {}};
    std::vector<int> operands;
    const bool numbers = n.b >= 0 && (is_number(n.a) || is_number(n.b));
    const auto is_inner = [&](int inner) {  // a function of a function is one pill
      return equation_[static_cast<size_t>(inner)] < 0 &&
             (is_function(at(inner).op) || at(inner).op == CellOp::norm);
    };
    if (is_function(n.op) || n.op == CellOp::norm) {
      int inner = n.a;
      for (; is_inner(inner); inner = at(inner).a) item.text += std::string(" ") + op_symbol(at(inner).op);
      operands = {inner};
    } else if (has_weights(n.op)) {
      item.kind = Kind::matrix;
      int inner = n.a;
      while (inner >= 0 && has_weights(at(inner).op) && equation_[static_cast<size_t>(inner)] < 0)
        inner = at(inner).a;
      if (inner >= 0) operands = {inner};
    } else if (numbers) {
      const bool first = is_number(n.a);
      const std::string value = number(at(first ? n.a : n.b).value);
      item.text = n.op == CellOp::max || n.op == CellOp::min ? item.text + " " + value
                  : first                                    ? value + item.text
                                                             : item.text + value;
      operands = {first ? n.b : n.a};
    } else {
      operands = {n.a};
      if (n.b >= 0) {
        if (item.text.size() <= 2) item.kind = Kind::circle;  // a sign; max and min need the room of a word
        operands.push_back(n.b);
      }
    }
    const bool of_units = item.kind == Kind::matrix;
    for (const int operand : operands)
      if (!is_number(operand)) item.inputs.push_back({source(operand), of_units ? node : operand, of_units});
    const int made = add(std::move(item));
    if (equation >= 0) item_of_[static_cast<size_t>(equation)] = made;
    return made;
  }

  void build_equation(int e) {
    if (item_of_[static_cast<size_t>(e)] >= 0) return;
    const int was = std::exchange(building_, e);
    const CellEquation& equation = graph_.equations[static_cast<size_t>(e)];
    if (kinds_[static_cast<size_t>(e)] == As::operations) {
      source(equation.node);
    } else {
      const bool gate = kinds_[static_cast<size_t>(e)] == As::gate;
      const int item = add({.kind = gate ? Kind::gate : Kind::derived,
                            .node = equation.node,
                            .equation = e,
                            .within = e,
                            .text = "",
                            .inputs = {}});
      item_of_[static_cast<size_t>(e)] = item;
      std::vector<SketchInput> inputs =
          gate ? gate_inputs(equation.node, item) : every_source(equation.node, equation.node);
      sketch_.items[static_cast<size_t>(item)].inputs = std::move(inputs);
    }
    building_ = was;
  }

  /// All that an expression reads, each once.
  std::vector<SketchInput> every_source(int node, int top) {
    std::vector<SketchInput> inputs;
    walk(node, top, [&](int n) {
      const bool other = n != top && equation_[static_cast<size_t>(n)] >= 0;
      if (!other && at(n).op != CellOp::before && at(n).op != CellOp::input) return;
      SketchInput input{source(n), n, at(n).op == CellOp::input};
      const auto same = [&](const SketchInput& old) { return old.from == input.from; };
      if (std::none_of(inputs.begin(), inputs.end(), same)) inputs.push_back(input);
    });
    return inputs;
  }

  bool is_leaf(int node) const {
    const CellOp op = at(node).op;
    return equation_[static_cast<size_t>(node)] >= 0 || op == CellOp::before || op == CellOp::input;
  }
  /// What a chain of weights is of: mat(h) and norm(mat(h)) are of h. The node itself where it has none.
  int weighed(int node, int top = -1) const {
    while ((node == top || equation_[static_cast<size_t>(node)] < 0) && has_weights(at(node).op) &&
           at(node).a >= 0)
      node = at(node).a;
    return node;
  }

  std::vector<SketchInput> gate_inputs(int root, int gate) {
    const CellOp op = at(root).op;
    const int sum = is_function(op) ? at(root).a : root;
    const bool named = sum != root && equation_[static_cast<size_t>(sum)] >= 0;
    std::vector<SketchInput> inputs;
    for (const int term : named ? std::vector<int>{sum} : terms(sum)) {
      const int inner = weighed(term, root);
      const CellNode& n = at(inner);
      if (inner != root && is_leaf(inner)) {
        inputs.push_back({source(inner), term, has_weights(at(term).op)});
        continue;
      }
      if (n.op == CellOp::number || n.op == CellOp::vector) continue;
      // r · (W h + b), and W (r · h): the product stands below the gate.
      const bool product = n.op == CellOp::multiply && is_leaf(weighed(n.a)) && is_leaf(weighed(n.b));
      if (product) {
        SketchItem item{.kind = Kind::circle,
                        .node = inner,
                        .equation = -1,
                        .within = building_,
                        .under = gate,
                        .text = op_symbol(n.op),
                        .inputs = {}};
        for (const int operand : {n.a, n.b})
          item.inputs.push_back({source(weighed(operand)), operand, weighed(operand) != operand});
        inputs.push_back({{From::item, add(std::move(item))}, term, has_weights(at(term).op)});
        continue;
      }
      for (const SketchInput& input : every_source(term, root)) {
        const auto same = [&](const SketchInput& old) { return old.from == input.from; };
        if (std::none_of(inputs.begin(), inputs.end(), same)) inputs.push_back(input);
      }
    }
    return inputs;
  }

  bool on_spine(int index) const {
    return std::any_of(sketch_.spines.begin(), sketch_.spines.end(), [&](const std::vector<int>& spine) {
      return std::find(spine.begin(), spine.end(), index) != spine.end();
    });
  }

  /// The items between a state's value one step before and its new value.
  void find_spine(int state) {
    const SketchSource end = sketch_.after[static_cast<size_t>(state)];
    if (end.kind != From::item) return;
    std::vector<int> path;
    std::vector<bool> seen(sketch_.items.size());
    const std::function<bool(int)> search = [&](int index) {
      const SketchItem& item = sketch_.items[static_cast<size_t>(index)];
      const bool own = item.within == graph_.states[static_cast<size_t>(state)].equation;
      if ((!own && item.kind != Kind::derived) || item.kind == Kind::gate || item.kind == Kind::matrix)
        return false;
      if (on_spine(index) || seen[static_cast<size_t>(index)]) return false;
      seen[static_cast<size_t>(index)] = true;
      path.push_back(index);
      for (const SketchInput& input : item.inputs) {
        if (input.from == SketchSource{From::before, state}) return true;
        if (input.from.kind == From::item && search(input.from.index)) return true;
      }
      path.pop_back();
      return false;
    };
    if (search(end.index)) sketch_.spines[static_cast<size_t>(state)].assign(path.rbegin(), path.rend());
  }

  /// From left to right as the states' lines meet them; what only gates read comes last.
  void order_row() {
    std::vector<bool> seen(sketch_.items.size());
    const std::function<void(int)> visit = [&](int index) {
      if (seen[static_cast<size_t>(index)]) return;
      seen[static_cast<size_t>(index)] = true;
      const SketchItem& item = sketch_.items[static_cast<size_t>(index)];
      if (item.kind == Kind::gate || item.kind == Kind::matrix) {
        sketch_.order.push_back(index);
        return later_.push_back(index);
      }
      // 1 − z stands on the side of z that is met first.
      if (sketch_.in_row(index)) sketch_.order.push_back(index);
      for (const SketchInput& input : item.inputs)
        if (input.from.kind == From::item) visit(input.from.index);
    };
    for (const std::vector<int>& spine : sketch_.spines)
      for (const int index : spine) visit(index);
    for (const SketchSource& after : sketch_.after)
      if (after.kind == From::item) visit(after.index);
    for (size_t i = 0; i < later_.size(); ++i)
      for (const SketchInput& input : sketch_.items[static_cast<size_t>(later_[i])].inputs)
        if (input.from.kind == From::item) visit(input.from.index);
    for (size_t i = 0; i < sketch_.items.size(); ++i) visit(static_cast<int>(i));
  }

  enum class As { gate, derived, operations };
  const CellGraph& graph_;
  const std::vector<int> equation_;
  std::vector<int> item_of_;  // by equation
  std::vector<As> kinds_;
  std::vector<int> later_;
  int building_ = -1;
  CellSketch sketch_;
};

}  // namespace

/// Gates, weights, and what is made of one gate alone (1 − z), which stands beside it.
bool CellSketch::in_row(int index) const {
  const SketchItem& item = items[static_cast<size_t>(index)];
  if (item.kind == Kind::gate || item.kind == Kind::matrix) return true;
  if (item.under >= 0) return false;
  for (const std::vector<int>& spine : spines)
    if (std::find(spine.begin(), spine.end(), index) != spine.end()) return false;
  if (item.kind == Kind::derived && item.inputs.empty()) return true;
  return item.kind != Kind::circle && item.inputs.size() == 1 && item.inputs[0].from.kind == From::item &&
         items[static_cast<size_t>(item.inputs[0].from.index)].kind == Kind::gate;
}

CellSketch sketch_cell(const CellGraph& graph) { return Sketcher(graph).run(); }

const char* op_symbol(CellOp op) {
  switch (op) {
    case CellOp::linear:
      return "W";
    case CellOp::vector:
      return "b";
    case CellOp::scaled:
      return "w";
    case CellOp::norm:
      return "norm";
    case CellOp::add:
      return "+";
    case CellOp::subtract:
    case CellOp::negate:
      return "−";
    case CellOp::multiply:
      return "×";
    case CellOp::divide:
      return "÷";
    case CellOp::max:
      return "max";
    case CellOp::min:
      return "min";
    case CellOp::sigmoid:
      return "σ";
    case CellOp::sqrt:
      return "√";
    default:
      return kind_of(op) == CellOpKind::leaf ? "" : name(op);
  }
}

}  // namespace unroll
