// Where everything in the drawn cell stands: nodes, wires and places for numbers, in pixels, from the equations of
// engine/cells/*.h. Each has the id of its quantity (cell_formulas.h). Draws nothing.
#pragma once

#include <imgui.h>

#include <string_view>
#include <vector>

#include "engine/document/experiment.h"

namespace unroll {

struct DiagramNode {
  enum class Kind {
    gate,   ///< a box: an activation function and its value
    times,  ///< the operations, each a circle
    plus,
    tanh,
    rest,    ///< 1 − z
    matrix,  ///< a weight matrix on a wire
    before,  ///< a state that comes in: its name over the wire, its number below it
    after,   ///< … that goes out; without a number where there is one at its wire
  };
  std::string_view id;
  Kind kind;
  ImVec2 at, half;  ///< centre, half of its size
};

struct DiagramWire {
  std::string_view id;
  std::vector<ImVec2> points;
  bool arrow = true;
  bool bundle = false;  ///< carries all units, whatever unit is chosen
};

/// A number at a wire: its text begins or ends at `at`, vertically centred.
struct DiagramNumber {
  std::string_view id;
  ImVec2 at;
  enum class Align { left, right, middle } align = Align::left;
};

struct Diagram {
  ImVec2 body_min, body_max;  ///< the cell's outline
  float head;                 ///< where the character comes in, at the lower edge
  ImVec2 out;                 ///< where h leaves to the right
  ImVec2 strip;               ///< size of a vector in a number's place
  std::vector<DiagramWire> wires;
  std::vector<DiagramNode> nodes;
  std::vector<DiagramNumber> numbers;
};

/// At least 320 × 190.
Diagram lay_out_cell(std::string_view cell, ImVec2 min, ImVec2 size);

}  // namespace unroll
