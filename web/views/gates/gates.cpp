// Gates: for each gate of each lane a square with a point for every unit: to the right the share of the text's characters
// at which the gate is nearly closed, upwards the share at which it is nearly open.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "web/app.h"
#include "web/export.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/gates/reading.h"
#include "web/views/view.h"

namespace unroll {
namespace {

constexpr float left = 34, above = 22, below = 34, gap = 20;

struct Square {
  ImRect area;
  ImVec2 at(float closed, float open) const {
    return {area.Min.x + closed * area.GetWidth(), area.Max.y - open * area.GetHeight()};
  }
};

void draw_square(App& app, const GateSaturation& gate, const Square& square, const std::string& id) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const LaneView& lane = *app.session.lanes[gate.lane];
  const Rgb colour = p.lane(lane.colour);
  const ImRect& area = square.area;
  draw->AddRectFilled(area.Min, area.Max, solid(p.inset), 4);
  draw->AddLine(square.at(0, 1), square.at(1, 0), solid(p.border));  // no unit can be above it
  draw->AddRect(area.Min, area.Max, solid(p.border), 4);
  const std::string name = app.session.lane_name(gate.lane);
  draw_text(draw, Face::strong, area.Min - ImVec2(0, above - 2), solid(colour), name.c_str());
  draw_text(draw, Face::text, area.Min + ImVec2(text_size(Face::strong, name.c_str()).x + 8, 2 - above),
            solid(p.text), gate_title(app.session.lanes[gate.lane]->applied, gate.gate).c_str());
  for (int i = 0; i <= 2; ++i) {
    char text[8];
    std::snprintf(text, sizeof text, "%d%%", 50 * i);
    const float share = 0.5f * static_cast<float>(i);
    const ImVec2 size = text_size(Face::small, text);
    draw_text(draw, Face::small, {square.at(share, 0).x - size.x * share, area.Max.y + 3}, solid(p.dim),
              text);
    draw_text(draw, Face::small, {area.Min.x - size.x - 5, square.at(0, share).y - size.y * (1 - share)},
              solid(p.dim), text);
  }
  const char* axis = area.GetWidth() > 150 ? "nearly closed (below 0.1)" : "below 0.1";
  draw_text(draw, Face::small, {area.GetCenter().x - text_size(Face::small, axis).x / 2, area.Max.y + 16},
            solid(p.dim), axis);

  const ImVec2 mouse = ImGui::GetIO().MousePos;
  ImGui::SetCursorScreenPos(area.Min);
  const bool pressed = ImGui::InvisibleButton(id.c_str(), area.GetSize()) && !ui::drag_scrolling();
  ui::register_widget(id, area.Min, area.Max);
  const bool hovered = ImGui::IsItemHovered();
  size_t nearest = 0;
  float distance = 1e9f;
  for (size_t unit = 0; unit < gate.shares.open.size(); ++unit) {
    const ImVec2 point = square.at(gate.shares.closed[unit], gate.shares.open[unit]);
    draw->AddCircleFilled(point, 3, faded(colour, 0.45f), 12);
    const float away = std::hypot(point.x - mouse.x, point.y - mouse.y);
    if (away < distance) distance = away, nearest = unit;
  }
  const auto ring = [&](size_t unit, Rgb ink) {
    if (unit < gate.shares.open.size())
      draw->AddCircle(square.at(gate.shares.closed[unit], gate.shares.open[unit]), 5.5f, solid(ink), 16,
                      1.6f);
  };
  if (gate.lane == app.chosen.lane) ring(static_cast<size_t>(app.chosen.unit), p.accent_text);
  if (!(hovered || pressed) || distance > 16) return;
  ring(nearest, p.text);
  if (pressed) {
    app.chosen.lane = gate.lane;
    app.chosen.unit = static_cast<int>(nearest);
  }
  if (!hovered || touch_targets()) return;
  char text[96];
  std::snprintf(text, sizeof text, "unit %zu: below 0.1 at %.0f%%, above 0.9 at %.0f%% of the ", nearest,
                100 * static_cast<double>(gate.shares.closed[nearest]),
                100 * static_cast<double>(gate.shares.open[nearest]));
  ui::tip_text((std::string(text) + app.task().looks.column + "s").c_str());
}

class GatesView final : public View {
 public:
  GatesView()
      : View({.label = "Gates",
              .help = {{"Gates",
                        "How often each gate of each unit is nearly closed and nearly open while the lanes "
                        "read the timeline."}},
              .height = 440}) {}
  void draw(App&, ImVec2 size) override;
  void publish(const App& app, Json& state) const override { state["gates"] = gates_json(app); }
};

}  // namespace

void GatesView::draw(App& app, ImVec2 size) {
  const Palette& p = palette();
  ui::begin_card("gates", "Gates", size, true);
  export_button(app, "gates", [&app] { return gates_csv(app); });
  ui::end_tools();
  ask_gates(app);
  const std::vector<GateSaturation> gates = read_gates(app);
  const float width = ui::content_width();
  const std::string upwards = "upwards: share of the " + std::string(app.task().looks.column) +
                              "s at which the gate is nearly open (above 0.9); a point is a unit";
  if (ImGui::GetWindowWidth() > 700)
    draw_text(ImGui::GetWindowDrawList(), Face::small,
              ImGui::GetWindowPos() + ImVec2(space::l + 60, space::m + 7), solid(p.dim), upwards.c_str());
  const bool none = std::all_of(app.session.wanted.lanes.begin(), app.session.wanted.lanes.end(),
                                [](const LaneSpec& lane) { return sigmoid_gates(lane).empty(); });
  if (gates.empty()) {
    ui::dim(none ? "No lane's cell has a gate. Add an LSTM or a GRU." : "waiting for the lanes…");
    return ui::end_card();
  }
  // As many columns as make the squares largest.
  const auto count = static_cast<int>(gates.size());
  const float room = size.y > 0 ? ImGui::GetContentRegionAvail().y : 1e9f;
  float best = 0;
  int columns = 1;
  for (int tried = 1; tried <= count; ++tried) {
    const auto rows = static_cast<float>((count + tried - 1) / tried), across = static_cast<float>(tried);
    const float side = std::min((width - gap * (across - 1)) / across - left, room / rows - above - below);
    if (side > best && (size.y > 0 || side >= 130)) best = side, columns = tried;
  }
  const float side = std::clamp(best, 90.0f, size.y > 0 ? 280.0f : 300.0f);
  const ImVec2 start = ImGui::GetCursorScreenPos();
  for (int i = 0; i < count; ++i) {
    const GateSaturation& gate = gates[static_cast<size_t>(i)];
    const ImVec2 min = start + ImVec2(left + static_cast<float>(i % columns) * (side + left + gap),
                                      above + static_cast<float>(i / columns) * (side + above + below));
    draw_square(app, gate, {ImRect(min, min + ImVec2(side, side))},
                "gates.lane" + std::to_string(gate.lane) + "." + gate.gate);
  }
  ImGui::SetCursorScreenPos(start);
  const auto rows = static_cast<float>((count + columns - 1) / columns);
  ImGui::Dummy({width, rows * (side + above + below) - (size.y > 0 ? 2.0f : 0.0f)});
  ui::scroll_by_drag();
  ui::end_card();
}

std::unique_ptr<View> make_gates_view() { return std::make_unique<GatesView>(); }

}  // namespace unroll
