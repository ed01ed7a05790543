// Loss curves of all lanes over the steps: each step's training loss faint, smoothed as a line, validation with dots;
// the baselines of the text dashed. A crosshair reads every value at a step.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "web/app.h"
#include "web/export.h"
#include "web/toolkit/plot.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/view.h"

namespace unroll {
namespace {

struct Baseline {
  std::string label;
  double loss;  // nats
};

std::vector<Baseline> baselines_of(const Session& session) {
  if (!session.baselines) return {};
  const BaselineView& b = *session.baselines;
  std::vector<Baseline> all = {{"uniform", b.uniform}, {"unigram", b.unigram}, {"bigram", b.bigram}};
  if (b.best_order > 2) all.push_back({std::to_string(b.best_order) + "-gram", b.best});
  return all;
}

struct Plot {
  const App& app;
  ImDrawList* draw;
  ImRect area;
  Axis x, y;

  ImVec2 at(double step, double nats) const { return {x.pixel(step), y.pixel(app.in_units(nats))}; }
};

/// The smallest and largest loss worth showing, in nats.
std::pair<double, double> loss_range(const App& app) {
  double low = 1e9, high = 0;
  for (const Baseline& baseline : baselines_of(app.session)) {
    low = std::min(low, baseline.loss);
    high = std::max(high, baseline.loss);
  }
  const double uniform = high;
  for (const auto& lane : app.session.lanes) {
    const LossHistory& history = lane->history;
    if (!history.smooth.empty()) {
      const Extent extent = extent_of(history.smooth);
      low = std::min<double>(low, extent.low);
      high = std::max<double>(high, extent.high);
    }
    for (const auto& point : history.valid) low = std::min<double>(low, point.loss);
  }
  if (high <= 0) return {0, 4};
  if (uniform > 0) high = std::min(high, 1.5 * uniform);  // a diverging lane must not flatten the others
  return {low, high};
}

void draw_axes(const Plot& plot) {
  const Palette& p = palette();
  const auto value_ticks = plot.y.logarithmic ? log_ticks(plot.y.low, plot.y.high)
                                              : nice_ticks(plot.y.low, plot.y.high,
                                                           static_cast<int>(plot.area.GetHeight() / 44) + 1);
  for (double tick : value_ticks) {
    const float y = std::round(plot.y.pixel(tick)) + 0.5f;
    plot.draw->AddLine({plot.area.Min.x, y}, {plot.area.Max.x, y}, solid(p.border));
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", tick);
    const ImVec2 size = text_size(Face::small, text);
    draw_text(plot.draw, Face::small, {plot.area.Min.x - size.x - 8, y - size.y / 2 - 0.5f}, solid(p.dim),
              text);
  }
  for (double tick :
       nice_ticks(plot.x.low, plot.x.high, std::max(3, static_cast<int>(plot.area.GetWidth() / 70)))) {
    if (tick != std::floor(tick)) continue;
    const std::string text = ui::count_text(tick);
    const ImVec2 size = text_size(Face::small, text.c_str());
    const float x = plot.x.pixel(tick);
    draw_text(plot.draw, Face::small, {std::max(x - size.x / 2, plot.area.Min.x - 4), plot.area.Max.y + 4},
              solid(p.dim), text.c_str());
  }
}

void draw_baselines(const Plot& plot, float gutter) {
  const Palette& p = palette();
  std::vector<Baseline> shown = baselines_of(plot.app.session);
  std::erase_if(shown, [&](const Baseline& b) {
    const double value = plot.app.in_units(b.loss);
    return value < plot.y.low || value > plot.y.high;
  });
  std::vector<float> centres;
  for (const Baseline& b : shown) centres.push_back(plot.y.pixel(plot.app.in_units(b.loss)));
  const std::vector<float> lines = centres;
  keep_apart(centres, 14, plot.area.Min.y + 2, plot.area.Max.y - 2);
  for (size_t i = 0; i < shown.size(); ++i) {
    const float y = std::round(lines[i]) + 0.5f;
    for (float x = plot.area.Min.x; x < plot.area.Max.x; x += 8)
      plot.draw->AddLine({x, y}, {std::min(x + 4, plot.area.Max.x), y}, faded(p.dim, 0.8f), 1);
    const ImVec2 end(plot.area.Max.x + 8, centres[i]);
    plot.draw->AddLine({plot.area.Max.x, y}, {end.x - 2, end.y}, faded(p.dim, 0.6f), 1);
    if (gutter > 0)
      draw_text(plot.draw, Face::small, {end.x, end.y - 7.5f}, solid(p.dim), shown[i].label.c_str());
  }
}

/// Values of consecutive steps: one point a step where there is room, else the extent of each pixel column.
void draw_series(const Plot& plot, int64_t first, std::span<const float> values, Rgb colour, bool raw) {
  if (values.empty()) return;
  const double per_pixel = (plot.x.high - plot.x.low) / static_cast<double>(plot.area.GetWidth());
  const ImU32 ink = faded(colour, raw ? 0.25f : 1.0f);
  ImVec2 before{};
  bool joined = false;
  const auto add = [&](ImVec2 point) {
    if (joined && raw) plot.draw->AddLine(before, point, ink, 1);
    if (!raw) plot.draw->PathLineTo(point);
    before = point;
    joined = true;
  };
  if (per_pixel <= 1) {
    for (size_t i = 0; i < values.size(); ++i)
      if (std::isfinite(values[i]))
        add(plot.at(static_cast<double>(first) + static_cast<double>(i), static_cast<double>(values[i])));
  } else {
    for (float x = plot.area.Min.x; x < plot.area.Max.x; ++x) {
      const auto index = [&](float pixel) {
        const double step = plot.x.value(pixel) - static_cast<double>(first);
        return static_cast<size_t>(std::clamp(step, 0.0, static_cast<double>(values.size())));
      };
      const size_t begin = index(x), end = index(x + 1);
      if (begin >= end) continue;
      const size_t joint = raw && begin > 0 ? begin - 1 : begin;  // columns of one series hang together
      const Extent extent = extent_of(values.subspan(joint, end - joint));
      if (!std::isfinite(extent.last)) continue;
      if (raw) {
        const float top = plot.y.pixel(plot.app.in_units(static_cast<double>(extent.high)));
        const float bottom = plot.y.pixel(plot.app.in_units(static_cast<double>(extent.low)));
        plot.draw->AddRectFilled({x, top}, {x + 1, std::max(bottom, top + 1)}, ink);
      } else {
        add({x + 0.5f, plot.y.pixel(plot.app.in_units(static_cast<double>(extent.last)))});
      }
    }
  }
  if (!raw) plot.draw->PathStroke(ink, ImDrawFlags_None, 1.6f);
}

void draw_lane(const Plot& plot, const LaneView& lane) {
  const LossHistory& history = lane.history;
  const Rgb colour = palette().lane(lane.colour);
  draw_series(plot, history.first, history.loss, colour, true);
  draw_series(plot, history.first, history.smooth, colour, false);
  for (const auto& point : history.valid)
    plot.draw->PathLineTo(plot.at(static_cast<double>(point.step), static_cast<double>(point.loss)));
  plot.draw->PathStroke(solid(colour), ImDrawFlags_None, 2.2f);
  const float room = plot.area.GetWidth() / static_cast<float>(std::max<size_t>(history.valid.size(), 1));
  for (size_t i = 0; i < history.valid.size(); ++i) {
    if (room < 9 && i + 1 < history.valid.size()) continue;
    const ImVec2 at =
        plot.at(static_cast<double>(history.valid[i].step), static_cast<double>(history.valid[i].loss));
    plot.draw->AddCircleFilled(at, 3.4f, solid(colour), 16);
    plot.draw->AddCircleFilled(at, 1.7f, solid(palette().card), 12);
  }
}

/// The validation in force at a step: the last one not after it.
const LossHistory::Valid* valid_at(const LossHistory& history, int64_t step) {
  const LossHistory::Valid* found = nullptr;
  for (const auto& point : history.valid)
    if (point.step <= step) found = &point;
  return found;
}

void draw_crosshair(const Plot& plot) {
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
        const int64_t index = step - history.first;
        const bool known = index >= 0 && index < static_cast<int64_t>(history.loss.size());
        const auto* valid = valid_at(history, step);
        const auto cell = [&](bool there, double nats) {
          ImGui::TableNextColumn();
          char text[24] = "–";
          if (there) std::snprintf(text, sizeof text, "%.3f", app.in_units(nats));
          ui::label(text, there ? p.text : p.dim, Face::mono);
        };
        ImGui::TableNextColumn();
        ui::label(lane_name(app.session.wanted.lanes[i]).c_str(), p.lane(lane.colour), Face::strong);
        const auto at = static_cast<size_t>(std::max<int64_t>(index, 0));
        cell(known, known ? static_cast<double>(history.smooth[at]) : 0);
        cell(known, known ? static_cast<double>(history.loss[at]) : 0);
        cell(valid != nullptr, valid ? static_cast<double>(valid->loss) : 0);
        if (known)
          plot.draw->AddCircleFilled(
              plot.at(static_cast<double>(step), static_cast<double>(history.smooth[at])), 3.5f,
              solid(p.lane(lane.colour)));
      }
      for (const Baseline& baseline : baselines_of(app.session)) {
        ImGui::TableNextColumn();
        ui::label(baseline.label.c_str(), p.dim, Face::text);
        for (int column = 0; column < 3; ++column) {
          ImGui::TableNextColumn();
          char text[24] = "";
          if (column == 2) std::snprintf(text, sizeof text, "%.3f", app.in_units(baseline.loss));
          ui::label(text, p.dim, Face::mono);
        }
      }
      ImGui::EndTable();
    }
    ui::label((std::string(app.unit()) + " per character").c_str(), p.dim, Face::small);
    ImGui::EndTooltip();
  }
  ImGui::PopStyleVar();
}

