// What is drawn of a cell, from its graph: boxes for gates and for whatever else has a name, circles for the operations
// of the equations that set a state, and who feeds whom. Knows no place and no screen: diagram.h gives it places.
//
// An equation is a box where it reads parameters under one function (a gate, a candidate); these stand in one row. An
// equation without parameters that sets no state is a small box above what it reads (`i = 1 − f`). What sets a state is
// drawn operation by operation, as long as the whole stays readable; the operations between a state's value one step
// before and its new value are its spine: they stand on the state's line. One of more than a few operations is a box.
#pragma once

#include <string>
#include <vector>

#include "engine/cells/graph.h"

namespace unroll {

/// Where a value comes from.
struct SketchSource {
  enum class Kind { item, before, input } kind = Kind::input;
  int index = 0;  ///< of the item, or of the state
  bool operator==(const SketchSource&) const = default;
};

struct SketchInput {
  SketchSource from;
  int node = -1;  ///< whose value the wire carries
  bool of_units =
      false;  ///< the value is a sum over all units or characters: a tap of the line of all of them
};

struct SketchItem {
  enum class Kind {
    gate,     ///< a box in the row
    derived,  ///< a small box
    circle,   ///< an operation of two
    pill,     ///< a function or an operation with a number
    matrix,   ///< weights within an equation that is drawn operation by operation
  };
  Kind kind = Kind::gate;
  int node = -1;
  int equation = -1;  ///< whose value it is, or −1
  int within = -1;    ///< the equation that it is part of
  int under = -1;     ///< the gate that it feeds from below, or −1
  std::string text;   ///< of a circle or a pill
  std::vector<SketchInput> inputs;
};

struct CellSketch {
  std::vector<SketchItem> items;
  std::vector<std::vector<int>>
      spines;  ///< by state; empty where no operation is between its old and its new value
  std::vector<SketchSource> after;  ///< by state: what sets it
  std::vector<int> order;           ///< the items of the row from left to right
  bool in_row(int item) const;
};

CellSketch sketch_cell(const CellGraph&);

/// "σ", "tanh", "×", "W", …
const char* op_symbol(CellOp);

}  // namespace unroll
