// Inside the reader of cells: names, order within a step and what fits. See syntax.h.
#pragma once

#include "engine/cells/language/syntax.h"

namespace unroll::cell_syntax {

/// Finds what every name means (Piece::target) and what is missing or of no use. False when a problem was told.
bool resolve(Syntax& syntax, std::vector<CellProblem>& problems);

/// Equations in an order in which each comes behind those that it reads, near to that of the text. A cycle is told, and the
/// order is
/// empty.
std::vector<int> order_of(const Syntax& syntax, std::vector<CellProblem>& problems);

/// Gives every learned piece its blocks (Piece::weight, bias) and lists the tensors.
std::vector<CellTensor> assign_tensors(Syntax& syntax);

/// Lines init and bound → blocks. `graph` has its nodes, equations and tensors.
void place_inits(const Syntax& syntax, CellGraph& graph, std::vector<CellProblem>& problems);

}  // namespace unroll::cell_syntax
