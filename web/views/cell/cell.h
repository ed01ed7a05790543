// The cell view: the drawn cell of a lane with the numbers of one unit flowing through it at the chosen character.
// Split by idea: what is known (this file and reading.cpp), the equations (formulas.*, worked_out.*), what is drawn of them
// (sketch.*), where it stands (placing.*, route.*, diagram.*), how values look (values.*), the picture (draw.cpp), reaching
// into the cell (surgery.cpp), the text that one writes oneself (editor.*), the card (cell.cpp).
#pragma once

#include <imgui.h>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "web/app.h"
#include "web/toolkit/heatmap.h"
#include "web/views/cell/diagram.h"
#include "web/views/cell/editor.h"
#include "web/views/view.h"

namespace unroll {

struct CellNumbers;

/// What the learner opened and chose in it.
struct CellLooks {
  static constexpr double seconds_per_character = 1.0 / 3;  ///< while it plays
  int depth = 0;                                            ///< 0 picture, 1 vector, 2 formula and editor
  bool playing = false;                                     ///< the chosen time step walks through the text
  double next_at = 0;                                       ///< when it goes on
  std::string chosen;    ///< the quantity whose formula stays in sight; empty: the main one
  std::string part;      ///< … and is shown: the one pointed at, else the chosen one
  bool surgery = false;  ///< the controls of interventions are open
  bool whole_layer = false;
  int gate = 0;                             ///< that is clamped
  float clamp = 0;                          ///< to this value
  float memory = 0;                         ///< value for c
  std::map<std::string, Heatmap> pictures;  ///< of vectors, by quantity and shape
  std::shared_ptr<const CellGraph> drawn;   ///< the cell that stands in the diagram …
  ImVec2 drawn_min, drawn_size;             ///< … which fills this rectangle
  Diagram diagram;
  CellEditor editor;

  /// The chosen quantity is the one that interventions clamp, if it can be clamped.
  void choose_gate(const CellNumbers&);
};

/// One layer of a lane at the chosen character, as the lane answered. The picture, the formulas and what tests read
/// all come from here. Views into the session: for one frame.
struct CellNumbers {
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
CellNumbers read_cell(const App&);

/// Which column of a probe tells what is said after the one that was read: of a text the next one.
size_t said_at(const App&, const CellNumbers&);
/// What is most probably said there, best first; empty where numbers are.
std::vector<std::pair<char32_t, float>> next_characters(const App&, const CellNumbers&);

/// What the interventions do to a quantity of the chosen unit at the chosen character: "clamped", "ablated",
/// "frozen", "set", or nothing.
const char* imposed(const App&, const CellNumbers&, std::string_view id);
/// "f = 0, unit 12", "all units ablated": an intervention for people.
std::string intervention_text(const Intervention&, const LaneSpec&, const std::string& column);

/// Controls of interventions in a column of this size; height 0: as high as needed.
void draw_surgery(App&, CellLooks&, const CellNumbers&, ImVec2 size);

/// The diagram in a rectangle, at least 320 × 190.
Diagram draw_cell_diagram(App&, CellLooks&, const CellNumbers&, ImVec2 min, ImVec2 size);
/// The equations with their numbers. Returns the height they need.
float draw_cell_equations(App&, CellLooks&, const CellNumbers&, ImVec2 min, ImVec2 size);
/// The text as a tape whose chosen character is below `head`, an x; a click chooses another one.
void draw_tape(App&, const CellNumbers&, ImVec2 min, ImVec2 size, float head);
/// What comes next, as a column or in one line.
void draw_next_column(const App&, const CellNumbers&, ImVec2 min, float width);
void draw_next_row(const App&, const CellNumbers&, ImVec2 min, float width);
/// What the shown quantity means, how it is computed, and the same with its numbers.
void draw_readout(const App&, const CellLooks&, const CellNumbers&, ImVec2 min, ImVec2 size);

/// Sets looks.part: what is pointed at, else what was chosen, else the cell's main quantity.
void show_part(CellLooks&, const CellNumbers&, const std::string& pointed_at);

Json cell_json(const App&, const CellLooks&);

}  // namespace unroll
