#include "web/views/cell/formulas.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <utility>

#include "engine/cells/node_names.h"

namespace unroll {
namespace {

constexpr int sum_level = 1, product_level = 2, sign_level = 3, atom_level = 4;

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", std::abs(value));
  return (value < 0 ? "−" : "") + std::string(text);
}

std::string function_symbol(CellOp op) {
  return op == CellOp::sigmoid ? "σ" : op == CellOp::sqrt ? "√" : name(op);
}

}  // namespace

namespace {

/// Writes an expression, with symbols or with numbers.
class Writer {
 public:
  /// What stands for a node, and how tightly it holds together; nothing: write what it is computed from.
  using Leaf = std::function<std::pair<std::string, int>(int node, bool first)>;
  Writer(const CellGraph& graph, Leaf leaf) : graph_(graph), leaf_(std::move(leaf)) {}

  std::string write(int node) { return write(node, 0, true, true); }

 private:
  std::string write(int node, int least, bool top, bool first) {
    if (!top) {
      const auto [text, level] = leaf_(node, first);
      if (!text.empty()) return level < least ? "(" + text + ")" : text;
    }
    const CellNode& n = graph_.nodes[static_cast<size_t>(node)];
    const auto two = [&](const char* sign, int level, int right) {
      const std::string text =
          write(n.a, level, false, first || level < least) + sign + write(n.b, right, false, false);
      return level < least ? "(" + text + ")" : text;
    };
    switch (n.op) {
      case CellOp::number:
        return n.value < 0 && least > sum_level ? "(" + short_number(n.value) + ")" : short_number(n.value);
      case CellOp::add:
        return two(" + ", sum_level, sum_level);
      case CellOp::subtract:
        return two(" − ", sum_level, product_level);
      case CellOp::multiply:
        return two(" · ", product_level, product_level);
      case CellOp::divide:
        return two(" / ", product_level, sign_level);
      case CellOp::negate: {
        const std::string text = "−" + write(n.a, sign_level, false, false);
        return least > sum_level ? "(" + text + ")" : text;
      }
      case CellOp::copy:
        return write(n.a, least, false, first);
      case CellOp::max:
      case CellOp::min:
      case CellOp::outer:
      case CellOp::times:
        return name(n.op) + ("(" + write(n.a, 0, false, true)) + ", " + write(n.b, 0, false, true) + ")";
      default:
        return n.a < 0 ? std::string(name(n.op))
                       : function_symbol(n.op) + "(" + write(n.a, 0, false, true) + ")";
    }
  }

  const CellGraph& graph_;
  const Leaf leaf_;
};

/// What stands before a colon: "input gate" of "input gate: how much of the candidate is written".
std::string short_words(const CellEquation& equation) {
  const size_t colon = equation.help.find(':');
  const std::string words = equation.help.substr(0, colon);
  return colon == std::string::npos || words.size() > 28 ? equation.name : "the " + words;
}

class Describer {
 public:
  Describer(const CellGraph& graph, const std::vector<std::string>& names)
      : graph_(graph), names_(names), equation_(equations_of_nodes(graph)) {}

  const CellNode& at(int node) const { return graph_.nodes[static_cast<size_t>(node)]; }
  const CellEquation* equation(int node) const {
    const int e = equation_[static_cast<size_t>(node)];
    return e < 0 ? nullptr : &graph_.equations[static_cast<size_t>(e)];
  }
  const CellEquation& within(int node) const {
    return graph_.equations[static_cast<size_t>(at(node).equation)];
  }
  const std::string& id(int node) const { return names_[static_cast<size_t>(node)]; }

  std::string symbol(int node) const {
    if (const CellEquation* own = equation(node)) return own->name.size() == 1 ? own->name + "_t" : own->name;
    if (at(node).op == CellOp::before)
      return graph_.states[static_cast<size_t>(at(node).state)].name + "_{t−1}";
    if (at(node).op == CellOp::input) return "x_t";
    if (has_weights(at(node).op)) {
      const std::string& name = id(node);
      return name.substr(0, name.find('.')) + "_{" + within(node).name + "}";
    }
    return formula(node);
  }

