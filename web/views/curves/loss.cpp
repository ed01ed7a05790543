// Loss curves of all lanes over the steps: each step's training loss faint, smoothed as a line, validation with dots and
// its best marked; the baselines of the text dashed. A crosshair reads every value at a step. What leaves the plot is
// marked at its edge with its value, and a lane that lost all sense is offered its last good step.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "web/export.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/curves/curves.h"

namespace unroll::curves {
namespace {

/// On the scale of the loss as it is shown.
struct LossPlot : Plot {
  const App& app;
  ImVec2 at(double step, double nats) const { return Plot::at(step, app.in_units(nats)); }
};

/// The smallest and largest loss worth showing, in nats. A lane that lost all sense must not flatten the others; when
/// all have, the plot follows them.
std::pair<double, double> loss_range(const App& app) {
  double low = 1e9, high = app.densities() ? -1e9 : 0, newest = 0;
  for (const Level& level : loss_levels(app.session)) {
    low = std::min(low, level.value);
    high = std::max(high, level.value);
  }
  const double uniform = high;
  bool all_lost = true;
  for (const auto& lane : app.session.lanes) {
    const LossHistory& history = lane->history;
    for (const auto& point : history.points()) {
      low = std::min<double>(low, point.smooth);
      high = std::max<double>(high, point.smooth);
    }
    for (const auto& point : history.valid()) low = std::min<double>(low, point.loss);
    if (const auto* now = history.now()) newest = std::max<double>(newest, now->smooth);
    all_lost &= Session::lost(*lane);
  }
  if (app.densities() ? high < low : high <= 0) return {0, 4};
  if (app.densities()) return {low, std::max(high, low + 0.1)};
  if (uniform > 0) high = std::min(high, all_lost ? std::max(1.5 * newest, 1.5 * uniform) : 1.5 * uniform);
  return {low, high};
}

/// The losses of steps: as lines between points where there is room, else the extent of each pixel column.
void draw_steps(const LossPlot& plot, const LossHistory& history, Rgb colour) {
  const ImU32 ink = faded(colour, 0.25f);
  const auto height = [&](float nats) { return plot.y.pixel(plot.app.in_units(static_cast<double>(nats))); };
  float column = -1, low = 0, high = 0,
        last = 0;  // of the pixel column under way: places, and where it ended
  ImVec2 before{};
  bool joined = false;
  const auto finish = [&] {
    if (column < 0) return;
    plot.draw->AddRectFilled({column, high}, {column + 1, std::max(low, high + 1)}, ink);
  };
  for (const LossHistory::Point& point : history.points()) {
    if (!std::isfinite(point.loss)) continue;
    const ImVec2 at(plot.x.pixel(static_cast<double>(point.step)), height(point.loss));
    const float top = height(point.high), bottom = height(point.low), here = std::floor(at.x);
    if (joined && at.x - before.x > 1) {
      finish();
      column = -1;
      plot.draw->AddLine(before, at, ink, 1);
      if (bottom > top + 1) plot.draw->AddLine({at.x, top}, {at.x, bottom}, ink, 1);
    } else if (here != column) {
      finish();
      column = here;
      low = std::max(bottom, joined ? last : bottom);  // columns of one series hang together
      high = std::min(top, joined ? last : top);
    } else {
      low = std::max(low, bottom);
      high = std::min(high, top);
    }
    last = at.y;
    before = at;
    joined = true;
  }
  finish();
}

void draw_lane(const LossPlot& plot, const LaneView& lane) {
  const LossHistory& history = lane.history;
  const Rgb colour = palette().lane(lane.colour);
  draw_steps(plot, history, colour);
  float column = -2;
  for (const LossHistory::Point& point : history.points()) {  // one a pixel, and the last
    const float x = plot.x.pixel(static_cast<double>(point.step));
    if (x - column < 0.7f && &point != history.now()) continue;
    column = x;
    plot.draw->PathLineTo(plot.at(static_cast<double>(point.step), static_cast<double>(point.smooth)));
  }
  plot.draw->PathStroke(solid(colour), ImDrawFlags_None, 1.6f);
  const auto& valid = history.valid();
  const auto place = [&](const LossHistory::Valid& point) {
    return plot.at(static_cast<double>(point.step), static_cast<double>(point.loss));
  };
  for (const auto& point : valid) plot.draw->PathLineTo(place(point));
  plot.draw->PathStroke(solid(colour), ImDrawFlags_None, 2.2f);
  const float room = plot.area.GetWidth() / static_cast<float>(std::max<size_t>(valid.size(), 1));
  for (size_t i = 0; i < valid.size(); ++i)
    if (room >= 9 || i + 1 == valid.size()) draw_dot(plot.draw, place(valid[i]), colour);
  if (valid.size() > 1 && history.best()) draw_best(plot.draw, place(*history.best()), colour);
}

/// At the upper edge: an arrow and the value of each lane whose newest loss is above the plot.
void draw_left(const LossPlot& plot) {
  float taken = plot.area.Min.x + 4;
  for (size_t i = 0; i < plot.app.session.lanes.size(); ++i) {
    const LaneView& lane = *plot.app.session.lanes[i];
    const auto* now = lane.history.now();
    const double value = now ? plot.app.in_units(static_cast<double>(now->smooth)) : 0;
    if (!now || value <= plot.y.high) continue;
    char text[96];
    std::snprintf(text, sizeof text, "%s %.4g", plot.app.session.lane_name(i).c_str(), value);
    const float width = text_size(Face::small, text).x + 16;
    const float x = std::max(
        std::min(plot.x.pixel(static_cast<double>(now->step)) - width, plot.area.Max.x - width), taken);
    taken = x + width + space::s;
    const ImVec2 tip(x + 5, plot.area.Min.y + 1);
    const ImU32 ink = solid(palette().lane(lane.colour));
    plot.draw->AddRectFilled({x - 2, tip.y - 1}, {x + width + 2, tip.y + 16}, faded(palette().card, 0.85f),
                             3);
    plot.draw->AddTriangleFilled(tip, tip + ImVec2(5, 7), tip + ImVec2(-5, 7), ink);
    plot.draw->AddRectFilled(tip + ImVec2(-1.5f, 7), tip + ImVec2(1.5f, 13), ink);
    draw_text(plot.draw, Face::small, {x + 14, tip.y - 1}, solid(palette().text), text);
  }
}

void draw_crosshair(const LossPlot& plot) {
  const Palette& p = palette();
  const App& app = plot.app;
  const int64_t most = app.session.step();
  if (most == 0) return;
  const int64_t step = std::clamp<int64_t>(std::llround(plot.x.value(ImGui::GetIO().MousePos.x)), 1, most);
  const float x = plot.x.pixel(static_cast<double>(step));
  plot.draw->AddLine({x, plot.area.Min.y}, {x, plot.area.Max.y}, faded(p.text, 0.4f), 1);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::m, space::s));
  if (ImGui::BeginTooltip()) {
    ui::label(("step " + std::to_string(step)).c_str(), p.dim, Face::small);
    if (ImGui::BeginTable("values", 4, ImGuiTableFlags_SizingFixedFit)) {
      for (const char* head : {"", "train", "this step", "held out"}) {
        ImGui::TableNextColumn();
        ui::label(head, p.dim, Face::small);
      }
      for (size_t i = 0; i < app.session.lanes.size(); ++i) {
        const LaneView& lane = *app.session.lanes[i];
        const LossHistory& history = lane.history;
        const LossHistory::Point* point = history.at(step);
        const LossHistory::Valid* valid = history.valid_at(step);
        const auto cell = [&](bool there, double nats) {
          ImGui::TableNextColumn();
          char text[24] = "–";
          if (there) std::snprintf(text, sizeof text, "%.3f", app.in_units(nats));
          ui::label(text, there ? p.text : p.dim, Face::mono);
        };
        ImGui::TableNextColumn();
        ui::label(app.session.lane_name(i).c_str(), p.lane(lane.colour), Face::strong);
        cell(point != nullptr, point ? static_cast<double>(point->smooth) : 0);
        cell(point != nullptr, point ? static_cast<double>(point->loss) : 0);
        cell(valid != nullptr, valid ? static_cast<double>(valid->loss) : 0);
        if (point)
          plot.draw->AddCircleFilled(plot.at(static_cast<double>(step), static_cast<double>(point->smooth)),
                                     3.5f, solid(p.lane(lane.colour)));
      }
      for (const Level& baseline : loss_levels(app.session)) {
        ImGui::TableNextColumn();
        ui::label(baseline.label.c_str(), p.dim, Face::text);
        for (int column = 0; column < 3; ++column) {
          ImGui::TableNextColumn();
          char text[24] = "";
          if (column == 2) std::snprintf(text, sizeof text, "%.3f", app.in_units(baseline.value));
          ui::label(text, p.dim, Face::mono);
        }
      }
      ImGui::EndTable();
    }
    ui::label(loss_unit(app).c_str(), p.dim, Face::small);
    ImGui::EndTooltip();
  }
  ImGui::PopStyleVar();
}

