#include "web/views/cell/values.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "web/toolkit/fonts.h"
#include "web/toolkit/theme.h"
#include "web/views/cell/worked_out.h"

namespace unroll {
namespace {

/// The values' range that has the colours: gates from 0 to 1, others to both sides of 0.
ColourScale scale_of(bool gate, const std::vector<float>& values) {
  const Palette& p = palette();
  if (gate) return {0, 1, &p.ramp, p.inset};
  float most = 1;
  for (const float value : values)
    if (std::isfinite(value)) most = std::max(most, std::abs(value));
  return {-most, most, &p.diverging, p.inset};
}

}  // namespace

Rgb signed_colour(double value) {
  const Palette& p = palette();
  const Rgb neutral = mix(p.card, p.text, 0.38f);
  if (!std::isfinite(value)) return p.strong_border;
  const auto& ramp = p.diverging.colours();
  const float share = std::sqrt(std::min(1.0f, static_cast<float>(std::abs(value))));
  return mix(neutral, value < 0 ? ramp.front() : ramp.back(), share);
}

float wire_width(double value) {
  return std::isfinite(value) ? 1.5f + 3.5f * (1 - std::exp(-1.2f * static_cast<float>(std::abs(value))))
                              : 1.5f;
}

std::string short_number(double value) {
  if (!std::isfinite(value)) return "…";
  const double size = std::abs(value);
  return decimals(value, size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

UnitGrid::UnitGrid(ImVec2 at, ImVec2 extent, size_t count) : min(at), size(extent), units(count) {
  const float ratio = extent.x / std::max(extent.y, 1.0f);
  columns = std::clamp<size_t>(static_cast<size_t>(std::lround(std::sqrt(static_cast<float>(units) * ratio))),
                               1, units);
  rows = (units + columns - 1) / columns;
}

int UnitGrid::unit_at(ImVec2 place) const {
  const ImVec2 inside = (place - min) / cell();
  if (inside.x < 0 || inside.y < 0 || inside.x >= static_cast<float>(columns)) return -1;
  const size_t unit = static_cast<size_t>(inside.y) * columns + static_cast<size_t>(inside.x);
  return unit < units ? static_cast<int>(unit) : -1;
}

void draw_vector(CellLooks& looks, const CellNumbers& reading, std::string_view id, ImVec2 min, ImVec2 size,
                 bool faint) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const Quantity* quantity = formulas_of(reading).find(id);
  if (!quantity || !reading.ready()) return draw->AddRectFilled(min, min + size, solid(p.inset), 2);
  const UnitGrid grid(min, size, reading.hidden());
  std::vector<float> values = values_of(reading, *quantity);
  const ColourScale scale = scale_of(formulas_of(reading).is_gate(id), values);
  values.resize(grid.rows * grid.columns, NAN);
  // The same quantity may stand in two places, in grids of different shapes.
  Heatmap& map = looks.pictures[std::string(id) + "." + std::to_string(grid.columns)];
  map.set(values, grid.rows, grid.columns, reading.version);
  map.draw(draw, min, min + size, {0, static_cast<double>(grid.columns), 0, static_cast<double>(grid.rows)},
           scale);
  if (faint) draw->AddRectFilled(min, min + size, faded(p.card, 0.6f));
  const auto unit = static_cast<size_t>(reading.unit);
  const ImVec2 place(static_cast<float>(unit % grid.columns), static_cast<float>(unit / grid.columns));
  const ImVec2 cell = ImMax(grid.cell(), ImVec2(3, 3)), a = min + grid.cell() * place;
  draw->AddRect(a - ImVec2(1.5f, 1.5f), a + cell + ImVec2(1.5f, 1.5f), solid(p.card), 1, 0, 1.0f);
  draw->AddRect(a - ImVec2(0.5f, 0.5f), a + cell + ImVec2(0.5f, 0.5f), solid(p.text), 1, 0, 1.0f);
}

void draw_cell_legend(bool vector, ImVec2 min, float width) {
  const Palette& p = palette();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  constexpr int parts = 40;
  const float part = width / parts;
  const auto strip = [&](float y, const auto& colour, const auto& thickness) {
    for (int i = 0; i < parts; ++i) {
      const float share = (static_cast<float>(i) + 0.5f) / parts, half = thickness(share) / 2;
      const float x = min.x + part * static_cast<float>(i);
      draw->AddRectFilled({x, y - half}, {x + part + 0.5f, y + half}, solid(colour(share)));
    }
  };
  const auto labels = [&](float y, std::initializer_list<const char*> words) {
    float share = 0;
    for (const char* word : words) {
      const float room = text_size(Face::small, word).x;
      draw_text(draw, Face::small, {min.x + (width - room) * share, y}, solid(p.dim), word);
      share += 1.0f / static_cast<float>(words.size() - 1);
    }
  };
  if (vector) {
    const auto thick = [](float) { return 8.0f; };
    strip(min.y + 4, [&](float share) { return p.ramp.at(share); }, thick);
    labels(min.y + 9, {"0", "gates", "1"});
    strip(min.y + 36, [&](float share) { return p.diverging.at(share); }, thick);
    labels(min.y + 41, {"−", "0", "+"});
  } else {
    const auto value = [](float share) { return 4.0 * (static_cast<double>(share) - 0.5); };
    strip(
        min.y + 4, [&](float share) { return signed_colour(value(share)); },
        [&](float share) { return wire_width(value(share)); });
    labels(min.y + 9, {"−2", "0", "2"});
  }
}

}  // namespace unroll
