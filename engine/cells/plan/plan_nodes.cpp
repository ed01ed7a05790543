#include "engine/cells/plan/plan_nodes.h"

#include <algorithm>

namespace unroll::cell_plan {
namespace {

class Lowering {
 public:
  explicit Lowering(const CellGraph& graph) : graph_(graph), size_(graph.nodes.size()) {}

  std::vector<Node> run() {
    find_live();
    find_constants();
    made_.assign(size_, -1);
    absorbed_.assign(size_, false);
    for (size_t n = size_; n-- > 0;) find_sum(n);
    for (size_t n = 0; n < size_; ++n)
      if (live_[n] && !absorbed_[n]) make(n);
    find_phases();
    find_levels();
    find_uses();
    find_kept();
    return std::move(nodes_);
  }

 private:
  const CellNode& of(int n) const { return graph_.nodes[static_cast<size_t>(n)]; }
  Node& node(int n) { return nodes_[static_cast<size_t>(n)]; }
  int add(Node node) {
    nodes_.push_back(std::move(node));
    return static_cast<int>(nodes_.size()) - 1;
  }

  // --- The graph as it is written

  void find_live() {
    live_.assign(size_, false), uses_.assign(size_, 0), equation_.assign(size_, -1);
    for (size_t e = 0; e < graph_.equations.size(); ++e) {
      const size_t n = static_cast<size_t>(graph_.equations[e].node);
      live_[n] = true, equation_[n] = static_cast<int>(e);
    }
    for (size_t n = size_; n-- > 0;) {
      if (!live_[n]) continue;
      for (const int operand : {graph_.nodes[n].a, graph_.nodes[n].b})
        if (operand >= 0) live_[static_cast<size_t>(operand)] = true, ++uses_[static_cast<size_t>(operand)];
    }
  }
  void find_constants() {
    constant_.assign(size_, false);
    for (size_t n = 0; n < size_; ++n) {
      const CellNode& now = graph_.nodes[n];
      if (now.op == CellOp::input || now.op == CellOp::before) continue;
      constant_[n] = (now.a < 0 || constant_[static_cast<size_t>(now.a)]) &&
                     (now.b < 0 || constant_[static_cast<size_t>(now.b)]);
    }
  }
  /// Whether a node is nothing but a term of the sum that reads it.
  bool is_term(int n, CellOp op) const {
    const size_t at = static_cast<size_t>(n);
    return of(n).op == op && uses_[at] == 1 && equation_[at] < 0;
  }
  void terms_of(int n, std::vector<int>& terms) const {
    for (const int operand : {of(n).a, of(n).b})
      if (is_term(operand, CellOp::add))
        terms_of(operand, terms);
      else
        terms.push_back(operand);
  }
  /// Sums that have a product take in the sums, products and vectors that they consist of.
  void find_sum(size_t n) {
    if (!live_[n] || absorbed_[n] || graph_.nodes[n].op != CellOp::add) return;
    std::vector<int> terms;
    terms_of(static_cast<int>(n), terms);
    if (std::ranges::none_of(terms, [&](int t) { return is_term(t, CellOp::linear); })) return;
    absorb_sums(static_cast<int>(n));
    for (const int term : terms)
      if (is_term(term, CellOp::linear) || is_term(term, CellOp::vector))
        absorbed_[static_cast<size_t>(term)] = true;
  }
  void absorb_sums(int n) {
    for (const int operand : {of(n).a, of(n).b})
      if (is_term(operand, CellOp::add)) absorbed_[static_cast<size_t>(operand)] = true, absorb_sums(operand);
  }

  // --- The nodes

  void make(size_t n) {
    const CellNode& from = graph_.nodes[n];
    if (from.op == CellOp::input) return;
    std::vector<int> terms;
    int made = -1;
    if (from.matrix && from.op != CellOp::before) {
      if (equation_[n] < 0) return;  // a part of the matrix' equation
      made = make_matrix(from);
    } else if (from.op == CellOp::linear) {
      made = gather({static_cast<int>(n)});
    } else if (from.op == CellOp::add && absorbs(static_cast<int>(n), terms)) {
      made = make_sum(terms);
    } else {
      made = add({.op = from.op,
                  .a = from.a < 0 ? -1 : made_[static_cast<size_t>(from.a)],
                  .b = from.b < 0 ? -1 : made_[static_cast<size_t>(from.b)],
                  .state = from.state,
                  .heads = from.heads,
                  .value = from.value,
                  .weight = from.weight,
                  .bias = from.bias});
    }
    const int equation = equation_[n];
    if (equation >= 0) {
      const int state = graph_.equations[static_cast<size_t>(equation)].state;
      // What a state is set to stands in the state's own array, which products and parameters do not write.
      const CellOp op = node(made).op;
      if (state >= 0 && (op == CellOp::linear || constant_[n]))
        made = add({.op = CellOp::copy, .a = made, .phase = Phase::ahead});
      node(made).equation = equation, node(made).sets = state;
    }
    made_[n] = made;
  }