/// Lane names with their latest values, and what the kinds of lines are. Leaves the cursor below.
void draw_legend(const App& app) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  Flow flow;
  const std::vector<std::string> names = app.session.lane_names();
  bool validated = false;
  for (size_t i = 0; i < names.size(); ++i) {
    const LossHistory& history = app.session.lanes[i]->history;
    const bool held_out = !history.valid().empty();
    validated |= history.valid().size() > 1;
    char value[48] = "";
    if (held_out || history.now())
      std::snprintf(
          value, sizeof value, "%.3f",
          app.in_units(static_cast<double>(held_out ? history.valid().back().loss : history.now()->smooth)));
    const char* kind = held_out ? "held out" : *value ? "train" : "";
    std::string name;
    {
      const WithFont face(Face::text);
      name = ui::shortened(names[i], 150);
    }
    const float name_width = text_size(Face::text, name.c_str()).x;
    const float kind_width = text_size(Face::small, kind).x;
    const float value_width = text_size(Face::mono, *value ? value : "0.000").x;
    const ImVec2 at = flow.next(22 + name_width + 6 + kind_width + 4 + value_width);
    draw->AddLine({at.x, at.y + 9}, {at.x + 14, at.y + 9}, solid(p.lane(app.session.lanes[i]->colour)), 2.2f);
    draw_text(draw, Face::text, {at.x + 22, at.y}, solid(p.text), name.c_str());
    draw_text(draw, Face::small, {at.x + 28 + name_width, at.y + 2}, solid(p.dim), kind);
    draw_text(draw, Face::mono, {at.x + 32 + name_width + kind_width, at.y + 1}, solid(p.text), value);
  }
  struct Kind {
    const char* words;
    float alpha, width;
    bool dotted;
  };
  constexpr Kind kinds[] = {
      {"each step", 0.35f, 1, false}, {"smoothed", 1, 1.6f, false}, {"held out", 1, 2.2f, true}};
  if (app.session.step() > 0)
    for (const Kind& kind : kinds) {
      const ImVec2 at = flow.next(22 + text_size(Face::small, kind.words).x);
      draw->AddLine({at.x, at.y + 9}, {at.x + 16, at.y + 9}, faded(p.dim, kind.alpha), kind.width);
      if (kind.dotted) draw_dot(draw, {at.x + 8, at.y + 9}, p.dim);
      draw_text(draw, Face::small, {at.x + 22, at.y + 2}, solid(p.dim), kind.words);
    }
  if (validated) {
    const ImVec2 at = flow.next(16 + text_size(Face::small, "best").x);
    draw_best(draw, at + ImVec2(5, 9), p.dim);
    draw_text(draw, Face::small, {at.x + 16, at.y + 2}, solid(p.dim), "best");
  }
  flow.end();
}

