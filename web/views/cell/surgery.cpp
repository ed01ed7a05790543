// Reaching into the cell: clamp a gate, silence or freeze a unit, write into the memory; what is applied, and what it
// does to the loss.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "web/toolkit/focus.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/cell/cell.h"
#include "web/views/cell/worked_out.h"

namespace unroll {
namespace {

using OfKind = Intervention::Kind;

constexpr double widest_slider = 5;  // of values that nothing bounds

bool applies(const Intervention& one, const CellNumbers& reading) {
  const auto position = static_cast<int64_t>(reading.position);
  return one.layer == reading.layer && (one.unit < 0 || one.unit == reading.unit) && position >= one.first &&
         position <= one.last;
}

/// Whether two set the same value, so that the later one takes the place of the other.
bool same_target(const Intervention& a, const Intervention& b) {
  return a.kind == b.kind && a.layer == b.layer && a.unit == b.unit && a.what == b.what &&
         (a.kind != OfKind::set || a.first == b.first);
}

void add(App& app, const CellNumbers& reading, Intervention one) {
  InterventionSet set = app.session.lanes[reading.lane]->interventions;
  const auto old = std::find_if(set.begin(), set.end(), [&](const auto& o) { return same_target(o, one); });
  if (old != set.end())
    *old = one;
  else
    set.push_back(one);
  app.session.intervene(reading.lane, std::move(set));
}

/// A slider in the theme's look.
bool slider(const char* id, float& value, float low, float high, float width) {
  ImGui::SetNextItemWidth(width);
  const WithFont mono(Face::mono);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding,
                      ImVec2(space::s, (row_height() - ImGui::GetFontSize()) / 2));
  const bool moved = ImGui::SliderFloat((std::string("##") + id).c_str(), &value, low, high, "%.2f",
                                        ImGuiSliderFlags_AlwaysClamp);
  ImGui::PopStyleVar();
  const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
  ImGui::GetWindowDrawList()->AddRect(min, max, solid(palette().border), corner());
  ui::register_widget(id, {"Value to clamp to, slider", ui::number_text(static_cast<double>(value))});
  ui::tip("Drag, or Ctrl and click to type");
  return moved;
}

/// What can be clamped: the equations that set no state, for those are ablated, frozen or set.
std::vector<const CellEquation*> clampable(const CellGraph& graph) {
  std::vector<const CellEquation*> list;
  for (const CellEquation& equation : graph.equations)
    if (equation.state < 0) list.push_back(&equation);
  return list;
}

void clamp_controls(App& app, CellLooks& looks, const CellNumbers& reading, Intervention base) {
  const auto graph = graph_of(reading.spec);
  const auto equations = clampable(*graph);
  if (equations.empty()) return;
  const float width = ui::content_width();
  looks.gate = std::clamp(looks.gate, 0, static_cast<int>(equations.size()) - 1);
  std::vector<const char*> names;
  for (const CellEquation* equation : equations) names.push_back(equation->name.c_str());
  if (ui::segmented_width(names) <= width)
    ui::segmented("cell.gate", names, looks.gate, width, "What to clamp");
  else
    ui::choice_row("cell.gate", "Clamp", "What to clamp", names, looks.gate);
  const CellEquation& equation = *equations[static_cast<size_t>(looks.gate)];
  const Range range = allowed_values(*graph, equation);
  const auto low = static_cast<float>(std::max(range.minimum, -widest_slider)),
             high = static_cast<float>(std::min(range.maximum, widest_slider));
  base.kind = OfKind::clamp;
  base.what = equation.name;
  looks.clamp = std::clamp(looks.clamp, low, high);
  const std::string label = "Clamp " + equation.name;
  const std::string tip = std::string("Hold it at this value, at every ") + app.task().looks.column;
  const ui::ButtonSpec clamp{.label = label.c_str(), .tip = tip.c_str()};
  const float button = ui::button_width(clamp);
  const bool moved = slider("cell.clamp.value", looks.clamp, low, high, width - button - space::s);
  ImGui::SameLine();
  const InterventionSet& set = app.session.lanes[reading.lane]->interventions;
  const bool held = std::any_of(set.begin(), set.end(), [&](const auto& o) { return same_target(o, base); });
  base.value = static_cast<double>(looks.clamp);
  if (ui::button("cell.clamp", clamp) || (moved && held)) add(app, reading, base);
}

/// What is applied, each with a button that takes it away.
void draw_list(App& app, const CellNumbers& reading) {
  InterventionSet set = app.session.lanes[reading.lane]->interventions;
  const float size = touch_targets() ? row_height() : 22.0f;
  int removed = -1;
  for (size_t i = 0; i < set.size(); ++i) {
    const ImVec2 min = ImGui::GetCursorScreenPos();
    const float width = ui::content_width();
    ImDrawList* draw = ImGui::GetWindowDrawList();
    draw->AddRectFilled(min, min + ImVec2(width, size), faded(palette().warning, 0.12f), corner());
    const WithFont small(Face::small);
    const std::string text = ui::shortened(intervention_text(set[i], reading.spec, app.task().looks.column),
                                           width - size - space::s);
    draw->AddText(min + ImVec2(space::s, (size - 14) / 2), solid(palette().text), text.c_str());
    ImGui::SetCursorScreenPos(min + ImVec2(width - size, 0));
    const std::string id = "cell.remove" + std::to_string(i);
    if (ui::button(id.c_str(), {.icon = Icon::close,
                                .look = ui::Look::quiet,
                                .width = size,
                                .tip = "Take this one away",
                                .height = size}))
      removed = static_cast<int>(i);
  }
  if (removed < 0) return;
  set.erase(set.begin() + removed);
  app.session.intervene(reading.lane, std::move(set));
}

/// Mean loss of the timeline's text without and with the interventions.
void draw_effect(const App& app, const CellNumbers& reading) {
  const LaneView& lane = *app.session.lanes[reading.lane];
  const double before = lane.uninfluenced.mean_loss(), now = lane.probe.mean_loss();
  const bool comparable = lane.probe.intervened && lane.uninfluenced.asked == lane.probe.asked &&
                          std::isfinite(before) && std::isfinite(now);
  if (!comparable) return ui::dim("measuring the loss…");
  char text[96];
  std::snprintf(text, sizeof text, "%.3f → %.3f %s", app.in_units(before), app.in_units(now), app.unit());
  ui::dim("mean loss of the text");
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() - space::xs);
  ui::label(text, palette().text, Face::mono);
  if (lane.uninfluenced.step == lane.probe.step) return;
  std::snprintf(text, sizeof text, "without: step %lld, with: step %lld",
                static_cast<long long>(lane.uninfluenced.step), static_cast<long long>(lane.probe.step));
  ui::dim(text);
}

}  // namespace

