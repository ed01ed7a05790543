// Memory: the lanes face each other. How much of the loss at a character still reaches the state k characters before it,
// on one logarithmic scale, for the chosen character or averaged over many, live while they train; where it falls below
// 1% is the memory horizon. Below, the same shares as colours of the text before the chosen character.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "web/app.h"
#include "web/export.h"
#include "web/session/answers.h"
#include "web/toolkit/glyphs.h"
#include "web/toolkit/plot.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/memory/reading.h"
#include "web/views/view.h"

namespace unroll {
namespace {

constexpr double lowest_share = 1e-5, highest_share = 3;
constexpr float strip_height = 24, narrowest = 14, widest = 56;

/// What is measured, and why it is no praise by itself.
std::string sensitivity(const std::string& column) {
  return "Sensitivity, not use: how much the loss at a " + column + " would change if the state so many " +
         column + "s before it were a little different.";
}
constexpr const char* and_use =
    " A plain RNN's can reach far, because nothing in it ever clears the state: every disturbance is passed "
    "on, noise included. Whether a network makes use of what it keeps shows in its loss.";

struct Plot {
  ImDrawList* draw;
  ImRect area;
  Axis x, y;
};

void draw_axes(const Plot& plot, const std::string& column) {
  const Palette& p = palette();
  for (int power = -5; power <= 0; ++power) {
    const double share = std::pow(10.0, power);
    const float y = std::round(plot.y.pixel(share)) + 0.5f;
    plot.draw->AddLine({plot.area.Min.x, y}, {plot.area.Max.x, y}, solid(p.border));
    char text[16];
    std::snprintf(text, sizeof text, "%g%%", 100 * share);
    const ImVec2 size = text_size(Face::small, text);
    draw_text(plot.draw, Face::small, {plot.area.Min.x - size.x - 8, y - size.y / 2}, solid(p.dim), text);
  }
  for (double tick :
       nice_ticks(plot.x.low, plot.x.high, std::max(3, static_cast<int>(plot.area.GetWidth() / 80)))) {
    if (tick != std::floor(tick)) continue;
    const std::string text = ui::count_text(tick);
    const float x = plot.x.pixel(tick) - text_size(Face::small, text.c_str()).x / 2;
    draw_text(plot.draw, Face::small, {std::max(x, plot.area.Min.x - 4), plot.area.Max.y + 4}, solid(p.dim),
              text.c_str());
  }
  const std::string axis = column + "s back";
  draw_text(plot.draw, Face::small,
            {plot.area.Max.x - text_size(Face::small, axis.c_str()).x, plot.area.Max.y + 18}, solid(p.dim),
            axis.c_str());
  const float y = std::round(plot.y.pixel(0.01)) + 0.5f;  // the horizon's threshold
  for (float x = plot.area.Min.x; x < plot.area.Max.x; x += 8)
    plot.draw->AddLine({x, y}, {std::min(x + 4, plot.area.Max.x), y}, faded(p.text, 0.6f));
}

void draw_curve(const Plot& plot, const LaneMemory& memory, Rgb colour) {
  for (size_t k = 0; k < memory.shares.size(); ++k) {
    const double share = static_cast<double>(memory.shares[k]);
    if (std::isfinite(share))
      plot.draw->PathLineTo(
          {plot.x.pixel(static_cast<double>(k)), plot.y.pixel(std::max(share, lowest_share / 4))});
  }
  plot.draw->PathStroke(solid(colour), ImDrawFlags_None, 2);
  if (memory.horizon <= 0 || memory.horizon > plot.x.high) return;
  const ImVec2 at(plot.x.pixel(memory.horizon), plot.y.pixel(0.01));
  if (memory.reached) {
    plot.draw->AddLine(at, {at.x, plot.area.Max.y}, faded(colour, 0.5f), 1);
    plot.draw->AddCircleFilled(at, 4.5f, solid(colour), 20);
    plot.draw->AddCircleFilled(at, 2.2f, solid(palette().card), 16);
  }
}

/// Shares of all lanes at one lag.
void read_lag(const Plot& plot, const App& app, std::span<const LaneMemory> memories) {
  const Palette& p = palette();
  const auto lag =
      static_cast<size_t>(std::clamp(std::round(plot.x.value(ImGui::GetIO().MousePos.x)), 0.0, plot.x.high));
  const float x = plot.x.pixel(static_cast<double>(lag));
  plot.draw->AddLine({x, plot.area.Min.y}, {x, plot.area.Max.y}, faded(p.text, 0.4f));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::m, space::s));
  if (ImGui::BeginTooltip()) {
    const std::string column = app.task().looks.column;
    ui::label((std::to_string(lag) + " " + column + (lag == 1 ? " back" : "s back")).c_str(), p.dim,
              Face::small);
    if (ImGui::BeginTable("lag", 2, ImGuiTableFlags_SizingFixedFit)) {
      for (size_t i = 0; i < memories.size(); ++i) {
        ImGui::TableNextColumn();
        ui::label(app.session.lane_name(i).c_str(), p.lane(app.session.lanes[i]->colour), Face::strong);
        ImGui::TableNextColumn();
        char text[24] = "–";
        if (lag < memories[i].shares.size())
          std::snprintf(text, sizeof text, "%.3g%%", 100 * static_cast<double>(memories[i].shares[lag]));
        ui::label(text, p.text, Face::mono);
      }
      ImGui::EndTable();
    }
    ImGui::EndTooltip();
  }
  ImGui::PopStyleVar();
}