/// What should be known of lanes that memorise or that lost all sense, over the lower end of the plot, where nothing else
/// is pressed; for the latter a way back.
void draw_advice(App& app, const ImRect& area) {
  Session& session = app.session;
  std::string lost, memorising;
  for (size_t i = 0; i < session.lanes.size(); ++i) {
    const LaneView& lane = *session.lanes[i];
    const auto add = [&](std::string& list) { list += (list.empty() ? "" : ", ") + session.lane_name(i); };
    if (Session::lost(lane))
      add(lost);
    else if (Session::memorises(lane))
      add(memorising);
  }
  if (lost.empty() && memorising.empty()) return;
  const Palette& p = palette();
  const std::string text =
      !lost.empty() ? lost + ": worse than guessing. The learning rate is too high."
                    : memorising +
                          ": the held-out loss rises since its best point (the diamond) while training still "
                          "gets better. What it is trained on is being memorised.";
  const ui::ButtonSpec back{
      .label = "Last good step, half the rate",
      .icon = Icon::reset,
      .tip = "Back to the last weights that made sense, and on from there with half the rate"};
  const float width = std::min(area.GetWidth() - 8, 420.0f), padding = 8;
  ImVec2 size;
  {
    const WithFont small(Face::small);
    size = ImGui::CalcTextSize(text.c_str(), nullptr, false, width - 2 * padding);
  }
  const float height = size.y + 2 * padding + (lost.empty() ? 0 : row_height() + 6);
  const ImVec2 min(area.Min.x + 4, area.Max.y - height - 4);
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRectFilled(min, min + ImVec2(width, height), faded(p.card, 0.94f), corner());
  draw->AddRect(min, min + ImVec2(width, height), solid(mix(p.warning, p.card, 0.4f)), corner());
  draw_text(draw, Face::small, min + ImVec2(padding, padding), solid(p.text), text.c_str(),
            width - 2 * padding);
  if (lost.empty()) return;
  const ImVec2 cursor = ImGui::GetCursorScreenPos();
  ImGui::SetCursorScreenPos({min.x + padding, min.y + padding + size.y + 6});
  if (ui::button("curves.rescue", back)) session.rescue();
  ImGui::SetCursorScreenPos({cursor.x, cursor.y - ImGui::GetStyle().ItemSpacing.y});  // the plot's end
}

