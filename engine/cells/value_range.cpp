#include "engine/cells/value_range.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace unroll {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// 0 times anything is 0: a factor of that range has it somewhere.
double times(double a, double b) { return a == 0 || b == 0 ? 0 : a * b; }

ValueRange product(ValueRange a, ValueRange b) {
  const auto [low, high] =
      std::minmax({times(a.low, b.low), times(a.low, b.high), times(a.high, b.low), times(a.high, b.high)});
  return {low, high};
}

/// Of a function that rises all the way.
ValueRange rising(CellOp op, ValueRange a) {
  const auto at = [op](double x) { return apply(op, x); };
  return {at(a.low), at(a.high)};
}

ValueRange absolute(ValueRange a) {
  const double far = std::max(std::abs(a.low), std::abs(a.high));
  const double near = a.low <= 0 && a.high >= 0 ? 0 : std::min(std::abs(a.low), std::abs(a.high));
  return {near, far};
}

class Ranges {
 public:
  explicit Ranges(const CellGraph& graph) {
    for (const CellNode& node : graph.nodes) all_.push_back(range(node));
  }
  ValueRange operator[](int node) const { return all_[static_cast<size_t>(node)]; }

 private:
  ValueRange range(const CellNode& node) const {
    constexpr ValueRange anything{-infinity, infinity};
    const ValueRange a = node.a >= 0 ? (*this)[node.a] : anything,
                     b = node.b >= 0 ? (*this)[node.b] : anything;
    switch (node.op) {
      case CellOp::number:
        return {node.value, node.value};
      case CellOp::add:
        return {a.low + b.low, a.high + b.high};
      case CellOp::subtract:
        return {a.low - b.high, a.high - b.low};
      case CellOp::multiply:
        return node.a == node.b ? product(absolute(a), absolute(a)) : product(a, b);
      case CellOp::divide:
        return b.low > 0 || b.high < 0 ? product(a, {1 / b.high, 1 / b.low}) : anything;
      case CellOp::max:
        return {std::max(a.low, b.low), std::max(a.high, b.high)};
      case CellOp::min:
        return {std::min(a.low, b.low), std::min(a.high, b.high)};
      case CellOp::copy:
        return a;
      case CellOp::negate:
        return {-a.high, -a.low};
      case CellOp::sigmoid:
      case CellOp::tanh:
      case CellOp::relu:
      case CellOp::exp:
      case CellOp::softplus:
        return rising(node.op, a);
      case CellOp::log:
      case CellOp::sqrt:
        return a.low >= 0 ? rising(node.op, a) : node.op == CellOp::sqrt ? ValueRange{0, infinity} : anything;
      case CellOp::abs:
        return absolute(a);
      case CellOp::sin:
      case CellOp::cos:
        return {-1, 1};
      case CellOp::input:
      case CellOp::before:
      case CellOp::linear:
      case CellOp::vector:
      case CellOp::scaled:
      case CellOp::norm:
      case CellOp::sum:
      case CellOp::mean:
      case CellOp::outer:
      case CellOp::times:
        break;
    }
    return anything;
  }

  std::vector<ValueRange> all_;
};

}  // namespace

bool ValueRange::bounded() const { return std::isfinite(low) && std::isfinite(high); }

ValueRange value_range(const CellGraph& graph, int node) { return Ranges(graph)[node]; }

}  // namespace unroll
