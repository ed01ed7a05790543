// Inside the timeline panel: what its parts share. For web/views/timeline only.
#pragma once

#include <imgui.h>
#include <imgui_internal.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "web/app.h"
#include "web/views/timeline/tracks.h"

namespace unroll::timeline {

/// One row of the panel: a track of a lane, or the lane's name alone.
struct Row {
  size_t lane;
  std::optional<TrackKind> kind;  ///< none: only the lane's name
  bool named;                     ///< the gutter shows the lane's name instead of the track's
  bool folded;
  float y, height;  ///< y from the top of all rows
};

/// Heights that the rows may have, chosen so that everything fits where that is possible.
struct Sizes {
  float line;   ///< of a strip and of each row of guesses
  int guesses;  ///< rows of them
  float units;  ///< of a picture of units
};

/// What the learner opened, ordered or moved, and the pictures of it.
struct State {
  bool edit_probe = false;  ///< the field of the text is open
  UnitSort sort = UnitSort::index;
  std::string feature = "line_position";  ///< of UnitSort::feature
  std::string pattern;                    ///< the learner's regular expression for "find the cell"
  std::set<std::string> folded;           ///< tracks, by name, and lanes, as "lane" and their colour
  float zoom = 15;                        ///< width of a column, layout units
  float pan = 0;                          ///< left edge, layout units
  float comfortable = 0;             ///< height of the card that needs no scrolling, as it was drawn last
  size_t fitted = 0;                 ///< columns of the example whose width was chosen last
  std::map<int, LaneTracks> tracks;  ///< by the lane's colour
};

struct Scene {
  App& app;
  State& own;
  ImDrawList* draw = nullptr;
  ImRect columns{};                     ///< where the columns of the rows are drawn
  float gutter = 84;                    ///< left of it
  size_t first = 0, end = 0;            ///< visible columns
  float column = 15;                    ///< width of one
  float least_loss = 0, most_loss = 4;  ///< at the ends of the ramp of surprise
  Sizes sizes{};
  std::vector<Row> rows{};
  float height = 0;  ///< of all rows

  float x_of(size_t index) const { return columns.Min.x + static_cast<float>(index) * column - own.pan; }
  LaneView& lane(const Row& row) const { return *app.session.lanes[row.lane]; }
  LaneTracks& tracks(const Row& row) const { return own.tracks[lane(row).colour]; }
};

constexpr float letters_from = 8;  ///< width of a column with room for a letter

/// What stands above the rows: the text, or of an example its marks, what is read, and what is to be said.
float heading_height(const App&);
void draw_heading(const Scene&, ImDrawList*, ImVec2 at);
/// "character 7: e", "Jan 1950", "time step 12": a column in words.
std::string column_words(const App&, size_t column);
/// Buttons for the example before and the next, in place of the text's field.
void example_tools(App&, bool brief);

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

/// Buttons of the title row with their menus: which tracks, the order of the units, and "find the cell", which stands
/// in the units' menu where there is no room for a button of its own.
void tracks_menu(App&, bool brief);
void units_menu(App&, State&, bool brief, bool with_search);
void find_menu(App&, State&, bool brief);

/// A line for each character: it, and for each lane its loss (nats), its best guess, and the visible tracks; shares of
/// the gradient at lag 0 for saliency and gradient flow, every unit for states and gates.
std::string csv(const App&, const State&);
/// What the tracks show, from what their pictures are drawn from.
Json published(const App&, const State&);

}  // namespace unroll::timeline
