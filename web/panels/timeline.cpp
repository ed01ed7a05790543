// The timeline: the probed text is the x axis, one column a character. Tracks of each lane: surprise (the loss at the
// character as a colour) and the top predictions for it, made before the lane saw it. Pan by dragging or the wheel,
// zoom with Ctrl and the wheel; pointing at a column, or choosing one, reads its exact values.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "engine/text.h"
#include "web/app.h"
#include "web/glyphs.h"
#include "web/theme.h"
#include "web/ui.h"

namespace unroll {
namespace {

constexpr float text_track = 24, lane_gap = 12, below_tracks = 8;
constexpr float narrowest = 2, widest = 40, letters_from = 8;

struct View {
  App& app;
  ImDrawList* draw;
  ImRect tracks;        // where columns are drawn
  std::u32string text;  // as the lanes know it
  size_t first, end;    // visible columns
  float column;         // width
  float top_value;      // nats at the end of the ramp
  float row = 18;       // height of the surprise track and of each row of guesses
  int guesses = 3;      // rows of guesses of each lane

  float lane_height() const { return row * static_cast<float>(1 + guesses) + lane_gap; }
  /// As many and as high rows as fit into `room`, at least one guess a lane. Returns the height needed.
  float fit(float room, size_t lanes) {
    const auto n = static_cast<float>(std::max<size_t>(lanes, 1));
    const float each = (room - text_track - below_tracks) / n - lane_gap;
    guesses = std::clamp(static_cast<int>(each / row) - 1, 1, Session::top);
    row = std::clamp(std::floor(each / static_cast<float>(1 + guesses)), row, 26.0f);
    return text_track + below_tracks + lane_height() * n;
  }