  /// f * c[t-1] + outer(v, k), or c[t-1] + outer(v, k), the terms and the factors in any order.
  int make_matrix(const CellNode& sum) {
    const bool second = of(sum.a).op == CellOp::outer;
    const CellNode &write = of(second ? sum.a : sum.b), &keep = of(second ? sum.b : sum.a);
    const auto node_of = [&](int n) { return made_[static_cast<size_t>(n)]; };
    int factor = -1, past = second ? sum.b : sum.a;
    if (keep.op == CellOp::multiply) {
      const bool first = of(keep.a).op == CellOp::before && of(keep.a).matrix;
      past = first ? keep.a : keep.b, factor = first ? keep.b : keep.a;
    }
    const int by = factor >= 0 ? node_of(factor) : add({.op = CellOp::number, .value = 1});
    return add({.op = CellOp::outer,
                .a = by,
                .b = node_of(past),
                .c = node_of(write.a),
                .d = node_of(write.b),
                .heads = write.heads});
  }

  bool absorbs(int n, std::vector<int>& terms) const {
    terms_of(n, terms);
    return std::ranges::any_of(terms, [&](int t) { return absorbed_[static_cast<size_t>(t)]; });
  }

  /// A node for the products and vectors among the terms of a sum, and one for each further term.
  int make_sum(const std::vector<int>& terms) {
    std::vector<int> gathered, others;
    bool has_input = false;
    for (const int term : terms) {
      const bool of_input = is_term(term, CellOp::linear) && of(of(term).a).op == CellOp::input;
      if (!absorbed_[static_cast<size_t>(term)])
        others.push_back(made_[static_cast<size_t>(term)]);
      else if (of_input && has_input)
        others.push_back(gather({term}));
      else
        gathered.push_back(term), has_input |= of_input;
    }
    int sum = gather(gathered);
    for (const int other : others) sum = add({.op = CellOp::add, .a = sum, .b = other});
    return sum;
  }

  int gather(const std::vector<int>& terms) {
    Node node{.op = CellOp::linear};
    for (const int term : terms) {
      const CellNode& from = of(term);
      if (from.op == CellOp::vector) {
        node.biases.push_back(from.weight);
        continue;
      }
      if (from.bias.tensor >= 0) node.biases.push_back(from.bias);
      const bool of_input = of(from.a).op == CellOp::input;
      int operand = of_input ? -1 : made_[static_cast<size_t>(from.a)];
      if (!of_input && constant_[static_cast<size_t>(from.a)])
        operand = add({.op = CellOp::copy, .a = operand, .phase = Phase::ahead});
      node.leaves.insert(of_input ? node.leaves.begin() : node.leaves.end(),
                         Leaf{.operand = operand, .weight = from.weight});
    }
    return add(std::move(node));
  }

  // --- What follows

  template <class Body>
  static void each_read(const Node& node, Body body) {
    each_operand(node, body);
    for (const Leaf& leaf : node.leaves)
      if (leaf.operand >= 0) body(leaf.operand);
  }

  void find_phases() {
    std::vector<bool> recurrent(graph_.states.size());
    for (Node& now : nodes_) {
      if (now.op == CellOp::before) recurrent[static_cast<size_t>(now.state)] = true, now.phase = Phase::loop;
      if (now.op == CellOp::linear) now.phase = Phase::ahead;
      each_read(now, [&](int n) { now.phase = std::max(now.phase, node(n).phase); });
    }
    std::vector<bool> in_loop(nodes_.size());
    for (size_t n = nodes_.size(); n-- > 0;) {
      Node& now = nodes_[n];
      if (now.sets >= 0 && recurrent[static_cast<size_t>(now.sets)]) in_loop[n] = true;
      if (in_loop[n]) each_read(now, [&](int m) { in_loop[static_cast<size_t>(m)] = true; });
      if (now.phase == Phase::loop && !in_loop[n] && now.op != CellOp::before) now.phase = Phase::behind;
    }
  }