  /// What weights are of: "i" of the input, the name of a state or of another value.
  std::string read_letter(int node) const {
    const CellNode& n = at(node);
    if (n.op == CellOp::input) return "i";
    if (n.op == CellOp::before) return graph_.states[static_cast<size_t>(n.state)].name;
    if (const CellEquation* other = equation(node)) return other->name;
    return graph_.states[static_cast<size_t>(graph_.output)].name;
  }
  std::pair<std::string, int> weights(int node) const {
    const CellNode& n = at(node);
    const std::string& of = within(node).name;
    if (n.op == CellOp::vector) return {"b_{" + of + "}", atom_level};
    const bool named =
        equation(n.a) != nullptr || at(n.a).op == CellOp::before || at(n.a).op == CellOp::input;
    if (n.op == CellOp::norm) return {"norm(" + (named ? symbol(n.a) : formula(n.a)) + ")", atom_level};
    const std::string letters = read_letter(n.a) + of,
                      operand = named ? symbol(n.a) : "(" + formula(n.a) + ")";
    if (n.op == CellOp::scaled) return {"w_{" + letters + "} · " + operand, product_level};
    const std::string product = "W_{" + letters + "} " + operand;
    return n.bias.tensor < 0 ? std::pair{product, product_level}
                             : std::pair{product + " + b_{" + letters + "}", sum_level};
  }
  /// Right-hand side.
  std::string formula(int node) const {
    if (has_weights(at(node).op)) return weights(node).first;
    const auto leaf = [this](int n, bool) -> std::pair<std::string, int> {
      if (equation(n) || at(n).op == CellOp::before || at(n).op == CellOp::input)
        return {symbol(n), atom_level};
      return has_weights(at(n).op) ? weights(n) : std::pair<std::string, int>{"", 0};
    };
    return Writer(graph_, leaf).write(node);
  }

  std::string words(int node) const {
    if (at(node).matrix)
      return words_of_matrix(node) + "; shown is the length of each unit's row of the matrix";
    if (const CellEquation* own = equation(node)) {
      if (!own->help.empty()) return own->help;
      if (own->state >= 0) return "state: what is carried to the next step";
      return at(node).op == CellOp::sigmoid ? "a gate, from 0 to 1" : "a value of this step";
    }
    const CellNode& n = at(node);
    if (n.op == CellOp::before) {
      if (n.state == graph_.output) return "hidden state from the step before; weights read all units";
      return n.state == 0
                 ? "memory from the step before"
                 : "state " + graph_.states[static_cast<size_t>(n.state)].name + " from the step before";
    }
    const CellEquation& of = within(node);
    const std::string target = short_words(of), &name = id(node);
    if (has_weights(n.op)) {
      const std::string who = name.substr(0, name.find('.'));
      if (who == "x") return "what the input says to " + target;
      if (who == "u") return "what all units say to " + target;
      if (who == "b") return "a learned number of each unit, for " + target;
      return "what " + who + " says to " + target;
    }
    const std::string state = of.state >= 0 ? of.name : "";
    if (name.starts_with("keep"))
      return "what is kept of " +
             (state == graph_.states[0].name && graph_.states.size() > 1 ? "the memory" : state);
    if (name.starts_with("write"))
      return "what is written into " +
             (state == graph_.states[0].name && graph_.states.size() > 1 ? "the memory" : state);
    if (name.starts_with("sum")) return "all that " + target + " hears, added up";
    return "a part of " + target;
  }

 private:
  std::string words_of_matrix(int node) const {
    const CellEquation* own = equation(node);
    if (own) return own->help.empty() ? "state: what is carried to the next step" : own->help;
    if (at(node).op == CellOp::before) return "memory from the step before";
    return at(node).op == CellOp::outer ? "what is written" : "what is kept";
  }

  const CellGraph& graph_;
  const std::vector<std::string>& names_;
  const std::vector<int> equation_;
};

}  // namespace

// --- CellFormulas

CellFormulas::CellFormulas(std::shared_ptr<const CellGraph> graph)
    : graph_(std::move(graph)), names_(node_names(*graph_)), of_node_(graph_->nodes.size(), -1) {
  const Describer describe(*graph_, names_);
  for (size_t n = 0; n < names_.size(); ++n) {
    if (names_[n].empty()) continue;
    const int node = static_cast<int>(n);
    const CellOp op = graph_->nodes[n].op;
    const bool before = op == CellOp::before;
    of_node_[n] = static_cast<int>(quantities_.size());
    quantities_.push_back({names_[n], describe.symbol(node), before ? "" : describe.formula(node),
                           describe.words(node), node, !before && !is_of_all_units(graph_->nodes[n])});
  }
  for (const CellEquation& one : graph_->equations) equations_.push_back(of_node(one.node));
}

const Quantity* CellFormulas::of_node(int node) const {
  const int found = node < 0 ? -1 : of_node_[static_cast<size_t>(node)];
  return found < 0 ? nullptr : &quantities_[static_cast<size_t>(found)];
}

const Quantity* CellFormulas::find(std::string_view id) const {
  const auto found =
      std::find_if(quantities_.begin(), quantities_.end(), [&](const Quantity& q) { return q.id == id; });
  return found == quantities_.end() ? nullptr : &*found;
}

