// The equations of a cell as the learner reads them, from its graph: what each quantity is, from what it is computed, and
// the same with the numbers put in. Knows nothing of a screen.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/cells/graph.h"

namespace unroll {

/// A number in the cell of each unit: a row of the lane's answer, or computed from rows (f · c before, for instance).
struct Quantity {
  std::string id;       ///< engine/cells/node_names.h
  std::string symbol;   ///< "f_t"; formulas as in math_text.h
  std::string formula;  ///< right-hand side; empty: it comes from the character before
  std::string words;    ///< what it means
  int node = -1;
  bool worked =
      false;  ///< it follows from other numbers of the unit; else it is of more units than one, or comes from before
};

class CellFormulas {
 public:
  static constexpr double none = std::numeric_limits<double>::quiet_NaN();  ///< of a value that is not known

  explicit CellFormulas(std::shared_ptr<const CellGraph>);

  const CellGraph& graph() const { return *graph_; }
  std::span<const Quantity> quantities() const { return quantities_; }  ///< in the order of their computation
  const Quantity* find(std::string_view id) const;                      ///< or null
  const Quantity* of_node(int node) const;                              ///< or null
  /// Those of the equations, in the order of the file.
  const std::vector<const Quantity*>& equations() const { return equations_; }
  /// From 0 to 1: a gate, or what a gate leaves.
  bool is_gate(std::string_view id) const;
  /// The quantities next to it on the way to the input and to the states before; "input" for that of the character.
  std::vector<std::string> operands(const Quantity&) const;

  /// The lane's row of a name, in double precision; NaN where there is none.
  using Row = std::function<double(std::string_view name)>;
  /// Of a unit: the row, or what follows from rows; NaN where that is not known.
  double value(int node, const Row&) const;
  /// Its right-hand side with the values of what it is computed from, to that many decimals, and the result of exactly these.
  std::pair<std::string, double> with_numbers(const Quantity&, const Row&, int digits) const;

 private:
  std::shared_ptr<const CellGraph> graph_;
  std::vector<std::string> names_;
  std::vector<Quantity> quantities_;
  std::vector<int> of_node_;
  std::vector<const Quantity*> equations_;
};

/// The same object for the same graph while it is among the last that were asked for. For one thread.
const CellFormulas& formulas_of(const std::shared_ptr<const CellGraph>&);

/// "−0.77"; never "−0.00".
std::string decimals(double value, int digits);

}  // namespace unroll
