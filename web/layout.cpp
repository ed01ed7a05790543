#include "web/layout.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace unroll {
namespace {

constexpr float gap = 12;
constexpr float highest_timeline = 420;

/// Rectangles for the views that are not hidden, in the area between header and tabs.
struct Builder {
  const LayoutInput& input;
  Mode mode;
  ImVec2 at, size;    // of the area
  float tabs_height;  // wide only, where they stand in the area
  float tabs_x = 0;   // wide only: result
  std::vector<Region> regions;

  /// The shown views of some rooms, in the order of the table; of the room `inside` the open one.
  std::vector<View*> in(std::initializer_list<Room> rooms) const {
    std::vector<View*> views;
    for (Room room : rooms)
      if (room == Room::inside)
        if (View* open = open_inside()) views.push_back(open);
    for (const auto& view : input.views)
      if (view->room != Room::inside && std::find(rooms.begin(), rooms.end(), view->room) != rooms.end() &&
          !input.app.hides(view->name))
        views.push_back(view.get());
    return views;
  }
  View* open_inside() const {
    View* first = nullptr;
    for (const auto& view : input.views) {
      if (view->room != Room::inside || input.app.hides(view->name)) continue;
      if (input.tab == view->name) return view.get();
      if (!first) first = view.get();
    }
    return first;
  }

  /// A scrolling column of views; nothing when there are none.
  void column(ImVec2 where, ImVec2 extent, std::vector<View*> views) {
    if (!views.empty()) regions.push_back({where, extent, std::move(views), true});
  }

  /// Views side by side with their shares of the width.
  void row(ImVec2 where, ImVec2 extent, const std::vector<View*>& views) {
    if (views.empty()) return;
    const auto share = [&](const View* view) { return view->share(input.app, mode == Mode::wide); };
    float total = 0;
    for (const View* view : views) total += share(view);
    const float width = extent.x - gap * static_cast<float>(views.size() - 1);
    float x = where.x;
    for (View* view : views) {
      const float cell = std::round(width * share(view) / total);
      regions.push_back({{x, where.y}, {cell, extent.y}, {view}, false});
      x += cell + gap;
    }
    regions.back().size.x = where.x + extent.x - regions.back().at.x;  // rounding
  }

  void wide(const std::string& tab) {
    const auto settings = in({Room::text, Room::lanes});
    const bool left = !settings.empty();
    const float side = left ? std::clamp(std::round(size.x * 0.235f), 296.0f, 360.0f) : 0;
    const bool alone = in({Room::learn, Room::predict, Room::inside, Room::timeline}).empty();
    column(at, {alone ? size.x : side, size.y}, settings);
    if (alone) return;
    const ImVec2 where(at.x + (left ? side + gap : 0), at.y + tabs_height);
    const ImVec2 extent(size.x - (left ? side + gap : 0), size.y - tabs_height);
    tabs_x = where.x;
    const auto top = is_inside(input.views, tab) ? in({Room::inside}) : in({Room::learn, Room::predict});
    const View* open = is_inside(input.views, tab) ? open_inside() : nullptr;
    const auto below = open && open->tall() ? std::vector<View*>() : in({Room::timeline});
    if (tab == "timeline" && !below.empty()) return row(where, extent, below);
    const float split =
        below.empty() ? extent.y
        : top.empty() ? -gap
                      : std::round(std::max((extent.y - gap) * 0.575f, extent.y - gap - highest_timeline));
    row(where, {extent.x, split}, top);
    row({where.x, where.y + split + gap}, {extent.x, extent.y - split - gap}, below);
  }

  void medium(const std::string& tab) {
    if (tab == "lanes") {
      const float half = std::round((size.x - gap) / 2);
      const auto text = in({Room::text}), lanes = in({Room::lanes});
      const bool both = !text.empty() && !lanes.empty();
      column(at, {both ? half : size.x, size.y}, text);
      column({both ? at.x + half + gap : at.x, at.y}, {both ? size.x - half - gap : size.x, size.y}, lanes);
    } else if (tab == "learn") {
      const auto below = in({Room::timeline});
      const bool tall = size.y >= 620 && !below.empty();
      const float top =
          tall ? std::round(std::max((size.y - gap) * 0.5f, size.y - gap - highest_timeline)) : size.y;
      row(at, {size.x, top}, in({Room::learn}));
      if (tall) row({at.x, at.y + top + gap}, {size.x, size.y - top - gap}, below);
    } else {
      row(at, size,
          in({tab == "timeline" ? Room::timeline
              : tab == "inside" ? Room::inside
                                : Room::predict}));
    }
  }