void draw_facts(const App& app) {
  double epoch = 0, speed = 0;
  bool again = false;  // the same text comes again: there are epochs
  for (const auto& lane : app.session.lanes) {
    epoch = std::max(epoch, lane->epoch);
    speed += lane->chars_per_second;
    again = again || lane->steps_per_epoch > 0;
  }
  char epochs[32] = "";
  if (again) std::snprintf(epochs, sizeof epochs, " · epoch %.2f", epoch);
  const std::string text = "step " + std::to_string(app.session.step()) + epochs + " · " +
                           ui::count_text(speed) + (app.session.reads_text() ? " characters/s" : " inputs/s");
  ui::label(text.c_str(), palette().dim, Face::small);
}

}  // namespace

std::vector<Level> loss_levels(const Session& session) {
  std::vector<Level> levels;
  if (!session.baselines) return levels;
  for (const BaselineView& one : session.baselines->all) {
    const bool again = std::any_of(levels.begin(), levels.end(),
                                   [&](const Level& level) { return level.value == one.loss; });
    if (std::isfinite(one.loss) && !again) levels.push_back({one.name, one.loss});
  }
  return levels;
}

std::string loss_unit(const App& app) {
  if (app.densities()) return app.task().looks.writes ? "nats per point" : "nats per forecast";
  if (app.squared()) return app.unit();
  if (app.task().looks.strings) return std::string(app.unit()) + " per string";
  return std::string(app.unit()) + (app.session.reads_text() ? " per character" : " per prediction");
}

