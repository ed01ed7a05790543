// Where everything stands: one function from the window's size to rectangles. Three modes: wide (setup at the left;
// tabs for what the lanes learn and for the views into them, each above the timeline unless it is tall, and for the
// timeline alone), medium (tabs of one to three views side by side), phone (tabs at the bottom, one scrolling column
// each).
#pragma once

#include <imgui.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "web/app.h"
#include "web/views/view.h"

namespace unroll {

struct Tab {
  const char* id;  ///< as in view.tab; "inside" stands for all views of that room
  const char* label;
};

/// Whether a view of the room `inside` has this name.
bool is_inside(const Views&, std::string_view name);

/// A rectangle of the window with one view that fills it, or a column of views of their natural heights that scrolls.
struct Region {
  ImVec2 at, size;
  std::vector<View*> views;
  bool scrolls;
};

struct Layout {
  Mode mode;
  ImVec2 header;          ///< size; it stands at the top left
  bool banner_in_header;  ///< else it stands in a strip below the views:
  ImVec2 banner_at,
      banner_size;    ///< … which is kept free where settings are edited, so that nothing moves when
                      ///< it comes; height 0: no strip
  ImVec2 tabs_at;     ///< top left corner of the tabs
  float tabs_height;  ///< 0: no tabs
  std::vector<Tab> tabs;
  int tab;  ///< the shown one, clamped
  std::vector<Region> regions;
  float body;  ///< height that all regions share

  bool shows(const View&) const;
};

struct LayoutInput {
  const App& app;
  const Views& views;
  ImVec2 size;
  bool touch;
  bool banner;          ///< there is something to say in it
  float banner_height;  ///< of the strip
  std::string tab;      ///< view.tab
};
Layout decide_layout(const LayoutInput&);

/// The window's height at which everything that is shown has room and no room is left, by its width alone: a frame that follows it
/// never grows by being followed. `column`: the height of a scrolling column of views, as it was drawn at that width.
float wanted_height(LayoutInput, const std::function<float(const Region&)>& column);

}  // namespace unroll
