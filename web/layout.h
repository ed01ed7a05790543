// Where everything stands: one function from the window's size to rectangles. Three modes: wide (setup at the left;
// tabs for what the lanes learn and for the views into them, each above the timeline, and for the timeline alone),
// medium (tabs of one to three panels side by side), phone (tabs at the bottom, one scrolling column each).
#pragma once

#include <imgui.h>

#include <string>
#include <string_view>
#include <vector>

namespace unroll {

enum class Panel { data, lanes, training, curves, samples, timeline, predict, inside, count };
const char* name(Panel);  ///< as in view.hide

struct Tab {
  const char* id;  ///< as in view.tab; "inside" stands for all of inside_tabs
  const char* label;
};

/// The views of the panel `inside`.
inline constexpr Tab inside_tabs[] = {
    {"memory", "Memory"}, {"cell", "Cell"}, {"gates", "Gates"}, {"weights", "Weights"}, {"step", "One step"}};
bool is_inside(std::string_view tab);

enum class Mode { wide, medium, phone };

/// A rectangle of the window with one panel that fills it, or a column of panels of their natural heights that scrolls.
struct Region {
  ImVec2 at, size;
  std::vector<Panel> panels;
  bool scrolls;
};

struct Layout {
  Mode mode;
  ImVec2 header;      ///< size; it stands at the top left
  float banner_y;     ///< top of the banner, when there is one
  ImVec2 tabs_at;     ///< top left corner of the tabs
  float tabs_height;  ///< 0: no tabs
  std::vector<Tab> tabs;
  int tab;  ///< the shown one, clamped
  std::vector<Region> regions;
};

struct LayoutInput {
  ImVec2 size;
  bool touch;
  float banner_height;            ///< 0: none
  std::vector<std::string> hide;  ///< panels that the experiment hides
  std::string tab;                ///< view.tab
};
Layout decide_layout(const LayoutInput&);

}  // namespace unroll
