// Between which numbers a value of a cell lies, whatever the weights are: what a gate is, and how far it can be clamped.
// Interval arithmetic over the graph: never too narrow, and as narrow as the operations say. May use engine/base.
#pragma once

#include "engine/cells/graph.h"

namespace unroll {

/// Ends may be infinite.
struct ValueRange {
  double low, high;

  bool bounded() const;
  bool is_gate() const { return low >= 0 && high <= 1; }  ///< a share, as of a sigmoid
};

ValueRange value_range(const CellGraph& graph, int node);

}  // namespace unroll
