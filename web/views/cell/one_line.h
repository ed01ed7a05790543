// The picture of a cell of one equation, such as the rnn: a line with a matrix, a sum and a function on it. Part of diagram.cpp.
#pragma once

#include <optional>

#include "engine/cells/graph.h"
#include "web/views/cell/diagram.h"

namespace unroll {

/// The weights of the input and of the state before, when the whole cell is a function of their sum.
struct OneLine {
  int x = -1, u = -1, sum = -1, root = -1;
};

/// Nothing where the cell is no such one.
std::optional<OneLine> as_one_line(const CellGraph&);
Diagram lay_out_line(const CellGraph&, const OneLine&, Spot min, Spot size);

}  // namespace unroll
