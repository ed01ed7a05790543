// The equations of the cells (engine/cells/*.h) as the learner reads them: what each quantity is, from what it is
// computed, and the same with the numbers put in. Knows nothing of a screen.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/document/experiment.h"
#include "web/views/cell/cell.h"

namespace unroll {

/// A number in the cell of each unit: a row of the lane's answer, or computed from rows (f · c before, for instance).
struct Quantity {
  std::string_view id;       ///< the row's name, or a name of ours
  std::string_view symbol;   ///< "f_t"; formulas as in math_text.h
  std::string_view formula;  ///< right-hand side; empty: it comes from the character before
  std::string_view
      numbers;  ///< right-hand side with the names of rows in braces; empty: a sum over all units
  double (*value)(const double* operands);  ///< of the rows in braces, in their order
  std::string_view words;                   ///< what it means
};

std::span<const Quantity> quantities(const LaneSpec&);
/// Null when the cell has no such quantity.
const Quantity* find_quantity(const LaneSpec&, std::string_view id);
/// The ids of the equations, in the order of their computation.
std::span<const std::string_view> equations(std::string_view cell);
/// The rows in the quantity's braces.
std::vector<std::string_view> operands(const Quantity&);

/// Its value of one unit; NaN when the lane has not answered.
double value_of(const CellReading&, const Quantity&, size_t unit);
std::vector<float> values_of(const CellReading&, const Quantity&);

/// The quantity of the chosen unit with its numbers. `numbers` has as many decimals as it takes (three or more) for
/// the arithmetic on what is shown to give the shown result.
struct WorkedOut {
  std::string numbers;  ///< "σ(0.410 + 1.320)"; empty where there is no arithmetic
  std::string result;   ///< three decimals, fewer for large values
  double value;
};
WorkedOut work_out(const CellReading&, const Quantity&);

/// "−0.77"; never "−0.00".
std::string decimals(double value, int digits);

}  // namespace unroll