/// Each lane's horizon as a large number.
void draw_horizons(const App& app, std::span<const LaneMemory> memories, ImVec2 at, float width, float room) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const float step = std::clamp(room / static_cast<float>(memories.size()), 34.0f, 62.0f);
  for (size_t i = 0; i < memories.size(); ++i, at.y += step) {
    const Rgb colour = p.lane(app.session.lanes[i]->colour);
    const std::string name = app.session.lane_name(i);
    draw->AddRectFilled(at, at + ImVec2(3, step - 10), solid(colour), 1.5f);
    draw_text(draw, Face::strong, at + ImVec2(12, 0), solid(colour), name.c_str());
    char text[48] = "–";
    if (memories[i].horizon > 0)
      std::snprintf(text, sizeof text, memories[i].reached ? "%.1f" : "> %.0f", memories[i].horizon);
    const bool brief = step < 44;
    const ImVec2 number =
        brief ? at + ImVec2(width - text_size(Face::title, text).x, -2) : at + ImVec2(12, 17);
    draw_text(draw, Face::title, number, solid(p.text), text);
    if (!brief)
      draw_text(draw, Face::small, number + ImVec2(text_size(Face::title, text).x + 6, 7), solid(p.dim),
                (std::string(app.task().looks.column) + "s").c_str());
  }
}

/// The text before the chosen character, coloured by how much each character's state still counts for it.
void draw_strips(App& app, std::span<const LaneMemory> memories, float width) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const std::u32string& text = app.timeline_text();
  const size_t step = app.time_step();
  const ImVec2 start = ImGui::GetCursorScreenPos();
  const float names = 84,
              most = std::min(widest, (width - names) / 7);  // some of them where it is narrow, too
  const float letter = symbols_width(std::u32string_view(text).substr(0, step + 1), narrowest, most);
  const float target = letter + narrowest;
  const auto fits = static_cast<size_t>(std::max(0.0f, (width - names - target) / letter));
  const size_t newest = app.shows_example() ? step : step - std::min<size_t>(step, 1);  // column of lag 0
  const size_t lags = std::min(app.shows_example() ? step + 1 : step, fits);
  for (size_t i = 0; i < memories.size(); ++i) {
    const float y = start.y + static_cast<float>(i) * (strip_height + 4);
    draw_text(draw, Face::strong, {start.x, y + 3}, solid(p.lane(app.session.lanes[i]->colour)),
              app.session.lane_name(i).c_str());
    const std::span<const float> shares = memories[i].here;
    for (size_t k = 0; k < lags; ++k) {
      const float x = start.x + width - target - letter * static_cast<float>(k + 1);
      const bool known = k < shares.size() && shares[k] > 0;
      const float value = known ? 1 + std::log10(shares[k]) / flow_decades : 0;
      const Rgb shade = known ? p.ramp.at(value) : p.inset;
      draw->AddRectFilled({x, y}, {x + letter, y + strip_height}, solid(shade));
      draw_symbol(draw, {x, y}, {letter, strip_height}, text[newest - k], ink_on(shade));
    }
    const ImVec2 min(start.x + width - target + 6, y), max(start.x + width, y + strip_height);
    draw->AddRect(min, max, solid(p.accent_text), 4, 0, 1.5f);
    if (step < text.size()) draw_symbol(draw, min, {max.x - min.x, strip_height}, text[step], p.text);
  }
  const float height = static_cast<float>(memories.size()) * (strip_height + 4);
  ui::register_widget("memory.text", start, start + ImVec2(width, height));
  ImGui::SetCursorScreenPos(start + ImVec2(names, 0));
  ImGui::InvisibleButton("strips", {width - names - target, std::max(height, 1.0f)});
  if (ImGui::IsItemClicked() &&
      !ui::drag_scrolling()) {  // the character that is pointed at becomes the chosen one
    const float back = (start.x + width - target - ImGui::GetIO().MousePos.x) / letter;
    if (back >= 0 && static_cast<size_t>(back) < lags)
      app.chosen.column = static_cast<int>(newest - static_cast<size_t>(back));
  }
  ImGui::SetCursorScreenPos(start + ImVec2(0, height));
}