/// Lane names with their latest values; wraps. Leaves the cursor below.
void draw_legend(const App& app) {
  const Palette& p = palette();
  const ImVec2 start = ImGui::GetCursorScreenPos();
  const float width = ui::content_width();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  ImVec2 at = start;
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const LaneView& lane = *app.session.lanes[i];
    const std::string name = lane_name(app.session.wanted.lanes[i]);
    char values[48] = "";
    if (!lane.history.valid.empty())
      std::snprintf(values, sizeof values, "%.3f",
                    app.in_units(static_cast<double>(lane.history.valid.back().loss)));
    else if (!lane.history.smooth.empty())
      std::snprintf(values, sizeof values, "%.3f",
                    app.in_units(static_cast<double>(lane.history.smooth.back())));
    const float name_width = text_size(Face::text, name.c_str()).x;
    const float value_width = text_size(Face::mono, "0.000").x;
    const float entry = 22 + name_width + 6 + value_width + 16;
    if (at.x + entry - 16 > start.x + width && at.x > start.x) at = {start.x, at.y + 20};
    draw->AddLine({at.x, at.y + 9}, {at.x + 14, at.y + 9}, solid(p.lane(lane.colour)), 2.2f);
    draw_text(draw, Face::text, {at.x + 22, at.y}, solid(p.text), name.c_str());
    draw_text(draw, Face::mono, {at.x + 28 + name_width, at.y + 1}, solid(p.text), values);
    at.x += entry;
  }
  ImGui::Dummy({width, at.y - start.y + 18});
}

