// Inside the timeline panel: what its parts share. For web/views/timeline only.
#pragma once

#include <imgui.h>
#include <imgui_internal.h>

#include <vector>

#include "web/app.h"

namespace unroll::timeline {

/// One row of the panel: a track of a lane, or the lane's name alone.
struct Row {
  size_t lane;
  const TrackKind* kind;  ///< null: only the lane's name
  bool named;             ///< the gutter shows the lane's name instead of the track's
  bool folded;
  float y, height;  ///< y from the top of all rows
};

/// Heights that the rows may have, chosen so that everything fits where that is possible.
struct Sizes {
  float line;   ///< of a strip and of each row of guesses
  int guesses;  ///< rows of them
  float units;  ///< of a picture of units
};

struct Scene {
  App& app;
  ImDrawList* draw = nullptr;
  ImRect columns{};           ///< where the columns of the rows are drawn
  float gutter = 84;          ///< left of it
  size_t first = 0, end = 0;  ///< visible columns
  float column = 15;          ///< width of one
  float top_surprise = 4;     ///< nats at the end of the ramp
  Sizes sizes{};
  std::vector<Row> rows{};
  float height = 0;  ///< of all rows

  float x_of(size_t index) const {
    return columns.Min.x + static_cast<float>(index) * column - app.looks.pan;
  }
  LaneView& lane(const Row& row) const { return *app.session.lanes[row.lane]; }
  LaneTracks& tracks(const Row& row) const { return app.tracks[lane(row).colour]; }
};

/// Decides sizes and places of all rows for a height of `room`; 0: whatever is comfortable.
void lay_out(Scene&, float room);
void draw_row(const Scene&, const Row&);
/// The names at the left; a click folds.
void draw_gutter(Scene&);

/// Which value has which colour in a track. Null where the track has no colours.
ColourScale scale_of(const Scene&, const Row&, const Heatmap&);
/// A strip of the ramp with its numbers.
void draw_scale(const Scene&, ImVec2 at, float width, const ColourScale&, const char* low, const char* middle,
                const char* high);

/// What every lane says about one column; `row` is the one that the pointer is over, or null.
void read_column(const Scene&, size_t column, const Row* row, bool at_pointer);
/// The unit whose row the pointer is over in a picture of units.
size_t unit_at(const Scene&, const Row&, float y);

/// Buttons of the title row with their menus: which tracks, and the order of the units with "find the cell".
void tracks_menu(App&, bool brief);
void units_menu(App&, bool brief);

}  // namespace unroll::timeline