class MemoryView final : public View {
 public:
  MemoryView()
      : View({.label = "Memory",
              .help = {{"Memory",
                        "How sensitive a lane's loss is to its states further back, by the number of "
                        "columns of the timeline between them. The horizon is where that falls below 1%."}},
              .height = 420}) {}
  void draw(App&, ImVec2 size) override;
  void publish(const App& app, Json& state) const override {
    state["memory"] = memory_json(app, here_);
    state["memory"]["axis"] = axis_;
    state["memory"]["says"] = says_;
  }

 private:
  bool here_ = false;  ///< of the chosen character, not the average
  double axis_ = 0;    ///< where it ended when it was drawn last, in characters
  std::string says_;   ///< above it
};

}  // namespace

void MemoryView::draw(App& app, ImVec2 size) {
  const Palette& p = palette();
  ui::begin_card("memory", "Memory", size);
  export_button(app, "memory", [this, &app] { return memory_csv(app, here_); });
  const std::string here = std::string("this ") + app.task().looks.column;
  const char* modes[] = {"average", here.c_str()};
  int mode = here_;
  const float modes_width = ui::segmented_width(modes);
  const bool averages = app.session.reads_text();  // of other tasks the shown example is looked at
  if (!averages) here_ = true;
  if (averages) ui::next_tool(modes_width);
  if (averages &&
      ui::segmented("memory.mode", modes, mode, modes_width,
                    "The gradient averaged over up to 32 characters of the held-out text, or of the chosen "
                    "character's loss"))
    here_ = mode == 1;
  ui::end_tools();
  const float width = ui::content_width();
  const bool roomy = size.y <= 0 || ImGui::GetContentRegionAvail().y > 230;
  says_ = sensitivity(app.task().looks.column) + (roomy ? and_use : "");
  ui::dim(says_.c_str());
  const std::vector<LaneMemory> memories = measure_memory(app, here_);
  if (memories.empty()) return ui::end_card();

  const float strips = static_cast<float>(memories.size()) * (strip_height + 4) + space::s;
  const bool beside = width >= 560;
  const float side = beside ? 150.0f : 0;
  const float list = beside ? 0 : 38 * static_cast<float>(memories.size());
  const float height =
      size.y > 0 ? std::max(ImGui::GetContentRegionAvail().y - strips - list, 90.0f) : 220.0f;
  const ImVec2 min = ImGui::GetCursorScreenPos();
  size_t longest = app.shows_example() ? 4 : 20;
  for (const LaneMemory& memory : memories) longest = std::max(longest, memory.shares.size());
  const ImRect area(min + ImVec2(50, 6),
                    min + ImVec2(width - side - (beside ? space::xl : 8.0f), height - 34));
  Plot plot{ImGui::GetWindowDrawList(), area,
            Axis{0, static_cast<double>(longest - 1), area.Min.x, area.Max.x, false},
            Axis{lowest_share, highest_share, area.Max.y, area.Min.y, true}};
  axis_ = plot.x.high;
  ImGui::InvisibleButton("plot", {width - side, height});
  ui::register_widget("memory.plot", area.Min, area.Max);
  const bool hovered = ImGui::IsItemHovered() && area.Contains(ImGui::GetIO().MousePos);
  draw_axes(plot, app.task().looks.column);
  ImGui::PushClipRect(area.Min - ImVec2(0, 4), area.Max + ImVec2(4, 0), true);
  for (size_t i = 0; i < memories.size(); ++i)
    draw_curve(plot, memories[i], p.lane(app.session.lanes[i]->colour));
  ImGui::PopClipRect();
  if (hovered && !ui::drag_scrolling()) read_lag(plot, app, memories);
  if (beside) {
    const ImVec2 at(min.x + width - side, area.Min.y);
    draw_text(plot.draw, Face::small, at - ImVec2(0, 4), solid(p.dim), "memory horizon (1%)");
    draw_horizons(app, memories, at + ImVec2(0, 18), side, height - 24);
  } else {
    draw_horizons(app, memories, ImGui::GetCursorScreenPos(), width, list);
    ImGui::Dummy({width, list});
  }
  draw_strips(app, memories, width);
  ui::end_card();
}

std::unique_ptr<View> make_memory_view() { return std::make_unique<MemoryView>(); }

}  // namespace unroll