const char* imposed(const App& app, const CellNumbers& reading, std::string_view id) {
  const char* what = "";
  if (!reading.intervened) return what;
  const bool is_state = graph_of(reading.spec)->state(id) >= 0;
  for (const Intervention& one : app.session.lanes[reading.lane]->interventions) {
    if (!applies(one, reading) || (one.what.empty() ? !is_state : one.what != id)) continue;
    constexpr const char* words[] = {"clamped", "set", "ablated", "frozen"};  // as in Intervention::Kind
    what = words[static_cast<size_t>(one.kind)];
  }
  return what;
}

std::string intervention_text(const Intervention& one, const LaneSpec& spec, const std::string& column) {
  const std::string unit = one.unit < 0 ? "all units" : "unit " + std::to_string(one.unit + 1);
  const std::string states = one.what.empty() ? unit : one.what + " of " + unit;
  std::string text;
  if (one.kind == OfKind::clamp) text = one.what + " = " + decimals(one.value, 2) + ", " + unit;
  if (one.kind == OfKind::set)
    text = one.what + " = " + decimals(one.value, 2) + ", " + unit + ", " + column + " " +
           std::to_string(one.first + 1);
  if (one.kind == OfKind::ablate) text = states + " ablated";
  if (one.kind == OfKind::freeze)
    text = states + " frozen from " + column + " " + std::to_string(one.first + 1);
  if (spec.layers > 1) text += ", layer " + std::to_string(one.layer + 1);
  return text;
}