void draw_facts(const App& app) {
  double epoch = 0, speed = 0;
  for (const auto& lane : app.session.lanes) {
    epoch = std::max(epoch, lane->epoch);
    speed += lane->chars_per_second;
  }
  char text[96];
  std::snprintf(text, sizeof text, "step %lld · epoch %.2f · %s characters/s",
                static_cast<long long>(app.session.step()), epoch, ui::count_text(speed).c_str());
  ui::label(text, palette().dim, Face::small);
}

/// A row for every step that some lane knows something of.
std::string curves_csv(const Session& session) {
  Csv csv;
  csv.add("step");
  for (const std::string& lane : lane_labels(session))
    for (const char* what : {" train (nats)", " train smoothed (nats)", " valid (nats)"})
      csv.add(lane + what);
  csv.end_row();
  int64_t first = session.step(), last = session.step();
  for (const auto& lane : session.lanes) {
    if (!lane->history.loss.empty()) first = std::min(first, lane->history.first);
    if (!lane->history.valid.empty()) first = std::min(first, lane->history.valid.front().step);
  }
  for (int64_t step = first; step <= last; ++step) {
    csv.add(step);
    for (const auto& lane : session.lanes) {
      const LossHistory& history = lane->history;
      const auto at = static_cast<size_t>(std::max<int64_t>(step - history.first, 0));
      const bool known = step >= history.first && at < history.loss.size();
      const LossHistory::Valid* valid = valid_at(history, step);
      csv.add(known ? history.loss[at] : NAN).add(known ? history.smooth[at] : NAN);
      csv.add(valid && valid->step == step ? valid->loss : NAN);
    }
    csv.end_row();
  }
  return csv.text();
}

