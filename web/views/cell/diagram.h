// Where everything in the drawn cell stands: nodes, wires and places for numbers, in pixels, from the cell's graph. Each
// has the name of its value (engine/cells/node_names.h); the input is "input". Draws nothing.
//
// The states run as lines from left to right, the memory's highest if it can be; below them stand the gates in a row, and
// below these run the line of all units and that of the input, which the gates tap. A cell of one equation is one line.
#pragma once

#include <string>
#include <vector>

#include "engine/cells/graph.h"
#include "web/views/cell/route.h"

namespace unroll {

struct DiagramNode {
  enum class Kind {
    gate,     ///< a box: a function and its value. So high that it has two lines, or one
    derived,  ///< a box of one line: its name and its value
    circle,   ///< an operation of two values
    pill,     ///< a function, or an operation with a number
    matrix,   ///< weights on a wire
    before,   ///< a state that comes in: its name over the wire, its number below it if it is high enough
    after,    ///< … that goes out
  };
  std::string id;
  Kind kind;
  Spot at, half;     ///< centre, half of its size
  std::string text;  ///< of circles, pills and weights
  int node = -1;     ///< of the graph
  SpotBox box() const { return {{at.x - half.x, at.y - half.y}, {at.x + half.x, at.y + half.y}}; }
};

struct DiagramWire {
  std::string id;
  std::vector<Spot> points;
  bool arrow = true;
  bool bundle = false;  ///< carries all units, whatever unit is chosen
  int net = 0;          ///< wires of one net carry one value
};

/// A number at a wire: its text begins or ends at `at`, vertically centred.
struct DiagramNumber {
  std::string id;
  Spot at;
  enum class Align { left, right, middle } align = Align::left;
};

struct Diagram {
  SpotBox body;    ///< the cell's outline
  float head = 0;  ///< where the character comes in, at the lower edge
  Spot out;        ///< where h leaves to the right
  Spot strip;      ///< size of a vector in a number's place
  std::vector<DiagramWire> wires;
  std::vector<DiagramNode> nodes;
  std::vector<DiagramNumber> numbers;
  int crossings = 0;  ///< of wires that carry different values

  SpotBox place_of(const DiagramNumber&) const;
};

/// At least 320 × 190.
Diagram lay_out_cell(const CellGraph&, Spot min, Spot size);

}  // namespace unroll