  void phone(const std::string& tab) {
    for (size_t room = 0; room < std::size(room_names); ++room)
      if (tab == room_names[room]) column(at, size, in({static_cast<Room>(room)}));
  }
};

std::vector<Tab> tabs_of(Mode mode, const Builder& builder) {
  std::vector<Tab> tabs;
  const auto add = [&](const char* id, const char* label, std::initializer_list<Room> rooms) {
    if (!builder.in(rooms).empty()) tabs.push_back({id, label});
  };
  if (mode == Mode::wide) {
    if (builder.in({Room::inside}).empty()) return tabs;
    add("learn", "Learn", {Room::learn, Room::predict});
    add("timeline", "Timeline", {Room::timeline});
    for (const auto& view : builder.input.views)
      if (view->room == Room::inside && !builder.input.app.hides(view->name))
        tabs.push_back({view->name, view->about.label});
  } else {
    add("learn", "Learn", {Room::learn});
    add("timeline", "Timeline", {Room::timeline});
    add("predict", "Predict", {Room::predict});
    add("inside", "Inside", {Room::inside});
    if (mode == Mode::phone) add("text", "Data", {Room::text});
    if (mode == Mode::phone) add("lanes", "Lanes", {Room::lanes});
    if (mode == Mode::medium) add("lanes", "Data & lanes", {Room::text, Room::lanes});
  }
  return tabs;
}

/// The tab that shows what view.tab names, else the first.
int shown_tab(const Layout& layout, const Views& views, std::string_view wanted) {
  const auto at = [&](std::string_view id) {
    const auto found =
        std::find_if(layout.tabs.begin(), layout.tabs.end(), [&](const Tab& tab) { return tab.id == id; });
    return found == layout.tabs.end() ? -1 : static_cast<int>(found - layout.tabs.begin());
  };
  int tab = at(wanted);
  if (tab < 0 && is_inside(views, wanted)) tab = at("inside");
  if (tab < 0 && wanted == "text") tab = at("lanes");
  return std::max(tab, 0);
}

}  // namespace

bool is_inside(const Views& views, std::string_view name) {
  return std::any_of(views.begin(), views.end(),
                     [&](const auto& view) { return view->room == Room::inside && name == view->name; });
}

bool Layout::shows(const View& view) const {
  return std::any_of(regions.begin(), regions.end(), [&](const Region& region) {
    return std::find(region.views.begin(), region.views.end(), &view) != region.views.end();
  });
}

Layout decide_layout(const LayoutInput& input) {
  const float width = input.size.x, height = input.size.y;
  Layout layout{};
  const auto shown = std::count_if(input.views.begin(), input.views.end(),
                                   [&](const auto& view) { return !input.app.hides(view->name); });
  const bool low = height < 560 && shown > 1;  // too low for what is wide
  layout.mode = width >= 1080 && !low ? Mode::wide : width >= 600 ? Mode::medium : Mode::phone;
  const bool bar = !input.app.hides(header_panel);
  const float margin = !bar && shown == 1            ? 0.0f  // one card is the whole figure
                       : layout.mode == Mode::wide   ? 16.0f
                       : layout.mode == Mode::medium ? 12.0f
                                                     : 8.0f;
  layout.header = {width, !bar ? 0 : layout.mode == Mode::wide || input.touch ? 56.0f : 48.0f};
  layout.banner_in_header = bar && width >= 830;

  Builder builder{input, layout.mode, {}, {}, 0, 0, {}};
  layout.tabs = tabs_of(layout.mode, builder);
  if (layout.tabs.size() > 1)
    layout.tabs_height = layout.mode == Mode::phone ? 56.0f : input.touch ? 48.0f : 40.0f;
  layout.tab = shown_tab(layout, input.views, input.tab);
  const bool wide = layout.mode == Mode::wide, bottom = layout.mode == Mode::phone;
  const std::string tab = layout.tabs.empty() ? "" : layout.tabs[static_cast<size_t>(layout.tab)].id;
  const float top = layout.header.y;
  const float tabs = wide || bottom ? 0 : layout.tabs_height;
  const float above = top + tabs + (bar || tabs > 0 ? 0 : margin);
  const bool edits = tab == "text" || tab == "lanes";
  const float strip = !layout.banner_in_header && (input.banner || (edits && bar)) ? input.banner_height : 0;
  const float below = (bottom ? layout.tabs_height : 0) + strip;
  layout.banner_at = {margin, height - below + 4};
  layout.banner_size = {width - 2 * margin, std::max(strip - 8, 0.0f)};
  builder.at = {margin, above};
  builder.size = {std::max(width - 2 * margin, 120.0f), std::max(height - above - below - margin, 120.0f)};
  builder.tabs_height = wide ? layout.tabs_height : 0;
  if (wide) builder.wide(tab);
  if (layout.mode == Mode::medium) builder.medium(tab);
  if (bottom) builder.phone(tab);
  layout.tabs_at = {wide ? builder.tabs_x : bottom ? 0 : margin, bottom ? height - layout.tabs_height : top};
  layout.regions = std::move(builder.regions);
  layout.body = builder.size.y - builder.tabs_height;
  return layout;
}

float wanted_height(LayoutInput input, const std::function<float(const Region&)>& column) {
  constexpr float tall = 10'000, least = 96, most = 4000;
  input.size.y = tall;
  const Layout layout = decide_layout(input);
  std::map<float, float> rows;  // by their tops
  float columns = 0;
  for (const Region& region : layout.regions) {
    if (region.scrolls) {
      columns = std::max(columns, column(region));
      continue;
    }
    float& row = rows[region.at.y];
    for (const View* view : region.views) row = std::max(row, view->wants(input.app, region.size.x));
  }
  float body = rows.empty() ? columns : gap * static_cast<float>(rows.size() - 1);
  for (const auto& [top, height] : rows) body += height;
  if (!rows.empty() && columns > 0) body = std::max(body, 640.0f);  // settings beside them scroll
  return std::clamp(std::round(tall - layout.body + body), least, most);
}

}  // namespace unroll