  float x_of(size_t index) const { return tracks.Min.x + static_cast<float>(index) * column - app.looks.pan; }
};

void draw_text_track(const View& view, float y) {
  const Palette& p = palette();
  if (view.column < letters_from) return;
  for (size_t i = view.first; i < view.end; ++i)
    draw_symbol(view.draw, {view.x_of(i), y}, {view.column, text_track}, view.text[i], p.text);
}

void draw_candidates(const View& view, const LaneView& lane, float y) {
  const Palette& p = palette();
  const ProbeResult& probe = lane.probe;
  const Rgb colour = p.lanes[static_cast<size_t>(lane.colour) % p.lanes.size()];
  const auto top = static_cast<size_t>(probe.top);
  for (size_t i = std::max<size_t>(view.first, 1); i < view.end; ++i) {
    const float x = view.x_of(i);
    for (size_t k = 0; k < std::min(static_cast<size_t>(view.guesses), top); ++k) {
      const int32_t id = probe.top_ids[i * top + k];
      const float probability = probe.top_probs[i * top + k];
      if (id < 0 || static_cast<size_t>(id) >= lane.vocabulary.size() || !std::isfinite(probability))
        continue;
      const char32_t symbol = lane.vocabulary[static_cast<size_t>(id)];
      const float row = y + view.row * static_cast<float>(k);
      const bool right = symbol == probe.text[i];
      const Rgb shade = mix(p.card, colour, 0.55f * std::sqrt(probability));
      view.draw->AddRectFilled({x + 0.5f, row + 0.5f}, {x + view.column - 0.5f, row + view.row - 0.5f},
                               solid(shade), 3);
      if (view.column < letters_from) continue;
      draw_symbol(view.draw, {x, row}, {view.column, view.row}, symbol,
                  right ? p.text : mix(p.text, shade, 0.15f));
      if (right)
        view.draw->AddRect({x + 0.5f, row + 0.5f}, {x + view.column - 0.5f, row + view.row - 0.5f},
                           solid(p.text), 3);
    }
  }
}

void draw_lane_tracks(const View& view, size_t index, float y) {
  const Palette& p = palette();
  LaneView& lane = *view.app.session.lanes[index];
  const ProbeResult& probe = lane.probe;
  if (probe.loss.empty()) return;
  const size_t end = std::min(view.end, probe.loss.size());
  if (view.first >= end) return;
  View mine = view;
  mine.end = end;
  Heatmap& heat = view.app.heatmaps["surprise" + std::to_string(lane.colour)];
  heat.set(probe.loss, 1, probe.loss.size(), probe.version);
  heat.draw(view.draw, {view.x_of(view.first), y}, {view.x_of(end), y + view.row},
            {static_cast<double>(view.first), static_cast<double>(end), 0, 1},
            {0, view.top_value, &p.ramp, p.inset});
  draw_candidates(mine, lane, y + view.row + 2);
}

void draw_gutter(const View& view, float left, float y0) {
  const Palette& p = palette();
  const Session& session = view.app.session;
  draw_text(view.draw, Face::small, {left, y0 + 5}, solid(p.dim), "text");
  for (size_t i = 0; i < session.lanes.size(); ++i) {
    const LaneView& lane = *session.lanes[i];
    const float y = y0 + text_track + view.lane_height() * static_cast<float>(i);
    const Rgb colour = p.lanes[static_cast<size_t>(lane.colour) % p.lanes.size()];
    draw_text(view.draw, Face::strong, {left, y}, solid(colour), lane_name(session.wanted.lanes[i]).c_str());
    for (int k = 0; k < view.guesses; ++k) {
      constexpr const char* labels[Session::top] = {"1st guess", "2nd", "3rd", "4th", "5th"};
      draw_text(view.draw, Face::small,
                {left, y + view.row + (view.row - 14) / 2 + view.row * static_cast<float>(k)}, solid(p.dim),
                labels[k]);
    }
  }
}

/// The scale of surprise: a strip of the ramp with its numbers.
void draw_scale(const View& view, ImVec2 at, float width) {
  const Palette& p = palette();
  constexpr int parts = 48;
  for (int i = 0; i < parts; ++i) {
    const float a = at.x + width * static_cast<float>(i) / parts,
                b = at.x + width * static_cast<float>(i + 1) / parts;
    view.draw->AddRectFilled({a, at.y}, {b, at.y + 8},
                             solid(p.ramp.at((static_cast<float>(i) + 0.5f) / parts)));
  }
  view.draw->AddRect(at, {at.x + width, at.y + 8}, solid(p.border));
  for (int i = 0; i <= 2; ++i) {
    const double share = 0.5 * i;
    char text[32];
    std::snprintf(text, sizeof text,
                  i == 2   ? "≥ %.1f"
                  : i == 0 ? "%.0f"
                           : "%.1f",
                  view.app.in_units(share * static_cast<double>(view.top_value)));
    const float text_width = text_size(Face::small, text).x;
    const float x = at.x + width * static_cast<float>(share) - text_width * static_cast<float>(share);
    draw_text(view.draw, Face::small, {x, at.y + 9}, solid(p.dim), text);
  }
}

/// What every lane says about one column.
void read_column(const View& view, size_t index, bool at_pointer) {
  const Palette& p = palette();
  const App& app = view.app;
  // Above the tracks, so that it hides none of them.
  const float x = at_pointer ? ImGui::GetIO().MousePos.x : view.x_of(index);
  const float share = (x - view.tracks.Min.x) / std::max(view.tracks.GetWidth(), 1.0f);
  ImGui::SetNextWindowPos({x, view.tracks.Min.y - 4}, ImGuiCond_Always, {std::clamp(share, 0.0f, 1.0f), 1});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::m, space::s));
  if (ImGui::BeginTooltip()) {
    const std::string name = symbol_name(view.text[index]);
    ui::label(("character " + std::to_string(index + 1) + ": " + name).c_str(), p.text, Face::text);
    if (index == 0) ui::dim("Nothing came before the first character.");
    if (index > 0 && ImGui::BeginTable("column", 2 + Session::top, ImGuiTableFlags_SizingFixedFit)) {
      for (size_t i = 0; i < app.session.lanes.size(); ++i) {
        const LaneView& lane = *app.session.lanes[i];
        const ProbeResult& probe = lane.probe;
        if (index >= probe.loss.size()) continue;
        const double loss = static_cast<double>(probe.loss[index]);
        ImGui::TableNextColumn();
        ui::label(lane_name(app.session.wanted.lanes[i]).c_str(),
                  p.lanes[static_cast<size_t>(lane.colour) % p.lanes.size()], Face::strong);
        char text[64];
        std::snprintf(text, sizeof text, "%.2f %s (%.1f%%)", app.in_units(loss), app.unit(),
                      100 * std::exp(-loss));
        ImGui::TableNextColumn();
        ui::label(text, p.text, Face::mono);
        for (int k = 0; k < Session::top; ++k) {
          ImGui::TableNextColumn();
          if (k >= probe.top) continue;
          const size_t at = index * static_cast<size_t>(probe.top) + static_cast<size_t>(k);
          const int32_t id = probe.top_ids[at];
          if (id < 0 || static_cast<size_t>(id) >= lane.vocabulary.size()) continue;
          const ImVec2 cell = ImGui::GetCursorScreenPos();
          draw_symbol(ImGui::GetWindowDrawList(), cell, {14, 18}, lane.vocabulary[static_cast<size_t>(id)],
                      p.text);
          std::snprintf(text, sizeof text, "%.0f%%", 100 * static_cast<double>(probe.top_probs[at]));
          ImGui::SetCursorScreenPos({cell.x + 16, cell.y + 2});
          ui::label(text, p.dim, Face::small);
        }
      }
      ImGui::EndTable();
    }
    ImGui::EndTooltip();
  }
  ImGui::PopStyleVar();
}