void draw_loss(App& app, float wanted) {
  const Palette& p = palette();
  const ViewSpec& view = app.session.wanted.view;
  draw_legend(app);
  if (ImGui::GetMainViewport()->Size.x < 600) draw_facts(app);  // the header has no room for them

  const float width = ui::content_width();
  const float height =
      std::max(120.0f, wanted > 0 ? ImGui::GetContentRegionAvail().y : std::min(300.0f, width * 0.8f));
  const ImVec2 min = ImGui::GetCursorScreenPos();
  const float gutter = width <= 280 ? 0 : app.session.is_text() ? 62.0f : 80.0f;
  const ImRect area(min + ImVec2(34, 6), min + ImVec2(width - gutter, height - 22));
  const auto [low, high] = loss_range(app);
  const double margin = (high - low) * 0.06;
  const bool log = view.log && !app.densities();
  const double bottom = log               ? std::max(low * 0.9, app.numbers() ? 1e-6 : 1e-3)
                        : app.densities() ? low - margin
                                          : std::max(0.0, low - margin);
  const LossPlot plot{
      {ImGui::GetWindowDrawList(), area,
       Axis{0, static_cast<double>(std::max<int64_t>(app.session.step(), 20)), area.Min.x, area.Max.x, false},
       Axis{app.in_units(bottom), app.in_units(log ? high * 1.08 : high + margin), area.Max.y, area.Min.y,
            log}},
      app};
  ImGui::SetNextItemAllowOverlap();
  ImGui::InvisibleButton("plot", {width, height});
  ui::register_widget("curves.plot", area.Min, area.Max);
  const bool hovered = ImGui::IsItemHovered() && area.Contains(ImGui::GetIO().MousePos);
  draw_axes(plot);
  std::vector<Level> levels = loss_levels(app.session);
  for (Level& level : levels) level.value = app.in_units(level.value);
  draw_levels(plot, std::move(levels), gutter);
  ImGui::PushClipRect(area.Min - ImVec2(0, 4), area.Max + ImVec2(4, 4), true);
  for (const auto& lane : app.session.lanes) draw_lane(plot, *lane);
  ImGui::PopClipRect();
  draw_left(plot);
  if (hovered && !ui::drag_scrolling()) draw_crosshair(plot);
  if (app.session.step() == 0) {
    constexpr const char* invitation = "Press Train to begin";
    const ImVec2 text = ImGui::CalcTextSize(invitation);
    plot.draw->AddText({area.GetCenter().x - text.x / 2, area.GetCenter().y - 10}, solid(p.dim), invitation);
  }
  draw_advice(app, area);
}

/// A row for every step that some lane knows something of: in a long training each stands for those before it, too.
std::string loss_csv(const Session& session) {
  const bool squared = !session.lanes.empty() && session.lanes[0]->task.squared();
  const char* unit = squared ? " (squared error)" : " (nats)";
  Csv csv;
  csv.add("step");
  for (const std::string& lane : session.lane_names())
    for (const char* what : {" train", " train smoothed", " valid"}) csv.add(lane + what + unit);
  csv.end_row();
  std::set<int64_t> steps;
  for (const auto& lane : session.lanes) {
    for (const auto& point : lane->history.points()) steps.insert(point.step);
    for (const auto& point : lane->history.valid()) steps.insert(point.step);
  }
  for (int64_t step : steps) {
    csv.add(step);
    for (const auto& lane : session.lanes) {
      const LossHistory::Point* point = lane->history.at(step);
      const LossHistory::Valid* valid = lane->history.valid_at(step);
      const bool here = point && point->step == step;
      csv.add(here ? point->loss : NAN).add(here ? point->smooth : NAN);
      csv.add(valid && valid->step == step ? valid->loss : NAN);
    }
    csv.end_row();
  }
  return csv.text();
}

}  // namespace unroll::curves
