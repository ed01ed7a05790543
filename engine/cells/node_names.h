// A name for every value of a cell's step, from its graph: the rows of what a lane tells of a layer, and the quantities of
// the cell view. So the lstm has f (an equation), c_prev (a state one step before), x.f and u.f (what the input and what
// all units say to f), and within equations keep, write and tanh_c.
//
//   name of an equation      its value: i, c, h
//   s_prev                   s[t−1]
//   x.E  u.E  v.E  b.E       what has weights in equation E: of the input, of h[t−1] (or of an expression with it), of
//                            another value v, a learned vector. norm(mat(h)) is one such value. "w.E" of anything else.
//                            In a cell of one equation x and u alone
//   sum.E                    what the function of E is of: f = sigmoid(sum.f); "sum" in a cell of one equation
//   keep  write              of the first state that is a sum of something of itself and something else; keep.s, write.s of
//                            the others
//   tanh_c  remain_z         a function of a named value; 1 − z
//   E.1, E.2 …               other operations of E
// A second one of the same name is followed by ":2". Weights inside of weights, numbers and the input have none.
#pragma once

#include <string>
#include <vector>

#include "engine/cells/graph.h"

namespace unroll {

/// By node; empty where it has none.
std::vector<std::string> node_names(const CellGraph&);

bool has_weights(CellOp);  ///< linear, vector, scaled, norm: what only a whole layer can compute
/// Its value in one unit follows from more than the unit's own: has_weights, across units, or a matrix.
bool is_of_all_units(const CellNode&);
bool is_function(CellOp);                               ///< of one operand, with a name: sigmoid, exp, …
const char* function_name(CellOp);                      ///< as in a cell's file; empty where it is none
std::vector<int> equations_of_nodes(const CellGraph&);  ///< by node: the equation whose value it is, or −1

}  // namespace unroll
