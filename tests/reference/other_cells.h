// The cells beside rnn, lstm and gru (cells.h), forward, as their papers write them: a loop over units in double precision.
// Independent of the engine but for what tensors are called and how they lie (docs/cells.md). Gradients are checked by
// finite differences.
#pragma once

#include <map>
#include <string>

#include "tests/reference/linear.h"

namespace unroll::reference {

/// By name without the layer: "weight_ih" holds blocks of (H, I), one below the other.
using CellTensors = std::map<std::string, Vector>;
/// By name: what a cell carries from step to step.
using CellStates = std::map<std::string, Vector>;

/// One step of one layer: the states after x.
using CellStepFunction = CellStates (*)(const CellTensors&, const Vector& x, const CellStates& before);

/// lstm1997, peephole, cifg, lnlstm, gru_before, irnn, indrnn, mingru, minlstm, slstm, mlstm, lru.
const std::map<std::string, CellStepFunction>& other_cells();

}  // namespace unroll::reference
