// The chosen block of the view "Weights" over training: update beside weights, with the healthy region, and the norm of
// the gradient, each on a logarithmic axis over the same steps. A crosshair reads both at a recorded step.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "web/toolkit/plot.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/weights/block_curve.h"
#include "web/views/weights/blocks.h"
#include "web/views/weights/weights.h"

namespace unroll {
namespace {

constexpr float heading = 20, foot = 16, gutter = 38;
constexpr float least_plot = least_training_height - heading - foot;

using Curve = std::vector<CurvePoint>;

struct Chart {
  ImDrawList* draw;
  ImRect area;
  Axis x, y;
  float CurvePoint::* value;

  bool shows(const CurvePoint& point) const { return std::isfinite(point.*value) && point.*value > 0; }
  ImVec2 at(const CurvePoint& point) const {
    return {x.pixel(static_cast<double>(point.step)), y.pixel(static_cast<double>(point.*value))};
  }
};

Chart make_chart(ImVec2 min, ImVec2 size, const Curve& curve, float CurvePoint::* value, bool with_region) {
  Decades decades;
  for (const CurvePoint& point : curve) decades.take(static_cast<double>(point.*value));
  if (with_region)
    for (double ratio : {least_ratio / 3, most_ratio * 3}) decades.take(ratio);
  const double low = decades.low, high = decades.high;
  decades.widen();
  if (with_region)
    decades.low = std::max(decades.low, low / 1.5), decades.high = std::min(decades.high, high * 1.5);
  const ImRect area(min + ImVec2(gutter, heading + 2), min + size - ImVec2(4, foot));
  const double first = curve.empty() ? 0 : static_cast<double>(curve.front().step - 1);
  const double last = std::max(curve.empty() ? 0 : static_cast<double>(curve.back().step), first + 8);
  return {ImGui::GetWindowDrawList(), area, Axis{first, last, area.Min.x, area.Max.x, false},
          Axis{decades.low, decades.high, area.Max.y, area.Min.y, true}, value};
}

void draw_axes(const Chart& chart) {
  const Palette& p = palette();
  const auto tick = [&](double value, bool labelled) {
    const float y = std::round(chart.y.pixel(value)) + 0.5f;
    chart.draw->AddLine({chart.area.Min.x, y}, {chart.area.Max.x, y}, solid(p.border));
    if (!labelled) return;
    const std::string text = figure(value, 1);
    const ImVec2 size = text_size(Face::small, text.c_str());
    draw_text(chart.draw, Face::small, {chart.area.Min.x - size.x - 6, std::round(y - size.y / 2)},
              solid(p.dim), text.c_str());
  };
  const double low = std::round(std::log10(chart.y.low) + 0.49),
               high = std::floor(std::log10(chart.y.high) + 1e-9);
  const float apart = chart.area.GetHeight() / static_cast<float>(std::max(high - low, 1.0));
  const int every = std::max(1, static_cast<int>(std::ceil(15 / std::max(apart, 1.0f))));
  for (int n = 0; low + n <= high + 1e-9; ++n) tick(std::pow(10.0, low + n), n % every == 0);
  float free = chart.area.Min.x - 8;
  for (double step :
       nice_ticks(chart.x.low, chart.x.high, std::max(2, static_cast<int>(chart.area.GetWidth() / 64)))) {
    if (step != std::floor(step)) continue;
    const std::string text = ui::count_text(step);
    const float width = text_size(Face::small, text.c_str()).x;
    const float x =
        std::clamp(chart.x.pixel(step) - width / 2, chart.area.Min.x - 4, chart.area.Max.x + 4 - width);
    if (x < free) continue;
    draw_text(chart.draw, Face::small, {x, chart.area.Max.y + 2}, solid(p.dim), text.c_str());
    free = x + width + 8;
  }
}

/// Where updates are of a healthy size, said in a word where the curve leaves room for it.
void draw_region(const Chart& chart) {
  const Palette& p = palette();
  const ImVec2 min(chart.area.Min.x, chart.y.pixel(most_ratio)),
      max(chart.area.Max.x, chart.y.pixel(least_ratio));
  chart.draw->AddRectFilled(min, max, faded(p.good, p.dark ? 0.16f : 0.10f), 2);
  const float y = std::round(chart.y.pixel(healthy_ratio)) + 0.5f;
  for (float x = min.x; x < max.x; x += 8)
    chart.draw->AddLine({x, y}, {std::min(x + 4, max.x), y}, faded(p.good, 0.8f));
  if (max.y - min.y < 28) return;
  constexpr const char* word = "healthy";
  draw_text(chart.draw, Face::small, {max.x - text_size(Face::small, word).x - 5, max.y - 16}, solid(p.good),
            word);
}

void draw_curve(const Chart& chart, const Curve& curve, Rgb colour) {
  chart.draw->PushClipRect(chart.area.Min - ImVec2(3, 3), chart.area.Max + ImVec2(4, 3), true);
  for (const CurvePoint& point : curve) {
    if (chart.shows(point))
      chart.draw->PathLineTo(chart.at(point));
    else
      chart.draw->PathStroke(solid(colour), ImDrawFlags_None, 1.6f);
  }
  chart.draw->PathStroke(solid(colour), ImDrawFlags_None, 1.6f);
  if (chart.shows(curve.back())) chart.draw->AddCircleFilled(chart.at(curve.back()), 3, solid(colour), 16);
  chart.draw->PopClipRect();
}

void draw_title(ImVec2 min, float width, const char* title, const std::string& value, Rgb ink) {
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const float value_width = text_size(Face::small, value.c_str()).x;
  const Face face = text_size(Face::text, title).x + 8 + value_width <= width ? Face::text : Face::small;
  draw_text(draw, face, min + ImVec2(0, face == Face::small ? 1.0f : 0.0f), solid(palette().text), title);
  draw_text(draw, Face::small, min + ImVec2(width - value_width, 1), solid(ink), value.c_str());
}

void read_point(const BlockShape& block, const CurvePoint& point) {
  const Palette& p = palette();
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(space::m, space::s));
  if (ImGui::BeginTooltip()) {
    ui::label((short_name(block.name) + " at step " + std::to_string(point.step)).c_str(), p.dim,
              Face::small);
    if (ImGui::BeginTable("point", 2, ImGuiTableFlags_SizingFixedFit)) {
      const auto row = [&](const char* name, float value) {
        ImGui::TableNextColumn();
        ui::label(name, p.text);
        ImGui::TableNextColumn();
        ui::label(figure(static_cast<double>(value), 4).c_str(), p.text, Face::mono);
      };
      row("update / weights", point.ratio);
      row("norm of the gradient", point.gradient);
      row("norm of the weights", point.weights);
      ImGui::EndTable();
    }
    ImGui::EndTooltip();
  }
  ImGui::PopStyleVar();
}

}  // namespace

