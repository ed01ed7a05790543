// Where everything stands: one function from the window's size to rectangles. Three modes: wide (all panels at once),
// medium (tabs of one to three panels side by side), phone (tabs at the bottom, one scrolling column each).
#pragma once

#include <imgui.h>

#include <string>
#include <vector>

namespace unroll {

enum class Panel { data, lanes, training, curves, samples, timeline, predict, count };
const char* name(Panel);  ///< as in view.hide

enum class Mode { wide, medium, phone };

/// A rectangle of the window with one panel that fills it, or a column of panels of their natural heights that scrolls.
struct Region {
  ImVec2 at, size;
  std::vector<Panel> panels;
  bool scrolls;
};

struct Tab {
  const char* id;
  const char* label;
};

struct Layout {
  Mode mode;
  ImVec2 header;              ///< size; it stands at the top left
  float banner_y;             ///< top of the banner, when there is one
  float tabs_y, tabs_height;  ///< height 0: no tabs
  std::vector<Tab> tabs;
  int tab;  ///< the shown one, clamped
  std::vector<Region> regions;
};

struct LayoutInput {
  ImVec2 size;
  bool touch;
  float banner_height;            ///< 0: none
  std::vector<std::string> hide;  ///< panels that the experiment hides
  int tab;
};
Layout decide_layout(const LayoutInput&);

}  // namespace unroll
