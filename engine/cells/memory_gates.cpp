#include "engine/cells/memory_gates.h"

#include <algorithm>
#include <optional>

namespace unroll {
namespace {

class Finder {
 public:
  explicit Finder(const CellGraph& graph) : graph_(graph) {}

  std::vector<MemoryGate> run() {
    for (size_t s = 0; s < graph_.states.size(); ++s) {
      summed_.assign(graph_.nodes.size(), false);
      std::vector<MemoryGate> of_state;
      bool gated = false;
      read_sum(equation_node(graph_.states[s].equation), static_cast<int>(s), of_state, gated);
      if (gated)
        for (const MemoryGate& gate : of_state) add(gates_, gate);
    }
    std::ranges::sort(gates_, {}, &MemoryGate::equation);
    return gates_;
  }

 private:
  const CellNode& node(int n) const { return graph_.nodes[static_cast<size_t>(n)]; }
  int equation_node(int equation) const { return graph_.equations[static_cast<size_t>(equation)].node; }

  static void add(std::vector<MemoryGate>& gates, const MemoryGate& gate) {
    if (std::ranges::find(gates, gate.equation, &MemoryGate::equation) == gates.end()) gates.push_back(gate);
  }

  /// name = sigmoid(…) with a bias, or 1 minus such a one; `keeps` is whether the factor grows with its bias.
  std::optional<MemoryGate> gate_of(int n) const {
    const bool is_rest =
        node(n).op == CellOp::subtract && node(node(n).a).op == CellOp::number && node(node(n).a).value == 1;
    const int gate = is_rest ? node(n).b : n;
    const auto equation = std::ranges::find(graph_.equations, gate, &CellEquation::node);
    if (equation == graph_.equations.end() || node(gate).op != CellOp::sigmoid) return {};
    const int number = static_cast<int>(equation - graph_.equations.begin());
    if (bias_inits(graph_, number, CellInit::Kind::number, 0).empty()) return {};
    return MemoryGate{number, !is_rest};
  }

  /// Each once, however often it is a factor: a text of 40 lines can make 2⁴⁰ of one.
  void factors_of(int n, std::vector<int>& factors, std::vector<bool>& seen) const {
    if (seen[static_cast<size_t>(n)]) return;
    seen[static_cast<size_t>(n)] = true;
    if (node(n).op != CellOp::multiply && node(n).op != CellOp::outer) return factors.push_back(n);
    factors_of(node(n).a, factors, seen);
    factors_of(node(n).b, factors, seen);
  }

  /// `gated`: some term has the state's old value and a gate.
  void read_sum(int n, int state, std::vector<MemoryGate>& gates, bool& gated) {
    if (summed_[static_cast<size_t>(n)]) return;
    summed_[static_cast<size_t>(n)] = true;
    const CellNode& now = node(n);
    if (now.op == CellOp::copy || now.op == CellOp::divide) return read_sum(now.a, state, gates, gated);
    if (now.op == CellOp::add || now.op == CellOp::subtract) {
      read_sum(now.a, state, gates, gated);
      return read_sum(now.b, state, gates, gated);
    }
    std::vector<int> factors;
    std::vector<bool> seen(graph_.nodes.size());
    factors_of(n, factors, seen);
    const bool is_past = std::ranges::any_of(factors, [&](int factor) {
      return node(factor).op == CellOp::before && node(factor).state == state;
    });
    for (const int factor : factors)
      if (const auto gate = gate_of(factor)) {
        add(gates, {gate->equation, gate->keeps == is_past});
        gated |= is_past;
      }
  }

  const CellGraph& graph_;
  std::vector<MemoryGate> gates_;
  std::vector<bool> summed_;  // nodes read as terms of the state that is looked at
};

}  // namespace

std::vector<MemoryGate> memory_gates(const CellGraph& graph) { return Finder(graph).run(); }

std::vector<CellInit> chrono_inits(const CellGraph& graph, double span) {
  std::vector<CellInit> inits;
  for (const MemoryGate& gate : memory_gates(graph))
    for (const CellInit& init :
         bias_inits(graph, gate.equation, CellInit::Kind::chrono, span, gate.keeps ? 1 : -1))
      inits.push_back(init);
  return inits;
}

}  // namespace unroll
