// The timeline: the probed text is the x axis, one column a character; below it the tracks of each lane. Pan by dragging
// or the wheel, zoom with Ctrl and the wheel. Pointing at a column reads its exact values; a click chooses it, and with
// it the time step (and, on a picture of units, the unit) that all other views follow.
#include "web/views/timeline/timeline.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "web/export.h"
#include "web/toolkit/focus.h"
#include "web/toolkit/glyphs.h"
#include "web/toolkit/named_symbols.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/view.h"

namespace unroll {
namespace {

using timeline::Row;
using timeline::Scene;
using timeline::State;

constexpr float scrollbar_row = 8;
constexpr float narrowest = 1, widest = 40, widest_named = 90;

void zoom_to(State& own, float width, float anchor) {  // anchor: pixels from the left edge of the columns
  const float before = own.zoom;
  own.zoom = std::clamp(width, narrowest, own.fitted > 0 ? widest_named : widest);
  own.pan = (own.pan + anchor) * own.zoom / before - anchor;
}

/// The pointer over the columns, the last item. Returns true when it was clicked.
bool pan_and_zoom(State& own, const ImRect& columns, bool scrolls) {
  const ImGuiIO& io = ImGui::GetIO();
  if (ImGui::IsItemHovered()) {
    if (io.KeyCtrl && io.MouseWheel != 0)
      zoom_to(own, own.zoom * std::exp(0.12f * io.MouseWheel), io.MousePos.x - columns.Min.x);
    else
      own.pan -= 40 * (io.MouseWheelH + (scrolls && !io.KeyShift ? 0 : io.MouseWheel));
  }
  if (ImGui::IsItemActive() && ImGui::IsMouseDragging(ImGuiMouseButton_Left, 3)) own.pan -= io.MouseDelta.x;
  return ImGui::IsItemDeactivated() && io.MouseDragMaxDistanceSqr[0] < 16 && columns.Contains(io.MousePos);
}

/// , and . move the chosen column; Escape lets it go.
void move_by_keys(App& app, State& own, float width) {
  const ImGuiIO& io = ImGui::GetIO();
  const int columns = static_cast<int>(app.timeline_text().size());
  if (io.WantTextInput || platform::field_focused() || app.help_open || columns == 0) return;
  if (ImGui::IsKeyPressed(ImGuiKey_Escape)) app.chosen.column = -1;
  const int by = ImGui::IsKeyPressed(ImGuiKey_Period) - ImGui::IsKeyPressed(ImGuiKey_Comma);
  if (!by) return;
  app.chosen.column = app.chosen.column < 0 ? static_cast<int>(app.time_step()) : app.chosen.column + by;
  app.chosen.column = std::clamp(app.chosen.column, 0, columns - 1);
  const float x = static_cast<float>(app.chosen.column) * own.zoom;  // keep it in view
  own.pan = std::clamp(own.pan, std::min(x + 2 * own.zoom - width, x - own.zoom), x - own.zoom);
}

/// Another example than before: all of it at once, where its columns are not too narrow for that.
void fit_example(const App& app, State& own, float width) {
  const size_t columns = app.example() ? app.example()->size() : 0;
  if (!app.shows_example()) own.fitted = 0;
  if (columns == 0 || columns == own.fitted) return;
  const bool named = app.numbers() || app.session.lanes[0]->task.reals ||
                     std::any_of(app.timeline_text().begin(), app.timeline_text().end(), is_named);
  own.fitted = columns;
  own.zoom = std::clamp(width / static_cast<float>(columns), named ? 2.5f : 6.0f, named ? 44.0f : 22.0f);
  own.pan = 0;
}

void keep_inside(const App& app, State& own, float width) {
  const float most = static_cast<float>(app.timeline_text().size()) * own.zoom - width;
  own.pan = std::clamp(own.pan, 0.0f, std::max(most, 0.0f));
}

void choose(Scene& view, const Row* row, ImVec2 at) {
  Chosen& chosen = view.app.chosen;
  const auto column = static_cast<int>((at.x - view.columns.Min.x + view.own.pan) / view.column);
  const bool on_units = row && row->kind && row->kind->shape == TrackShape::units;
  if (row) chosen.lane = row->lane;
  const auto unit = on_units ? static_cast<int>(timeline::unit_at(view, *row, at.y)) : chosen.unit;
  const bool again = column == chosen.column && unit == chosen.unit;
  chosen.column = again || column >= static_cast<int>(view.app.timeline_text().size()) ? -1 : column;
  chosen.unit = unit;
}

void draw_scrollbar(const Scene& view, ImDrawList* draw, float y) {
  const float whole = static_cast<float>(view.app.timeline_text().size()) * view.column;
  const float width = view.columns.GetWidth();
  if (whole <= width) return;
  const ImVec2 min(view.columns.Min.x, y);
  draw->AddRectFilled(min, min + ImVec2(width, 4), solid(palette().inset), 2);
  const float begin = width * view.own.pan / whole, length = width * width / whole;
  draw->AddRectFilled(min + ImVec2(begin, 0), min + ImVec2(begin + length, 4), solid(palette().strong_border),
                      2);
}

/// `brief`: the menus are icons; `briefest`: all tools are.
void draw_tools(App& app, State& own, float columns_width, bool brief, bool briefest) {
  using ui::Look;
  const float middle = columns_width / 2;
  const auto columns = static_cast<float>(std::max<size_t>(app.timeline_text().size(), 1));
  export_button(app, "timeline", [&app, &own] { return timeline::csv(app, own); });
  ui::next_tool(row_height());
  if (ui::button("timeline.zoom-in",
                 {.icon = Icon::plus, .look = Look::quiet, .tip = "Wider columns (Ctrl + wheel)"}))
    zoom_to(own, own.zoom * 1.25f, middle);
  ui::next_tool(row_height());
  if (ui::button("timeline.zoom-out",
                 {.icon = Icon::minus, .look = Look::quiet, .tip = "Narrower columns (Ctrl + wheel)"}))
    zoom_to(own, own.zoom / 1.25f, middle);
  ui::next_tool(row_height());
  if (ui::button("timeline.fit", {.icon = Icon::fit, .look = Look::quiet, .tip = "All columns at once"}))
    zoom_to(own, columns_width / columns, 0);
  const bool is_text = app.session.reads_text();
  if (!briefest && is_text) timeline::find_menu(app, own, brief);
  timeline::units_menu(app, own, brief, briefest && is_text);
  timeline::tracks_menu(app, brief);
  if (app.shows_example()) timeline::example_tools(app, brief || is_text);
  if (!is_text) return;
  const ui::ButtonSpec edit{.label = briefest         ? ""
                                     : own.edit_probe ? "Done"
                                     : brief          ? "Text"
                                                      : "Edit text",
                            .icon = Icon::pencil,
                            .look = Look::quiet,
                            .tip = "Probe a text of your own"};
  ui::next_tool(ui::button_width(edit));
  if (ui::button("timeline.edit", edit)) {
    own.edit_probe = !own.edit_probe;
    std::string& probe = app.session.wanted.view.probe;
    if (own.edit_probe && probe.empty())
      probe = app.shows_example() ? symbol_texts(app.timeline_text()) : app.probed().text;
  }
}

/// The losses at the ends of the ramp: 0 and a blind guess; of numbers 0, or of their densities the least, and the most.
void find_ends(Scene& view) {
  const App& app = view.app;
  if (app.numbers()) view.most_loss = 0;
  bool any = false;
  for (const auto& lane : app.session.lanes) {
    if (lane->vocabulary.size() > 1) view.most_loss = std::log(static_cast<float>(lane->vocabulary.size()));
    if (!app.numbers()) continue;
    for (const float loss : lane->probe.loss) {
      if (!std::isfinite(loss)) continue;
      const bool begins = app.densities() && !any;
      view.least_loss = begins ? loss : std::min(view.least_loss, loss);
      view.most_loss = begins ? loss : std::max(view.most_loss, loss);
      any = true;
    }
  }
  if (view.most_loss <= view.least_loss) view.most_loss = view.least_loss + 1;
}

/// The scale of surprise with its numbers, and what they mean where there is room.
void draw_legend(const Scene& view, ImVec2 at, float width, float room) {
  const Palette& p = palette();
  char low[32], middle[32], high[32];
  const auto least = static_cast<double>(view.least_loss), most = static_cast<double>(view.most_loss);
  std::snprintf(low, sizeof low, view.app.densities() ? "%.1f" : "%.0f", view.app.in_units(least));
  std::snprintf(middle, sizeof middle, "%.1f", view.app.in_units((least + most) / 2));
  std::snprintf(high, sizeof high, view.app.densities() ? "%.1f" : "≥ %.1f", view.app.in_units(most));
  timeline::draw_scale(view, at, width, {view.least_loss, view.most_loss, &p.ramp, p.inset}, low, middle,
                       high);
  const bool squared = view.app.squared();
  const std::string brief = squared ? view.app.unit() : std::string("surprise, ") + view.app.unit();
  const std::string note = brief + (squared                ? ""
                                    : view.app.densities() ? ": below 0 where it was sure, and right"
                                                           : ": 0 was certain, the end a blind guess");
  for (const std::string* text : {&note, &brief}) {
    if (width + space::m + text_size(Face::small, text->c_str()).x > room) continue;
    draw_text(view.draw, Face::small, at + ImVec2(width + space::m, -2), solid(p.dim), text->c_str());
    break;
  }
}

void probe_field(App& app, float width) {
  const platform::TextField field{.id = "probe",
                                  .label = "Text of the timeline",
                                  .placeholder = "A text to probe",
                                  .width = width,
                                  .height = 56,
                                  .monospace = true,
                                  .max_bytes = 20000};
  platform::text_field(field, app.session.wanted.view.probe);
  ui::register_widget("probe", {"Text of the timeline, text field", "", true});
}

void note_unknown(const App& app, float width) {
  std::u32string unknown;
  for (const auto& lane : app.session.lanes)
    unknown = lane->probe.unknown.empty() ? unknown : lane->probe.unknown;
  if (unknown.empty()) return;
  std::string list;
  for (char32_t symbol : unknown) list += (list.empty() ? "" : " ") + symbol_name(symbol);
  ui::label(ui::shortened("Left out, because the text to learn lacks it: " + list, width).c_str(),
            palette().warning, Face::small);
}

void update_pictures(App& app, State& own) {
  app.session.ask_probes(app.probed());
  const TracksWanted wanted{.probed = app.probed(),
                            .time_step = app.time_step(),
                            .layer = app.chosen.layer,
                            .kinds = app.session.wanted.view.tracks,
                            .sort = own.sort,
                            .feature = own.feature,
                            .pattern = own.pattern};
  for (size_t i = 0; i < app.session.lanes.size(); ++i)
    update_tracks(app.session, i, own.tracks[app.session.lanes[i]->colour], wanted);
}

const Row* row_at(const Scene& view, float y) {
  for (const Row& row : view.rows)
    if (y >= view.columns.Min.y + row.y && y < view.columns.Min.y + row.y + row.height) return &row;
  return nullptr;
}

class TimelineView final : public View {
 public:
  TimelineView()
      : View({.help = {{"Timeline",
                        "A text the lanes read, one column a character. Colour: how surprised a lane was by "
                        "it. Below: its "
                        "three best guesses before it saw the character; a frame marks the right one."}},
              .keys = {{", and .", "previous and next character of the timeline"}}}) {}
  void draw(App&, ImVec2 size) override;
  float wants(const App& app, float width) const override {
    return state_.comfortable > 0 ? state_.comfortable : View::wants(app, width);
  }
  void publish(const App& app, Json& state) const override {
    state["timeline"] = timeline::published(app, state_);
  }

