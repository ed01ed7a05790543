#include "web/layout.h"

#include <algorithm>
#include <cmath>

namespace unroll {
namespace {

constexpr float gap = 12;
constexpr float highest_timeline = 420;

/// Rectangles for the panels that are not hidden, in the area between header and tabs.
struct Builder {
  const LayoutInput& input;
  ImVec2 at, size;    // of the area
  float tabs_height;  // wide only, where they stand in the area
  float tabs_x = 0;   // wide only: result
  std::vector<Region> regions;

  bool shows(Panel panel) const {
    return std::find(input.hide.begin(), input.hide.end(), name(panel)) == input.hide.end();
  }
  std::vector<Panel> shown(std::vector<Panel> panels) const {
    std::erase_if(panels, [this](Panel panel) { return !shows(panel); });
    return panels;
  }

  /// A scrolling column of the shown panels; nothing when all are hidden. A single stretching panel fills it.
  void column(ImVec2 where, ImVec2 extent, std::vector<Panel> panels) {
    panels = shown(std::move(panels));
    if (!panels.empty()) regions.push_back({where, extent, std::move(panels), true});
  }

  /// Panels side by side with the given shares of the width; hidden ones leave their share to the others.
  void row(ImVec2 where, ImVec2 extent, const std::vector<std::pair<Panel, float>>& cells) {
    float total = 0, count = 0;
    for (const auto& [panel, share] : cells)
      if (shows(panel)) {
        total += share;
        ++count;
      }
    const float width = extent.x - gap * (count - 1);
    float x = where.x;
    for (const auto& [panel, share] : cells) {
      if (!shows(panel)) continue;
      const float cell = std::round(width * share / total);
      regions.push_back({{x, where.y}, {cell, extent.y}, {panel}, false});
      x += cell + gap;
    }
    if (count > 0) regions.back().size.x = where.x + extent.x - regions.back().at.x;  // rounding
  }

  void wide(const std::string& tab) {
    const bool left = !shown({Panel::data, Panel::lanes, Panel::training}).empty();
    const float side = left ? std::clamp(std::round(size.x * 0.235f), 296.0f, 360.0f) : 0;
    if (left) column(at, {side, size.y}, {Panel::data, Panel::lanes, Panel::training});
    const ImVec2 where(at.x + (left ? side + gap : 0), at.y + tabs_height);
    const ImVec2 extent(size.x - (left ? side + gap : 0), size.y - tabs_height);
    tabs_x = where.x;
    using Cells = std::vector<std::pair<Panel, float>>;
    const Cells top = is_inside(tab)
                          ? Cells{{Panel::inside, 1}}
                          : Cells{{Panel::curves, 0.42f}, {Panel::samples, 0.28f}, {Panel::predict, 0.30f}};
    const bool any_top =
        std::any_of(top.begin(), top.end(), [&](const auto& cell) { return shows(cell.first); });
    const bool below = shows(Panel::timeline);
    if (tab == "timeline" && below) return row(where, extent, {{Panel::timeline, 1}});
    const float split =
        !below     ? extent.y
        : !any_top ? -gap
                   : std::round(std::max((extent.y - gap) * 0.575f, extent.y - gap - highest_timeline));
    if (any_top) row(where, {extent.x, split}, top);
    if (below)
      row({where.x, where.y + split + gap}, {extent.x, extent.y - split - gap}, {{Panel::timeline, 1}});
  }

  void medium(const std::string& tab) {
    if (tab == "lanes") {
      const float half = std::round((size.x - gap) / 2);
      const bool data = shows(Panel::data);
      if (data) column(at, {half, size.y}, {Panel::data});
      column({data ? at.x + half + gap : at.x, at.y}, {data ? size.x - half - gap : size.x, size.y},
             {Panel::lanes, Panel::training});
    } else if (tab == "learn") {
      const bool tall = size.y >= 620 && shows(Panel::timeline);
      const float top =
          tall ? std::round(std::max((size.y - gap) * 0.5f, size.y - gap - highest_timeline)) : size.y;
      row(at, {size.x, top}, {{Panel::curves, 0.58f}, {Panel::samples, 0.42f}});
      if (tall) row({at.x, at.y + top + gap}, {size.x, size.y - top - gap}, {{Panel::timeline, 1}});
    } else {
      const Panel panel = tab == "timeline" ? Panel::timeline
                          : tab == "inside" ? Panel::inside
                                            : Panel::predict;
      row(at, size, {{panel, 1}});
    }
  }