  void find_levels() {
    for (Node& now : nodes_) {
      const auto level_here = [&](int n, Phase phase) {
        const Node& read = node(n);
        return read.phase == phase && read.op != CellOp::before ? read.level : -1;
      };
      each_operand(now, [&](int n) { now.level = std::max(now.level, level_here(n, now.phase)); });
      for (Leaf& leaf : now.leaves) {
        if (leaf.operand < 0) continue;
        const Phase read = node(leaf.operand).phase;
        leaf.phase = read == Phase::ahead ? Phase::ahead : now.phase;
        leaf.level = level_here(leaf.operand, leaf.phase) + 1;
        if (leaf.phase == now.phase) now.level = std::max(now.level, leaf.level);
      }
    }
    for (Node& now : nodes_)
      for (Leaf& leaf : now.leaves) leaf.back = leaf.phase == now.phase ? now.level : -1;
  }

  void find_uses() {
    for (size_t n = nodes_.size(); n-- > 0;) {
      Node& now = nodes_[n];
      if (now.sets >= 0) now.active = true;
      if (now.active) each_read(now, [&](int m) { node(m).active = true; });
    }
    for (const Node& now : nodes_) {
      const auto crosses = [&](Node& read) { return read.phase != now.phase || read.level != now.level; };
      each_operand(now, [&](int m) {
        if (now.active) ++node(m).uses;
        if (crosses(node(m))) node(m).across = true;
      });
      for (const Leaf& leaf : now.leaves) {
        if (leaf.operand < 0) continue;
        if (now.active) ++node(leaf.operand).uses;
        node(leaf.operand).across = true;
      }
    }
  }

  /// Values that the way back reads.
  void find_kept() {
    const auto computed = [](const Node& now) {
      return now.op != CellOp::number && now.op != CellOp::vector && now.op != CellOp::before;
    };
    std::vector<bool> needed(nodes_.size());
    const auto need = [&](int n) { needed[static_cast<size_t>(n)] = true; };
    for (size_t n = 0; n < nodes_.size(); ++n) {
      const Node& now = nodes_[n];
      if (now.equation >= 0 || now.across || now.phase == Phase::once) need(static_cast<int>(n));
      if (!now.active) continue;
      switch (now.op) {
        case CellOp::multiply:
          need(now.a), need(now.b);
          break;
        case CellOp::divide:
          need(now.b), need(static_cast<int>(n));
          break;
        case CellOp::max:
        case CellOp::min:
          need(now.a), need(now.b);
          break;
        case CellOp::sigmoid:
        case CellOp::tanh:
        case CellOp::relu:
        case CellOp::exp:
        case CellOp::sqrt:
          need(static_cast<int>(n));
          break;
        case CellOp::log:
        case CellOp::softplus:
        case CellOp::abs:
        case CellOp::sin:
        case CellOp::cos:
        case CellOp::scaled:
        case CellOp::norm:
          need(now.a);
          break;
        case CellOp::outer:
          need(now.a), need(now.c), need(now.d);
          break;
        case CellOp::times:
          need(now.b);
          break;
        default:
          break;
      }
    }
    // What is cheap is computed again, if all that it is made of is at hand.
    std::vector<int> depth(nodes_.size());
    for (size_t n = 0; n < nodes_.size(); ++n) {
      Node& now = nodes_[n];
      const bool must = now.equation >= 0 || now.across || now.phase == Phase::once;
      now.kept = computed(now) && needed[n];
      if (!now.kept || must || !is_cheap(now.op)) continue;
      bool at_hand = true;
      each_operand(now, [&](int m) {
        const Node& read = node(m);
        if (computed(read) && !read.kept && !(needed[static_cast<size_t>(m)] && is_cheap(read.op)))
          at_hand = false;
        depth[n] = std::max(depth[n], read.kept || !computed(read) ? 1 : depth[static_cast<size_t>(m)] + 1);
      });
      if (at_hand && depth[n] <= 3) now.kept = false;
    }
  }

  const CellGraph& graph_;
  size_t size_;
  std::vector<bool> live_, constant_, absorbed_;
  std::vector<int> uses_, equation_, made_;
  std::vector<Node> nodes_;
};

}  // namespace

bool is_cheap(CellOp op) {
  switch (op) {
    case CellOp::add:
    case CellOp::subtract:
    case CellOp::multiply:
    case CellOp::max:
    case CellOp::min:
    case CellOp::copy:
    case CellOp::negate:
    case CellOp::relu:
    case CellOp::abs:
    case CellOp::scaled:
      return true;
    default:
      return false;
  }
}

std::vector<Node> make_nodes(const CellGraph& graph) { return Lowering(graph).run(); }

}  // namespace unroll::cell_plan