 private:
  State state_;
};

}  // namespace

void TimelineView::draw(App& app, ImVec2 size) {
  State& own = state_;
  const Palette& p = palette();
  // On a phone the tools take the whole title row; the tab says what this is.
  ui::begin_card("timeline", touch_targets() && size.x < 400 ? "" : "Timeline", size, false);
  update_pictures(app, own);
  const std::u32string& text = app.timeline_text();
  need_symbols(text);
  const float width = ui::content_width();
  const bool narrow = width < 520, roomy = width >= 800;  // roomy: the legend stands beside the title
  Scene view{.app = app, .own = own, .draw = ImGui::GetWindowDrawList()};
  view.gutter = narrow ? 68.0f : 84.0f;
  find_ends(view);
  const float text_row = timeline::heading_height(app);
  fit_example(app, own, width - view.gutter - ImGui::GetStyle().ScrollbarSize - 4);
  draw_tools(app, own, width - view.gutter, width < (touch_targets() ? 680 : 560), narrow);
  const float scale_width = narrow ? 120.0f : 160.0f;
  if (roomy) {
    const ImVec2 at = ImGui::GetWindowPos() + ImVec2(space::l + view.gutter, space::m + 2);
    draw_legend(view, at, scale_width, width - view.gutter - 530);
  }
  ui::end_tools();
  if (own.edit_probe && app.session.reads_text()) probe_field(app, width);
  note_unknown(app, width);
  if (!roomy) {
    draw_legend(view, ImGui::GetCursorScreenPos() + ImVec2(view.gutter, 0), scale_width, width - view.gutter);
    ImGui::Dummy({width, 26});
  }

  // The text stays in view; the tracks below it scroll when there are more than fit.
  const ImVec2 start = ImGui::GetCursorScreenPos();
  timeline::lay_out(view, 0);
  own.comfortable =
      std::ceil(start.y - ImGui::GetWindowPos().y + text_row + view.height + scrollbar_row + 2 * space::m);
  const float room =
      size.y > 0 ? std::max(ImGui::GetContentRegionAvail().y - text_row - scrollbar_row - 2, 60.0f) : 0;
  timeline::lay_out(view, room);
  const float shown = room > 0 ? room : view.height;
  const bool scrolls = view.height > shown + 1;
  const ImRect letters(start + ImVec2(view.gutter, 0), start + ImVec2(width, text_row));
  ImGui::InvisibleButton("letters", {width, text_row});
  bool clicked = pan_and_zoom(own, letters, false);
  const bool over_letters = ImGui::IsItemHovered() && letters.Contains(ImGui::GetIO().MousePos);
  ImDrawList* outer = view.draw;
  ImGui::SetCursorScreenPos(start + ImVec2(0, text_row));
  ImGui::BeginChild(
      "tracks", {width, shown}, ImGuiChildFlags_None,
      scrolls ? ImGuiWindowFlags_None : ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
  ui::keep_unseen_items();
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  view.draw = ImGui::GetWindowDrawList();
  const float right = start.x + width - (scrolls ? ImGui::GetStyle().ScrollbarSize + 2 : 0);
  view.columns = ImRect({origin.x + view.gutter, origin.y}, {right, origin.y + view.height});
  ImGui::SetCursorScreenPos(view.columns.Min);
  ImGui::InvisibleButton("columns", view.columns.GetSize());
  ui::register_widget("timeline.tracks", view.columns.Min, view.columns.Max);
  clicked = pan_and_zoom(own, view.columns, scrolls) || clicked;
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const bool over_rows = ImGui::IsItemHovered() && view.columns.Contains(mouse);
  move_by_keys(app, own, view.columns.GetWidth());
  keep_inside(app, own, view.columns.GetWidth());
  view.column = own.zoom;
  view.first = std::min(text.size(), static_cast<size_t>(own.pan / view.column));
  view.end =
      std::min(text.size(), static_cast<size_t>((own.pan + view.columns.GetWidth()) / view.column) + 1);
  app.chosen.visible_end =
      std::min(text.size(), static_cast<size_t>((own.pan + view.columns.GetWidth()) / view.column + 0.01f));
  const Row* row = over_rows ? row_at(view, mouse.y) : nullptr;
  if (clicked) choose(view, row, mouse);

  const bool pointing = (over_rows || over_letters) && !touch_targets();
  const auto pointed =
      static_cast<size_t>(std::max(0.0f, (mouse.x - view.columns.Min.x + own.pan) / view.column));
  const bool chosen = app.chosen.column >= 0 && static_cast<size_t>(app.chosen.column) < text.size();
  const size_t column = pointing ? pointed : static_cast<size_t>(std::max(app.chosen.column, 0));
  const bool reads = (pointing ? pointed < text.size() : chosen) && !text.empty();
  const auto mark = [&](ImDrawList* draw, size_t index, float top, float bottom) {
    const float x = view.x_of(index);
    draw->AddRect({x - 1, top}, {x + view.column + 1, bottom}, solid(p.accent_text), 3, 0, 1.5f);
  };

  const size_t turn = app.example() ? app.example()->turn : 0;  // where an encoder hands over
  const auto hand_over = [&](ImDrawList* draw, float top, float bottom) {
    if (turn > 0) draw->AddLine({view.x_of(turn), top}, {view.x_of(turn), bottom}, solid(p.warning), 1.5f);
  };

  ImGui::PushClipRect(view.columns.Min, view.columns.Max, true);
  for (const Row& each : view.rows) timeline::draw_row(view, each);
  hand_over(view.draw, origin.y, origin.y + view.height - 2);
  if (reads) mark(view.draw, column, origin.y, origin.y + view.height - 2);
  if (chosen && pointing)
    mark(view.draw, static_cast<size_t>(app.chosen.column), origin.y, origin.y + view.height - 2);
  ImGui::PopClipRect();
  timeline::draw_gutter(view);
  if (reads) timeline::read_column(view, column, row, pointing);
  ImGui::EndChild();

  outer->PushClipRect(letters.Min, {right, letters.Max.y}, true);
  timeline::draw_heading(view, outer, start);
  hand_over(outer, start.y, letters.Max.y);
  if (reads) mark(outer, column, start.y, letters.Max.y - 1);
  const float here =
      view.x_of(app.time_step());  // whose loss the gradients come from, and what the cell reads
  outer->AddRectFilled({here, letters.Max.y - 4}, {here + view.column, letters.Max.y - 2},
                       solid(p.accent_text), 1);
  outer->PopClipRect();
  draw_scrollbar(view, outer, start.y + text_row + shown + 3);
  ImGui::SetCursorScreenPos(start + ImVec2(0, text_row + shown));
  ImGui::Dummy({width, scrollbar_row});
  ui::end_card();
}

std::unique_ptr<View> make_timeline_view() { return std::make_unique<TimelineView>(); }

}  // namespace unroll
