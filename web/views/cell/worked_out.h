// Formulas with the numbers of a lane put in. Uses the formulas and the reading.
#pragma once

#include <string>
#include <vector>

#include "web/views/cell/cell.h"
#include "web/views/cell/formulas.h"

namespace unroll {

/// Of the cell that the reading is of.
const CellFormulas& formulas_of(const CellNumbers&);

/// Its value of one unit; NaN when the lane has not answered.
double value_of(const CellNumbers&, const Quantity&, size_t unit);
std::vector<float> values_of(const CellNumbers&, const Quantity&);

/// The quantity of the chosen unit with its numbers. `numbers` has as many decimals as it takes (three or more) for
/// the arithmetic on what is shown to give the shown result.
struct WorkedOut {
  std::string numbers;  ///< "σ(0.410 + 1.320)"; empty where there is no arithmetic
  std::string result;   ///< three decimals, fewer for large values
  double value;
};
WorkedOut work_out(const CellNumbers&, const Quantity&);

}  // namespace unroll