float training_height(float width, bool stacked) {
  const float one = heading + foot + std::clamp(std::round(width * 0.28f), least_plot, 110.0f);
  return stacked ? 2 * one + space::m : one;
}

void draw_training(const WeightsScene& scene, ImVec2 min, ImVec2 size, bool stacked) {
  const Palette& p = palette();
  WeightsState& view = scene.own;
  const Session& session = scene.app.session;
  const Curve curve = live_curve(session.answer(scene.index, "block_history"),
                                 session.answer(scene.index, "blocks"), scene.block.name);
  const float gap = space::l;
  const ImVec2 one = stacked ? ImVec2(size.x, (size.y - space::m) / 2) : ImVec2((size.x - gap) / 2, size.y);
  const ImVec2 corners[] = {min, stacked ? min + ImVec2(0, one.y + space::m) : min + ImVec2(one.x + gap, 0)};
  const Chart charts[] = {make_chart(corners[0], one, curve, &CurvePoint::ratio, true),
                          make_chart(corners[1], one, curve, &CurvePoint::gradient, false)};
  constexpr const char* ids[] = {"weights.training.ratio", "weights.training.gradient"};
  constexpr const char* titles[] = {"Update / weights", "Gradient"};
  constexpr const char* tips[] = {
      "What each step added to this block, beside its size (Euclidean norms). About a thousandth is healthy: "
      "above a "
      "hundredth it is too fast, below a ten-thousandth it hardly learns",
      "Euclidean norm of this block's gradient, before clipping"};
  if (!curve.empty()) {
    const auto ratio = static_cast<double>(curve.back().ratio);
    const std::string word = verdict(ratio);
    draw_title(corners[0], one.x, titles[0], figure(ratio) + (word.empty() ? "" : ", " + word),
               word.empty() ? p.dim : p.warning);
    draw_title(corners[1], one.x, titles[1], figure(static_cast<double>(curve.back().gradient)), p.dim);
  } else {
    for (size_t i = 0; i < 2; ++i) draw_title(corners[i], one.x, titles[i], "", p.dim);
  }

  const CurvePoint* pointed = nullptr;
  for (size_t i = 0; i < 2; ++i) {
    const Chart& chart = charts[i];
    ImGui::SetCursorScreenPos(corners[i]);
    ImGui::InvisibleButton(i == 0 ? "training.ratio.title" : "training.gradient.title", {one.x, heading - 2});
    ui::tip(tips[i]);
    ImGui::SetCursorScreenPos(chart.area.Min);
    ImGui::InvisibleButton(ids[i], ImVec2(chart.area.GetWidth(), std::max(chart.area.GetHeight(), 1.0f)));
    ui::register_widget(ids[i], chart.area.Min, chart.area.Max);  // for pointers only
    if (ImGui::IsItemHovered() && !ui::drag_scrolling())
      pointed = nearest_point(curve, chart.x.value(ImGui::GetIO().MousePos.x));
    if (i == 0) draw_region(chart);
    draw_axes(chart);
    if (!curve.empty()) {
      draw_curve(chart, curve, scene.colour);
    } else {
      constexpr const char* words = "no step yet";
      draw_text(chart.draw, Face::small, chart.area.GetCenter() - text_size(Face::small, words) * 0.5f,
                solid(p.dim), words);
    }
  }
  view.pointed = pointed ? std::optional(*pointed) : std::nullopt;
  if (!pointed) return;
  for (const Chart& chart : charts) {
    const float x = std::round(chart.x.pixel(static_cast<double>(pointed->step))) + 0.5f;
    chart.draw->AddLine({x, chart.area.Min.y}, {x, chart.area.Max.y}, faded(p.text, 0.4f));
    if (chart.shows(*pointed)) chart.draw->AddCircleFilled(chart.at(*pointed), 3.5f, solid(scene.colour), 16);
  }
  read_point(scene.block, *pointed);
}

}  // namespace unroll