void zoom_to(App& app, float width, float anchor) {  // anchor: pixels from the left edge of the tracks
  const float before = app.looks.zoom;
  app.looks.zoom = std::clamp(width, narrowest, widest);
  app.looks.pan = (app.looks.pan + anchor) * app.looks.zoom / before - anchor;
}

/// Pointer and keys over the tracks.
void navigate(App& app, const ImRect& tracks, size_t columns) {
  const ImGuiIO& io = ImGui::GetIO();
  const float anchor = io.MousePos.x - tracks.Min.x;
  if (ImGui::IsItemHovered()) {
    if (io.KeyCtrl && io.MouseWheel != 0)
      zoom_to(app, app.looks.zoom * std::exp(0.12f * io.MouseWheel), anchor);
    else
      app.looks.pan -= 40 * (io.MouseWheel + io.MouseWheelH);
  }
  if (ImGui::IsItemActive() && ImGui::IsMouseDragging(ImGuiMouseButton_Left, 3))
    app.looks.pan -= io.MouseDelta.x;
  if (ImGui::IsItemDeactivated() && io.MouseDragMaxDistanceSqr[0] < 16 && tracks.Contains(io.MousePos)) {
    const int clicked = static_cast<int>((anchor + app.looks.pan) / app.looks.zoom);
    app.looks.column = clicked == app.looks.column || clicked >= static_cast<int>(columns) ? -1 : clicked;
  }
  if (!io.WantTextInput && !platform::field_focused() && !app.looks.help_open) {
    const int by = ImGui::IsKeyPressed(ImGuiKey_Period) - ImGui::IsKeyPressed(ImGuiKey_Comma);
    if (by) app.looks.column = std::clamp(app.looks.column + by, 0, static_cast<int>(columns) - 1);
    if (by) {  // keep it in view
      const float x = static_cast<float>(app.looks.column) * app.looks.zoom;
      app.looks.pan =
          std::clamp(app.looks.pan, x + 2 * app.looks.zoom - tracks.GetWidth(), x - app.looks.zoom);
    }
    if (ImGui::IsKeyPressed(ImGuiKey_Escape)) app.looks.column = -1;
  }
  const float most = static_cast<float>(columns) * app.looks.zoom - tracks.GetWidth();
  app.looks.pan = std::clamp(app.looks.pan, 0.0f, std::max(most, 0.0f));
}

void draw_scrollbar(const View& view, float y) {
  const float whole = static_cast<float>(view.text.size()) * view.column, width = view.tracks.GetWidth();
  if (whole <= width) return;
  const ImVec2 min(view.tracks.Min.x, y);
  view.draw->AddRectFilled(min, min + ImVec2(width, 4), solid(palette().inset), 2);
  const float begin = width * view.app.looks.pan / whole, length = width * width / whole;
  view.draw->AddRectFilled(min + ImVec2(begin, 0), min + ImVec2(begin + length, 4),
                           solid(palette().strong_border), 2);
}

void draw_tools(App& app, float tracks_width, size_t columns) {
  using ui::Look;
  const float middle = tracks_width / 2;
  ui::next_tool(row_height());
  if (ui::button("timeline.zoom-in",
                 {.icon = Icon::plus, .look = Look::quiet, .tip = "Wider columns (Ctrl + wheel)"}))
    zoom_to(app, app.looks.zoom * 1.25f, middle);
  ui::next_tool(row_height());
  if (ui::button("timeline.zoom-out",
                 {.icon = Icon::minus, .look = Look::quiet, .tip = "Narrower columns (Ctrl + wheel)"}))
    zoom_to(app, app.looks.zoom / 1.25f, middle);
  ui::next_tool(row_height());
  if (ui::button("timeline.fit", {.icon = Icon::fit, .look = Look::quiet, .tip = "The whole text at once"}))
    zoom_to(app, tracks_width / static_cast<float>(std::max<size_t>(columns, 1)), 0);
  const ui::ButtonSpec edit{.label = app.looks.edit_probe ? "Done" : "Edit text",
                            .icon = Icon::pencil,
                            .look = Look::quiet,
                            .tip = "Probe a text of your own"};
  ui::next_tool(ui::button_width(edit));
  if (ui::button("timeline.edit", edit)) {
    app.looks.edit_probe = !app.looks.edit_probe;
    if (app.session.wanted.view.probe.empty()) app.session.wanted.view.probe = app.probe_text();
  }
}

}  // namespace

