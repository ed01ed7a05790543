// Which gates of a cell decide how long it remembers, found in its equations: in c = f * c[t-1] + i * g the gate f keeps and
// i writes; in h = (1 - z) * n + z * h[t-1] z keeps. May use engine/base.
#pragma once

#include <vector>

#include "engine/cells/graph.h"

namespace unroll {

struct MemoryGate {
  int equation;  ///< name = sigmoid(…), with a bias in it
  bool keeps;    ///< the larger, the longer a state lasts; else the smaller
};

/// In the order of the file. Empty unless some gate is a factor of a state's own value one step before.
std::vector<MemoryGate> memory_gates(const CellGraph& graph);

/// Chrono initialisation (Tallec & Ollivier 2018, eq. 16): what a bias must be for units to remember about 1 to `span` steps,
/// log U(1, span − 1) of gates that keep and minus that of those that write. Empty where the cell has no such gates.
std::vector<CellInit> chrono_inits(const CellGraph& graph, double span);

}  // namespace unroll