bool CellFormulas::is_gate(std::string_view id) const {
  const Quantity* quantity = find(id);
  if (!quantity) return false;
  const CellNode* node = &graph_->nodes[static_cast<size_t>(quantity->node)];
  if (node->op == CellOp::subtract && graph_->nodes[static_cast<size_t>(node->a)].op == CellOp::number &&
      graph_->nodes[static_cast<size_t>(node->a)].value == 1)
    node = &graph_->nodes[static_cast<size_t>(node->b)];
  return node->op == CellOp::sigmoid;
}

std::vector<std::string> CellFormulas::operands(const Quantity& quantity) const {
  std::vector<std::string> found;
  const CellNode& root = graph_->nodes[static_cast<size_t>(quantity.node)];
  const std::vector<int> equation = equations_of_nodes(*graph_);
  const std::function<void(int)> look = [&](int node) {
    if (node < 0) return;
    const CellNode& n = graph_->nodes[static_cast<size_t>(node)];
    if (n.op == CellOp::input) return found.push_back("input");
    const bool named = equation[static_cast<size_t>(node)] >= 0 || n.op == CellOp::before ||
                       (is_of_all_units(n) && !names_[static_cast<size_t>(node)].empty());
    if (named) return found.push_back(names_[static_cast<size_t>(node)]);
    look(n.a);
    look(n.b);
  };
  look(root.a);
  look(root.b);
  return found;
}

namespace {

/// Values of nodes, each computed once.
double evaluate(const CellGraph& graph, int node, const std::function<double(int)>& known,
                std::vector<double>& values, std::vector<char>& done) {
  const auto n = static_cast<size_t>(node);
  if (done[n]) return values[n];
  done[n] = 1;
  const CellNode& at = graph.nodes[n];
  double value = known(node);
  if (std::isnan(value)) {
    const bool leaf = kind_of(at.op) == CellOpKind::leaf || has_weights(at.op);
    const auto of = [&](int operand) { return evaluate(graph, operand, known, values, done); };
    if (at.op == CellOp::number)
      value = at.value;
    else if (!leaf)
      value = at.op == CellOp::copy ? of(at.a) : apply(at.op, of(at.a), at.b < 0 ? 0 : of(at.b));
  }
  return values[n] = value;
}

}  // namespace

double CellFormulas::value(int node, const Row& row) const {
  std::vector<double> values(graph_->nodes.size(), none);
  std::vector<char> done(values.size(), 0);
  const auto known = [&](int n) {
    const std::string& name = names_[static_cast<size_t>(n)];
    return name.empty() ? none : row(name);
  };
  return evaluate(*graph_, node, known, values, done);
}

std::pair<std::string, double> CellFormulas::with_numbers(const Quantity& quantity, const Row& row,
                                                          int digits) const {
  std::vector<double> shown(graph_->nodes.size(), none);
  const std::vector<int> equation = equations_of_nodes(*graph_);
  const auto leaf = [&](int node, bool first) -> std::pair<std::string, int> {
    const CellNode& at = graph_->nodes[static_cast<size_t>(node)];
    const bool named =
        equation[static_cast<size_t>(node)] >= 0 || at.op == CellOp::before || is_of_all_units(at);
    if (!named) return {"", 0};
    char rounded[400];
    std::snprintf(rounded, sizeof rounded, "%.*f", digits, value(node, row));
    const double number = shown[static_cast<size_t>(node)] = std::strtod(rounded, nullptr);
    const std::string text = decimals(number, digits);
    return {number < 0 && !first ? "(" + text + ")" : text, atom_level};
  };
  std::string text = Writer(*graph_, leaf).write(quantity.node);
  std::vector<double> values(graph_->nodes.size(), none);
  std::vector<char> done(values.size(), 0);
  const auto known = [&](int n) { return shown[static_cast<size_t>(n)]; };
  return {std::move(text), evaluate(*graph_, quantity.node, known, values, done)};
}

const CellFormulas& formulas_of(const std::shared_ptr<const CellGraph>& graph) {
  constexpr size_t kept = 24;
  static std::list<CellFormulas> all;
  for (auto one = all.begin(); one != all.end(); ++one)
    if (&one->graph() == graph.get()) {
      all.splice(all.begin(), all, one);
      return all.front();
    }
  all.emplace_front(graph);
  if (all.size() > kept) all.pop_back();
  return all.front();
}

std::string decimals(double value, int digits) {
  if (!std::isfinite(value)) return "–";
  char text[400];
  std::snprintf(text, sizeof text, "%.*f", digits, std::abs(value));
  const bool zero = std::strtod(text, nullptr) == 0;
  return (value < 0 && !zero ? "−" : "") + std::string(text);
}

}  // namespace unroll