  void phone(const std::string& tab) {
    if (tab == "text") column(at, size, {Panel::data});
    if (tab == "lanes") column(at, size, {Panel::lanes, Panel::training});
    if (tab == "learn") column(at, size, {Panel::curves, Panel::samples});
    if (tab == "timeline") column(at, size, {Panel::timeline});
    if (tab == "predict") column(at, size, {Panel::predict});
    if (tab == "inside") column(at, size, {Panel::inside});
  }
};

std::vector<Tab> tabs_of(Mode mode, const Builder& builder) {
  std::vector<Tab> tabs;
  const auto add = [&](const char* id, const char* label, std::vector<Panel> panels) {
    if (!builder.shown(std::move(panels)).empty()) tabs.push_back({id, label});
  };
  if (mode == Mode::wide) {
    if (!builder.shows(Panel::inside)) return tabs;
    add("learn", "Learn", {Panel::curves, Panel::samples, Panel::predict});
    add("timeline", "Timeline", {Panel::timeline});
    tabs.insert(tabs.end(), std::begin(inside_tabs), std::end(inside_tabs));
  } else if (mode == Mode::medium) {
    add("learn", "Learn", {Panel::curves, Panel::samples});
    add("timeline", "Timeline", {Panel::timeline});
    add("predict", "Predict", {Panel::predict});
    add("inside", "Inside", {Panel::inside});
    add("lanes", "Text & lanes", {Panel::data, Panel::lanes, Panel::training});
  } else if (mode == Mode::phone) {
    add("learn", "Learn", {Panel::curves, Panel::samples});
    add("timeline", "Timeline", {Panel::timeline});
    add("predict", "Predict", {Panel::predict});
    add("inside", "Inside", {Panel::inside});
    add("text", "Text", {Panel::data});
    add("lanes", "Lanes", {Panel::lanes, Panel::training});
  }
  return tabs;
}

/// The tab that shows what view.tab names, else the first.
int shown_tab(const Layout& layout, std::string_view wanted) {
  const auto at = [&](std::string_view id) {
    const auto found =
        std::find_if(layout.tabs.begin(), layout.tabs.end(), [&](const Tab& tab) { return tab.id == id; });
    return found == layout.tabs.end() ? -1 : static_cast<int>(found - layout.tabs.begin());
  };
  int tab = at(wanted);
  if (tab < 0 && is_inside(wanted)) tab = at("inside");
  if (tab < 0 && wanted == "text") tab = at("lanes");
  return std::max(tab, 0);
}

}  // namespace

bool is_inside(std::string_view tab) {
  return std::any_of(std::begin(inside_tabs), std::end(inside_tabs),
                     [&](const Tab& inside) { return inside.id == tab; });
}

const char* name(Panel panel) {
  constexpr const char* names[] = {"data",    "lanes",    "training", "curves",
                                   "samples", "timeline", "predict",  "inside"};
  return names[static_cast<size_t>(panel)];
}

Layout decide_layout(const LayoutInput& input) {
  const float width = input.size.x, height = input.size.y;
  Layout layout{};
  layout.mode = width >= 1080 && height >= 560 ? Mode::wide : width >= 600 ? Mode::medium : Mode::phone;
  const float margin = layout.mode == Mode::wide ? 16.0f : layout.mode == Mode::medium ? 12.0f : 8.0f;
  layout.header = {width, layout.mode == Mode::wide || input.touch ? 56.0f : 48.0f};
  layout.banner_y = layout.header.y;

  Builder builder{input, {}, {}, 0, 0, {}};
  layout.tabs = tabs_of(layout.mode, builder);
  if (layout.tabs.size() > 1)
    layout.tabs_height = layout.mode == Mode::phone ? 56.0f : input.touch ? 48.0f : 40.0f;
  layout.tab = shown_tab(layout, input.tab);
  const bool wide = layout.mode == Mode::wide, bottom = layout.mode == Mode::phone;
  const float top = layout.header.y + input.banner_height;
  const float above = top + (wide || bottom ? 0 : layout.tabs_height);
  const float below = bottom ? layout.tabs_height : 0;
  builder.at = {margin, above};
  builder.size = {std::max(width - 2 * margin, 120.0f), std::max(height - above - below - margin, 120.0f)};
  builder.tabs_height = wide ? layout.tabs_height : 0;
  const std::string tab = layout.tabs.empty() ? "" : layout.tabs[static_cast<size_t>(layout.tab)].id;
  if (wide) builder.wide(tab);
  if (layout.mode == Mode::medium) builder.medium(tab);
  if (bottom) builder.phone(tab);
  layout.tabs_at = {wide ? builder.tabs_x : bottom ? 0 : margin, bottom ? height - layout.tabs_height : top};
  layout.regions = std::move(builder.regions);
  return layout;
}

}  // namespace unroll
