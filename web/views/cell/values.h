// How values look in the cell view: colours and widths of lines, vectors as grids of all units. May use the reading and
// the formulas.
#pragma once

#include <imgui.h>

#include <string>
#include <string_view>

#include "web/toolkit/colour.h"
#include "web/views/cell/cell.h"

namespace unroll {

/// Blue above zero, orange below, grey near it: lines need more contrast with the card than the middle of a heatmap.
Rgb signed_colour(double value);
float wire_width(double value);
/// Two decimals, fewer for large values; "…" where there is none.
std::string short_number(double value);
/// All units as a grid in a rectangle, row by row.
struct UnitGrid {
  ImVec2 min, size;
  size_t units, rows, columns;

  UnitGrid(ImVec2 min, ImVec2 size, size_t units);
  ImVec2 cell() const { return {size.x / static_cast<float>(columns), size.y / static_cast<float>(rows)}; }
  int unit_at(ImVec2 place) const;  ///< −1 outside
};

/// A quantity of all units, the chosen one marked.
void draw_vector(CellLooks&, const CellNumbers&, std::string_view quantity, ImVec2 min, ImVec2 size,
                 bool faint);

/// Which colour and width stand for which value.
void draw_cell_legend(bool vector, ImVec2 min, float width);

}  // namespace unroll