void draw_timeline(App& app, ImVec2 size) {
  const Palette& p = palette();
  Session& session = app.session;
  ui::begin_card("timeline", "Timeline", size, false);
  session.ask_probes(app.probe_text());
  const std::u32string& text = app.timeline_text();
  need_symbols(text);
  const bool narrow = ui::content_width() < 520;
  const float gutter = narrow ? 68.0f : 84.0f;
  const float width = ui::content_width();
  draw_tools(app, width - gutter, text.size());
  float top_value = 4;
  for (const auto& lane : session.lanes)
    if (lane->vocabulary.size() > 1) top_value = std::log(static_cast<float>(lane->vocabulary.size()));
  View view{app, ImGui::GetWindowDrawList(), {}, text, 0, 0, app.looks.zoom, top_value};
  const float scale_width = narrow ? 120.0f : 180.0f;
  if (!narrow) {
    const ImVec2 at = ImGui::GetWindowPos() + ImVec2(space::l + gutter, space::m + 2);
    draw_scale(view, at, scale_width);
    const std::string note =
        std::string("surprise, ") + app.unit() + ": 0 was certain, the end a blind guess";
    const float room = ImGui::GetWindowWidth() - gutter - scale_width - 2 * space::l - 280;
    if (text_size(Face::small, note.c_str()).x < room)
      draw_text(view.draw, Face::small, at + ImVec2(scale_width + space::m, -2), solid(p.dim), note.c_str());
  }
  ui::end_tools();

  if (app.looks.edit_probe) {
    const platform::TextField field{.id = "probe",
                                    .label = "Text of the timeline",
                                    .placeholder = "A text to probe",
                                    .width = width,
                                    .height = 56,
                                    .monospace = true,
                                    .max_bytes = 20000};
    platform::text_field(field, session.wanted.view.probe);
    ui::register_widget("probe");
  }
  std::u32string unknown;
  for (const auto& lane : session.lanes)
    unknown = lane->probe.unknown.empty() ? unknown : lane->probe.unknown;
  if (!unknown.empty()) {
    std::string list;
    for (char32_t symbol : unknown) list += (list.empty() ? "" : " ") + symbol_name(symbol);
    ui::label(ui::shortened("Left out, because the text to learn lacks it: " + list, width).c_str(),
              p.warning, Face::small);
  }
  if (narrow) {
    draw_scale(view, ImGui::GetCursorScreenPos() + ImVec2(gutter, 0), scale_width);
    ImGui::Dummy({width, 26});
  }

  const float natural = touch_targets() ? 22.0f : 18.0f;
  const float wish = text_track + below_tracks +
                     static_cast<float>(session.lanes.size()) * (natural * (1 + Session::top) + lane_gap);
  const float room = size.y > 0 ? ImGui::GetContentRegionAvail().y - 2 : wish;
  const float needed = view.fit(room, session.lanes.size());
  ImGui::BeginChild("tracks", {width, std::max(room, 60.0f)}, ImGuiChildFlags_None,
                    needed > room + 1 ? ImGuiWindowFlags_None
                                      : ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
  const ImVec2 start = ImGui::GetCursorScreenPos();
  view.draw = ImGui::GetWindowDrawList();
  view.tracks = ImRect(start + ImVec2(gutter, 0), start + ImVec2(width, needed));
  ImGui::InvisibleButton("columns", {width, needed});
  ui::register_widget("timeline.tracks", view.tracks.Min, view.tracks.Max);
  navigate(app, view.tracks, text.size());
  view.column = app.looks.zoom;
  view.first = static_cast<size_t>(app.looks.pan / view.column);
  view.end =
      std::min(text.size(), static_cast<size_t>((app.looks.pan + view.tracks.GetWidth()) / view.column) + 1);
  draw_gutter(view, start.x, start.y);

  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const bool pointing = ImGui::IsItemHovered() && view.tracks.Contains(mouse) && !touch_targets();
  const auto pointed =
      static_cast<size_t>(std::max(0.0f, (mouse.x - view.tracks.Min.x + app.looks.pan) / view.column));
  const bool chosen = app.looks.column >= 0 && static_cast<size_t>(app.looks.column) < text.size();
  const size_t column = pointing ? pointed : static_cast<size_t>(std::max(app.looks.column, 0));
  const bool reads = (pointing ? pointed < text.size() : chosen) && !text.empty();

  ImGui::PushClipRect(view.tracks.Min, view.tracks.Max, true);
  draw_text_track(view, start.y);
  for (size_t i = 0; i < session.lanes.size(); ++i)
    draw_lane_tracks(view, i, start.y + text_track + view.lane_height() * static_cast<float>(i));
  for (size_t marked : {column, static_cast<size_t>(std::max(app.looks.column, 0))}) {
    if (!(marked == column ? reads : chosen)) continue;
    const float x = view.x_of(marked);
    view.draw->AddRect({x - 1, start.y}, {x + view.column + 1, start.y + needed - 10}, solid(p.accent_text),
                       3, 0, 1.5f);
  }
  ImGui::PopClipRect();
  draw_scrollbar(view, start.y + needed - 8);
  if (reads) read_column(view, column, pointing);
  ImGui::EndChild();
  ui::end_card();
}

}  // namespace unroll
