// Whether the derivatives of a cell are right: those of its graph, operation by operation on the way back through a few
// steps, against finite differences of the forward walk (engine/cells/double_cell.h), both in double precision. The cell
// alone, with random weights, inputs and a random linear loss of what goes up: so it says what the equations are worth
// before anything is trained. (gradient_check.h checks a running model.)
#pragma once

#include <memory>
#include <string>

#include "engine/cells/graph.h"

namespace unroll {

struct CellCheck {
  /// ‖derivative − difference‖ / (‖derivative‖ + ‖difference‖) over all parameters that were tried; 0 when both are 0.
  double error = 0;
  int parameters = 0;  ///< how many were tried, at least one of every block
  std::string
      not_finite;  ///< the first equation with a number that is not finite, and then nothing was tried
};

/// `hidden` is a multiple of hidden_multiple(graph). The same for the same arguments.
CellCheck check_derivatives(const std::shared_ptr<const CellGraph>& graph, int hidden, int input = 5,
                            int steps = 6, int samples = 200);

}  // namespace unroll