void CellLooks::choose_gate(const CellNumbers& reading) {
  const auto graph = graph_of(reading.spec);
  const auto equations = clampable(*graph);
  for (size_t i = 0; i < equations.size(); ++i)
    if (chosen == equations[i]->name) gate = static_cast<int>(i);
}

void draw_surgery(App& app, CellLooks& looks, const CellNumbers& reading, ImVec2 size) {
  const LaneView& lane = *app.session.lanes[reading.lane];
  const ImGuiChildFlags flags = size.y > 0 ? ImGuiChildFlags_None : ImGuiChildFlags_AutoResizeY;
  ImGui::BeginChild("cell.surgery", size, flags, ImGuiWindowFlags_None);
  ui::keep_unseen_items();
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(space::s, 6));
  const std::string one = "Unit " + std::to_string(reading.unit + 1),
                    all = "All " + std::to_string(reading.spec.hidden);
  const char* const scopes[] = {one.c_str(), all.c_str()};
  const float width = ui::content_width();
  int scope = looks.whole_layer ? 1 : 0;
  ImGui::PushID("scope");
  ui::segmented("cell.scope", scopes, scope, width, "What the interventions are made on");
  ImGui::PopID();
  looks.whole_layer = scope == 1;
  Intervention base{.layer = reading.layer, .unit = looks.whole_layer ? -1 : reading.unit};

  clamp_controls(app, looks, reading, base);
  const float half = (width - space::s) / 2;
  const std::string column = app.task().looks.column, ablates = "State 0 at every " + column,
                    freezes = "From this " + column + " on the state stays as it was before it",
                    writes = "Write this into the memory at this " + column;
  if (ui::button("cell.ablate", {.label = "Ablate", .width = half, .tip = ablates.c_str()})) {
    base.kind = OfKind::ablate;
    add(app, reading, base);
  }
  ImGui::SameLine();
  base.first = static_cast<int64_t>(reading.position);
  if (ui::button("cell.freeze", {.label = "Freeze", .width = half, .tip = freezes.c_str()})) {
    base.kind = OfKind::freeze;
    add(app, reading, base);
  }
  const auto graph = graph_of(reading.spec);
  if (graph->output != 0) {  // a memory that is not what goes up
    const std::string& memory = graph->states.front().name;
    const std::string name = "Value of " + memory, label = "Set " + memory;
    constexpr double ladder[] = {-10, -5, -3, -2, -1, -0.5, 0, 0.5, 1, 2, 3, 5, 10};
    double value = static_cast<double>(looks.memory);
    ui::number_field("cell.memory.value", name.c_str(), value,
                     {.minimum = -100, .maximum = 100, .ladder = ladder, .integer = false}, half);
    looks.memory = static_cast<float>(value);
    ImGui::SameLine();
    if (ui::button("cell.memory", {.label = label.c_str(), .width = half, .tip = writes.c_str()})) {
      base.kind = OfKind::set;
      base.what = memory;
      base.value = value;
      base.last = base.first;
      add(app, reading, base);
    }
  }
  const Answer& answer = app.session.answer(reading.lane, "intervene");
  if (answer.error) {
    ImGui::PushTextWrapPos(0);
    ui::label(answer.error->text().c_str(), palette().error, Face::small);
    ImGui::PopTextWrapPos();
  }
  if (!lane.interventions.empty()) {
    if (ui::button("cell.restore",
                   {.label = "Restore", .icon = Icon::reset, .width = width, .tip = "Take all of them away"}))
      app.session.intervene(reading.lane, {});
    if (!answer.error) draw_effect(app, reading);
    draw_list(app, reading);
  } else {
    ui::dim("Nothing is changed. Training never sees what is done here.");
  }
  ImGui::PopStyleVar();
  ui::scroll_by_drag();
  ImGui::EndChild();
}

}  // namespace unroll