class CurvesView final : public View {
 public:
  CurvesView()
      : View({.help = {{"Loss",
                        "How surprised a lane is per character: lower is better, 0 is certain. Faint: each "
                        "step's batch. Line: "
                        "smoothed over about 50 steps. Dots: the held-out text. Dashed: what simple counting "
                        "reaches."},
                       {"Baselines",
                        "uniform: every character as likely. unigram: by its frequency. bigram: given the "
                        "one before. "
                        "n-gram: the best of longer contexts. Below the bigram, a lane has learned more than "
                        "pairs."}},
              .wide = 0.42f,
              .medium = 0.58f}) {}
  void draw(App&, ImVec2 size) override;
};

}  // namespace

void CurvesView::draw(App& app, ImVec2 size) {
  const Palette& p = palette();
  ViewSpec& view = app.session.wanted.view;
  ui::begin_card("curves", "Loss", size);
  export_button(app, "curves", [&app] { return curves_csv(app.session); });
  constexpr const char* units[] = {"nats", "bits"};
  constexpr const char* axes[] = {"linear", "log"};
  int unit = view.units == "bits", axis = view.log;
  const float units_width = ui::segmented_width(units), axes_width = ui::segmented_width(axes);
  ui::next_tool(units_width);
  if (ui::segmented("units", units, unit, units_width, "Unit of the loss per character: 1 nat is 1.443 bits"))
    view.units = units[unit];
  ui::next_tool(axes_width);
  if (ui::segmented("axis", axes, axis, axes_width, "Axis of the loss")) view.log = axis == 1;
  ui::end_tools();
  draw_legend(app);
  if (ImGui::GetMainViewport()->Size.x < 600) draw_facts(app);  // the header has no room for them

  const float width = ui::content_width();
  const float height =
      std::max(120.0f, size.y > 0 ? ImGui::GetContentRegionAvail().y : std::min(300.0f, width * 0.8f));
  const ImVec2 min = ImGui::GetCursorScreenPos();
  const float gutter = width > 280 ? 62.0f : 0;
  const ImRect area(min + ImVec2(34, 6), min + ImVec2(width - gutter, height - 22));
  const auto [low, high] = loss_range(app);
  const double margin = (high - low) * 0.06;
  const double bottom = view.log ? std::max(low * 0.9, 1e-3) : std::max(0.0, low - margin);
  Plot plot{
      app, ImGui::GetWindowDrawList(), area,
      Axis{0, static_cast<double>(std::max<int64_t>(app.session.step(), 20)), area.Min.x, area.Max.x, false},
      Axis{app.in_units(bottom), app.in_units(view.log ? high * 1.08 : high + margin), area.Max.y, area.Min.y,
           view.log}};
  ImGui::InvisibleButton("plot", {width, height});
  ui::register_widget("curves.plot", area.Min, area.Max);
  const bool hovered = ImGui::IsItemHovered() && area.Contains(ImGui::GetIO().MousePos);
  draw_axes(plot);
  draw_baselines(plot, gutter);
  ImGui::PushClipRect(area.Min - ImVec2(0, 4), area.Max + ImVec2(4, 4), true);
  for (const auto& lane : app.session.lanes) draw_lane(plot, *lane);
  ImGui::PopClipRect();
  if (hovered && !ui::drag_scrolling()) draw_crosshair(plot);
  if (app.session.step() == 0) {
    constexpr const char* invitation = "Press Train to begin";
    const ImVec2 text = ImGui::CalcTextSize(invitation);
    plot.draw->AddText({area.GetCenter().x - text.x / 2, area.GetCenter().y - 10}, solid(p.dim), invitation);
  }
  ui::end_card();
}

std::unique_ptr<View> make_curves_view() { return std::make_unique<CurvesView>(); }

}  // namespace unroll
