// Where the items of a sketch stand: rows from the gates up to the states' lines, and columns. Part of diagram.cpp.
#pragma once

#include <string>
#include <vector>

#include "web/views/cell/route.h"
#include "web/views/cell/sketch.h"

namespace unroll {

struct Placing {
  float left = 0, right = 0;            ///< of the body
  float edge_left = 0, edge_right = 0;  ///< of the whole
  float input = 0, bottom = 0;          ///< rows: the input, where the text begins
  float gates = 0;
  float aside = 0;             ///< how far from a gate's middle its taps are
  float radius = 10;           ///< of circles
  std::vector<float> lines;    ///< by state: the row of its line
  std::vector<float> buses;    ///< by state: the row of its values of all units; 0 where nothing taps it
  std::vector<Spot> at, half;  ///< by item
  bool line_of(const CellSketch& sketch, size_t state) const { return !sketch.spines[state].empty(); }
};

Placing place_items(const CellGraph&, const CellSketch&, Spot min, Spot size);

}  // namespace unroll
