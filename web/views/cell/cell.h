// The cell view: the drawn cell of a lane with the numbers of one unit flowing through it at the chosen character.
// Split by idea: what is known (this file and cell_reading.cpp), the equations (cell_formulas.*), where things stand
// (cell_diagram.*), how values look (cell_values.*), the picture (cell_draw.cpp), reaching into the cell (cell_surgery.cpp), the card (cell.cpp).
#pragma once

#include <imgui.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "web/app.h"
#include "web/views/cell/diagram.h"

namespace unroll {

/// One layer of a lane at the chosen character, as the lane answered. The picture, the formulas and what tests read
/// all come from here. Views into the session: for one frame.
struct CellReading {
  size_t lane = 0;
  LaneSpec spec;  ///< of the model in the lane
  int layer = 0, unit = 0;
  size_t position = 0;  ///< of the character in `text`
  std::u32string text;  ///< the characters that the lane knows
  int64_t step = -1;
  int64_t version = 0;  ///< another one for each answer and position
  bool intervened = false;
  std::vector<std::string> names;  ///< of the rows
  std::span<const float> values;   ///< (R, H); empty: not answered yet

  bool ready() const { return !values.empty(); }
  size_t hidden() const { return static_cast<size_t>(spec.hidden); }
  /// The row's values of all units; empty when there is no such row.
  std::span<const float> row(std::string_view name) const;
};

/// Asks the chosen lane about the chosen character; call every frame.
void ask_cell(App&);
CellReading read_cell(const App&);

/// The most probable characters after the one that was read, best first.
std::vector<std::pair<char32_t, float>> next_characters(const App&, const CellReading&);

/// What the interventions do to a quantity of the chosen unit at the chosen character: "clamped", "ablated",
/// "frozen", "set", or nothing.
const char* imposed(const App&, const CellReading&, std::string_view id);
/// "f = 0, unit 12", "all units ablated": an intervention for people.
std::string intervention_text(const Intervention&, const LaneSpec&);

/// Controls of interventions in a column of this size; height 0: as high as needed.
void draw_surgery(App&, const CellReading&, ImVec2 size);

/// The diagram in a rectangle, at least 320 × 190.
Diagram draw_cell_diagram(App&, const CellReading&, ImVec2 min, ImVec2 size);
/// The equations with their numbers. Returns the height they need.
float draw_cell_equations(App&, const CellReading&, ImVec2 min, ImVec2 size);
/// The text as a tape whose chosen character is below `head`, an x; a click chooses another one.
void draw_tape(App&, const CellReading&, ImVec2 min, ImVec2 size, float head);
/// What comes next, as a column or in one line.
void draw_next_column(const App&, const CellReading&, ImVec2 min, float width);
void draw_next_row(const App&, const CellReading&, ImVec2 min, float width);
/// What the shown quantity means, how it is computed, and the same with its numbers.
void draw_readout(const App&, const CellReading&, ImVec2 min, ImVec2 size);

/// Sets looks.part: what is pointed at, else what was chosen, else the cell's main quantity.
void show_part(CellLooks&, const CellReading&, const std::string& pointed_at);

}  // namespace unroll
