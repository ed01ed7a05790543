// What the pictures of the curves panel have in common: axes, dashed lines, the legend's places.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/curves/curves.h"

namespace unroll::curves {

void draw_axes(const Plot& plot, const std::string& y_unit) {
  const Palette& p = palette();
  const auto value_ticks = plot.y.logarithmic ? log_ticks(plot.y.low, plot.y.high)
                                              : nice_ticks(plot.y.low, plot.y.high,
                                                           static_cast<int>(plot.area.GetHeight() / 44) + 1);
  for (double tick : value_ticks) {
    const float y = std::round(plot.y.pixel(tick)) + 0.5f;
    plot.draw->AddLine({plot.area.Min.x, y}, {plot.area.Max.x, y}, solid(p.border));
    char text[32];
    if (y_unit == "%")
      std::snprintf(text, sizeof text, "%.4g%%", 100 * tick);
    else
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

void draw_levels(const Plot& plot, std::vector<Level> levels, float gutter) {
  const Palette& p = palette();
  std::erase_if(levels, [&](const Level& level) {
    return !std::isfinite(level.value) || level.value < plot.y.low || level.value > plot.y.high;
  });
  std::vector<float> centres;
  for (const Level& level : levels) centres.push_back(plot.y.pixel(level.value));
  const std::vector<float> lines = centres;
  keep_apart(centres, 14, plot.area.Min.y + 2, plot.area.Max.y - 2);
  for (size_t i = 0; i < levels.size(); ++i) {
    const float y = std::round(lines[i]) + 0.5f;
    for (float x = plot.area.Min.x; x < plot.area.Max.x; x += 8)
      plot.draw->AddLine({x, y}, {std::min(x + 4, plot.area.Max.x), y}, faded(p.dim, 0.8f), 1);
    const ImVec2 end(plot.area.Max.x + 8, centres[i]);
    plot.draw->AddLine({plot.area.Max.x, y}, {end.x - 2, end.y}, faded(p.dim, 0.6f), 1);
    if (gutter <= 0) continue;
    const WithFont small(Face::small);
    draw_text(plot.draw, Face::small, {end.x, end.y - 7.5f}, solid(p.dim),
              ui::shortened(levels[i].label, gutter - 8).c_str());
  }
}

void draw_best(ImDrawList* draw, ImVec2 at, Rgb colour) {
  const auto diamond = [&](float r, ImU32 ink) {
    draw->AddQuadFilled(at - ImVec2(0, r), at + ImVec2(r, 0), at + ImVec2(0, r), at - ImVec2(r, 0), ink);
  };
  diamond(6.5f, solid(palette().card));
  diamond(5, solid(colour));
}

void draw_dot(ImDrawList* draw, ImVec2 at, Rgb colour) {
  draw->AddCircleFilled(at, 3.4f, solid(colour), 16);
  draw->AddCircleFilled(at, 1.7f, solid(palette().card), 12);
}

Flow::Flow() : start(ImGui::GetCursorScreenPos()), at(start), width(ui::content_width()) {}

ImVec2 Flow::next(float entry) {
  if (at.x + entry > start.x + width && at.x > start.x) at = {start.x, at.y + 20};
  const ImVec2 here = at;
  at.x += entry + 16;
  return here;
}

void Flow::end() const { ImGui::Dummy({width, at.y - start.y + 18}); }

}  // namespace unroll::curves
