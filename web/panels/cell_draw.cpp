// The picture: the cell's diagram with its numbers, or with all units as small grids.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "engine/cells/cell.h"
#include "web/math_text.h"
#include "web/panels/cell.h"
#include "web/panels/cell_diagram.h"
#include "web/panels/cell_formulas.h"
#include "web/theme.h"
#include "web/ui.h"

namespace unroll {
namespace {

using Kind = DiagramNode::Kind;
using Align = DiagramNumber::Align;

struct Scene {
  App& app;
  const CellReading& reading;
  const Diagram& diagram;
  ImDrawList* draw;
  bool vector;
  std::set<std::string_view> lit;  // quantities that stand out; empty: all alike

  float opacity(std::string_view id) const { return lit.empty() || lit.contains(id) ? 1.0f : 0.25f; }
  double value(std::string_view id) const {
    const Quantity* quantity = find_quantity(reading.spec, id);
    return quantity ? value_of(reading, *quantity, static_cast<size_t>(reading.unit)) : NAN;
  }
};

/// Blue above zero, orange below, grey near it: lines need more contrast with the card than the middle of a heatmap.
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

bool squashes_with_sigmoid(std::string_view gate) {
  return gate == "i" || gate == "f" || gate == "o" || gate == "r" || gate == "z";
}

// --- Vectors --------------------------------------------------------------------------------------------------

/// All units as a grid in a rectangle, row by row.
struct Grid {
  ImVec2 min, size;
  size_t rows, columns;

  Grid(ImVec2 at, ImVec2 extent, size_t units) : min(at), size(extent) {
    const float ratio = extent.x / std::max(extent.y, 1.0f);
    columns = std::clamp<size_t>(
        static_cast<size_t>(std::lround(std::sqrt(static_cast<float>(units) * ratio))), 1, units);
    rows = (units + columns - 1) / columns;
  }
  ImVec2 cell() const { return {size.x / static_cast<float>(columns), size.y / static_cast<float>(rows)}; }
  ImVec2 corner(size_t unit) const {
    return min + cell() * ImVec2(static_cast<float>(unit % columns), static_cast<float>(unit / columns));
  }
  /// −1 outside.
  int unit_at(ImVec2 place, size_t units) const {
    const ImVec2 inside = (place - min) / cell();
    if (inside.x < 0 || inside.y < 0 || inside.x >= static_cast<float>(columns)) return -1;
    const size_t unit = static_cast<size_t>(inside.y) * columns + static_cast<size_t>(inside.x);
    return unit < units ? static_cast<int>(unit) : -1;
  }
};

/// The values' range that has the colours: gates from 0 to 1, others to both sides of 0.
ColourScale scale_of(std::string_view id, const std::vector<float>& values) {
  const Palette& p = palette();
  if (squashes_with_sigmoid(id) || id == "remain") return {0, 1, &p.ramp, p.inset};
  float most = 1;
  for (const float value : values)
    if (std::isfinite(value)) most = std::max(most, std::abs(value));
  return {-most, most, &p.diverging, p.inset};
}

void draw_vector(const Scene& scene, std::string_view id, ImVec2 min, ImVec2 size) {
  const Palette& p = palette();
  const Quantity* quantity = find_quantity(scene.reading.spec, id);
  if (!quantity || !scene.reading.ready()) {
    scene.draw->AddRectFilled(min, min + size, solid(p.inset), 2);
    return;
  }
  const size_t units = scene.reading.hidden();
  const Grid grid(min, size, units);
  std::vector<float> values = values_of(scene.reading, *quantity);
  const ColourScale scale = scale_of(id, values);
  values.resize(grid.rows * grid.columns, NAN);
  Heatmap& map = scene.app.heatmaps["cell." + std::string(id)];
  map.set(values, grid.rows, grid.columns, scene.reading.version * 4096 + static_cast<int64_t>(grid.columns));
  map.draw(scene.draw, min, min + size,
           {0, static_cast<double>(grid.columns), 0, static_cast<double>(grid.rows)}, scale);
  if (scene.opacity(id) < 1) scene.draw->AddRectFilled(min, min + size, faded(p.card, 0.6f));
  const ImVec2 cell = ImMax(grid.cell(), ImVec2(3, 3)),
               a = grid.corner(static_cast<size_t>(scene.reading.unit));
  scene.draw->AddRect(a - ImVec2(1.5f, 1.5f), a + cell + ImVec2(1.5f, 1.5f), solid(p.card), 1, 0, 1.0f);
  scene.draw->AddRect(a - ImVec2(0.5f, 0.5f), a + cell + ImVec2(0.5f, 0.5f), solid(p.text), 1, 0, 1.0f);
}

// --- Where things are, for the pointer --------------------------------------------------------------------------

struct Place {
  std::string_view id;
  ImVec2 min, max;
};

ImVec2 number_corner(const DiagramNumber& number, ImVec2 size) {
  const float share = number.align == Align::left ? 0.0f : number.align == Align::right ? 1.0f : 0.5f;
  return {std::round(number.at.x - size.x * share), std::round(number.at.y - size.y / 2)};
}

/// The rectangle of the node's vector.
ImRect vector_rect(const DiagramNode& node) {
  const ImVec2 a = node.at - node.half, b = node.at + node.half;
  if (node.kind == Kind::gate) return {a + ImVec2(22, 4), b - ImVec2(4, 4)};
  return {{a.x, node.at.y + 6}, {b.x, node.at.y + 21}};  // below the wire
}

std::vector<Place> places(const Scene& scene) {
  std::vector<Place> all;
  std::set<std::string_view> seen;
  for (const DiagramNode& node : scene.diagram.nodes)
    if (seen.insert(node.id).second) all.push_back({node.id, node.at - node.half, node.at + node.half});
  for (const DiagramNumber& number : scene.diagram.numbers) {
    if (!seen.insert(number.id).second) continue;
    const ImVec2 size(scene.diagram.strip.x - 4, 16), corner = number_corner(number, size);
    all.push_back({number.id, corner, corner + size});
  }
  return all;
}

float distance_to(const DiagramWire& wire, ImVec2 place) {
  float nearest = FLT_MAX;
  for (size_t i = 0; i + 1 < wire.points.size(); ++i)
    nearest =
        std::min(nearest, ImLengthSqr(ImLineClosestPoint(wire.points[i], wire.points[i + 1], place) - place));
  return std::sqrt(nearest);
}

/// A click on a vector chooses the unit there.
void choose_unit(const Scene& scene, std::string_view id) {
  const ImVec2 place = ImGui::GetIO().MousePos;
  const size_t units = scene.reading.hidden();
  int unit = -1;
  for (const DiagramNode& node : scene.diagram.nodes)
    if (node.id == id && (node.kind == Kind::gate || node.kind == Kind::before || node.kind == Kind::after)) {
      const ImRect rect = vector_rect(node);
      if (unit < 0) unit = Grid(rect.Min, rect.GetSize(), units).unit_at(place, units);
    }
  for (const DiagramNumber& number : scene.diagram.numbers)
    if (number.id == id && unit < 0) {
      const ImVec2 size = scene.diagram.strip;
      unit = Grid(number_corner(number, size), size, units).unit_at(place, units);
    }
  if (unit >= 0) scene.app.looks.unit = unit;
}

/// Buttons over all places; what is pointed at, or has the keyboard's focus, or is near a wire.
std::string point_at(const Scene& scene, ImVec2 min, ImVec2 max) {
  CellLooks& looks = scene.app.looks.cell;
  std::string hot;
  const bool keys = ImGui::GetIO().NavVisible;
  for (const Place& place : places(scene)) {
    const std::string name = "cell.part." + std::string(place.id);
    ImGui::SetCursorScreenPos(place.min);
    const bool pressed = ImGui::InvisibleButton(name.c_str(), place.max - place.min) && !ui::drag_scrolling();
    ui::register_widget(name);
    if (ImGui::IsItemHovered() || (keys && ImGui::IsItemFocused())) hot = place.id;
    if (pressed && scene.vector && !keys) choose_unit(scene, place.id);
    if (pressed) {
      looks.chosen = looks.chosen == place.id && !scene.vector ? "" : std::string(place.id);
      const auto gates = cell_traits(scene.reading.spec.cell).gate_names;
      for (size_t gate = 0; gate < gates.size(); ++gate)
        if (looks.chosen == gates[gate]) looks.gate = static_cast<int>(gate);
    }
  }
  if (!hot.empty() || !ImGui::IsWindowHovered() || !ImGui::IsMouseHoveringRect(min, max)) return hot;
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  float nearest = touch_targets() ? 14.0f : 7.0f;
  for (const DiagramWire& wire : scene.diagram.wires)
    if (const float distance = distance_to(wire, mouse); distance < nearest) {
      nearest = distance;
      hot = wire.id;
    }
  if (!hot.empty() && ImGui::IsMouseClicked(ImGuiMouseButton_Left)) looks.chosen = hot;
  return hot;
}

/// The quantity, what it is computed from, and what lies on the way between them.
std::set<std::string_view> lit_by(const CellReading& reading, std::string_view id) {
  std::set<std::string_view> lit;
  const Quantity* quantity = find_quantity(reading.spec, id);
  if (!quantity) return id == "input" ? std::set<std::string_view>{"input"} : lit;
  for (const std::string_view row : operands(*quantity)) lit.insert(row);
  for (const Quantity& other : quantities(reading.spec)) {
    const auto rows = operands(other);
    const bool derived = reading.ready() && reading.row(other.id).empty();
    if (derived && !rows.empty() &&
        std::all_of(rows.begin(), rows.end(), [&](std::string_view row) { return lit.contains(row); }))
      lit.insert(other.id);
  }
  lit.insert(quantity->id);
  if (id[0] == 'u') lit.insert("h_prev");
  if (id[0] == 'x') lit.insert("input");
  return lit;
}

// --- Drawing ----------------------------------------------------------------------------------------------------

void draw_arrow_head(ImDrawList* draw, ImVec2 tip, ImVec2 from, float width, ImU32 colour) {
  ImVec2 along = tip - from;
  along = along * (1 / std::max(std::sqrt(ImLengthSqr(along)), 1.0f));
  const float length = 5 + width * 0.9f, half = 2.5f + width * 0.8f;
  const ImVec2 base = tip - along * length, across(-along.y * half, along.x * half);
  draw->AddTriangleFilled(tip, base + across, base - across, colour);
}

void draw_wire(const Scene& scene, const DiagramWire& wire, bool halo) {
  const Palette& p = palette();
  const bool plain = wire.bundle || scene.vector;
  const double value = scene.value(wire.id);
  const float width = plain ? 3.0f : wire_width(value);
  const Rgb ink = plain ? mix(p.card, p.text, 0.30f) : signed_colour(value);
  const ImU32 colour = solid(mix(p.inset, ink, scene.opacity(wire.id)));
  std::vector<ImVec2> points = wire.points;
  ImVec2& tip = points.back();
  const ImVec2 before = points[points.size() - 2];
  const auto count = static_cast<int>(points.size());
  if (halo) {
    scene.draw->AddPolyline(points.data(), count, solid(p.inset), ImDrawFlags_None, width + 5);
    return;
  }
  if (wire.arrow) {
    draw_arrow_head(scene.draw, tip, before, width, colour);
    ImVec2 along = tip - before;
    along = along * (1 / std::max(std::sqrt(ImLengthSqr(along)), 1.0f));
    tip -= along * (4 + width * 0.7f);
  }
  scene.draw->AddPolyline(points.data(), count, colour, ImDrawFlags_None, width);
}

void draw_fill_bar(const Scene& scene, ImVec2 min, ImVec2 max, double value, bool is_signed) {
  const Palette& p = palette();
  scene.draw->AddRectFilled(min, max, solid(mix(p.card, p.text, 0.10f)), 2);
  if (!std::isfinite(value)) return;
  const auto share = static_cast<float>(std::clamp(value, is_signed ? -1.0 : 0.0, 1.0));
  const float width = max.x - min.x;
  if (is_signed) {
    const float zero = min.x + width / 2, end = zero + share * width / 2;
    scene.draw->AddRectFilled({std::min(zero, end), min.y}, {std::max(zero, end), max.y},
                              solid(signed_colour(value)), 2);
    scene.draw->AddLine({zero, min.y - 1}, {zero, max.y + 1}, solid(p.dim));
  } else {
    scene.draw->AddRectFilled(min, {min.x + std::max(share * width, 1.5f), max.y}, solid(p.accent), 2);
  }
}

void draw_gate(const Scene& scene, const DiagramNode& node) {
  const Palette& p = palette();
  const ImVec2 a = node.at - node.half, b = node.at + node.half;
  const char* forced = imposed(scene.app, scene.reading, node.id);
  const float opacity = scene.opacity(node.id);
  const bool chosen = scene.app.looks.cell.part == node.id;
  scene.draw->AddRectFilled(a, b, solid(p.card), 7);
  scene.draw->AddRect(a, b,
                      solid(forced[0] ? p.warning
                            : chosen  ? p.accent_text
                                      : p.strong_border),
                      7, 0, forced[0] || chosen ? 2.0f : 1.0f);
  const ImU32 ink = faded(p.text, std::max(opacity, 0.4f)), dim = faded(p.dim, std::max(opacity, 0.4f));
  const std::string symbol(node.id);
  if (scene.vector) {
    draw_text(scene.draw, Face::strong, {a.x + 8, node.at.y - 9}, ink, symbol.c_str());
    const ImRect rect = vector_rect(node);
    return draw_vector(scene, node.id, rect.Min, rect.GetSize());
  }
  const bool relu =
      scene.reading.spec.cell == Cell::rnn && scene.reading.spec.nonlinearity == Nonlinearity::relu;
  const bool is_sigmoid = squashes_with_sigmoid(node.id);
  const double value = scene.value(node.id);
  const std::string shown = short_number(value);
  const float pad = node.half.x < 34 ? 5.0f : 8.0f;
  const float slack = node.half.y * 2 - 40;
  const float first = a.y + 3 + slack * 0.25f, second = first + 17 + slack * 0.2f;
  draw_text(scene.draw, Face::strong, {a.x + pad, first}, ink, symbol.c_str());
  draw_text(scene.draw, Face::mono, {b.x - pad - text_size(Face::mono, shown.c_str()).x, first + 1}, ink,
            shown.c_str());
  // The activation function and what it is of, or what was done to it.
  const char* function = is_sigmoid ? "σ" : relu ? "relu" : "tanh";
  std::string of = forced;
  if (of.empty()) {
    const std::string x = node.id == "h" ? "x" : "x." + symbol, u = node.id == "h" ? "u" : "u." + symbol;
    const double sum = scene.value(x) + (node.id == "n" ? scene.value("gated") : scene.value(u));
    of = std::string(function) + "(" + short_number(sum) + ")";
    if (text_size(Face::small, of.c_str()).x > 2 * node.half.x - 2 * pad) of = function;
  }
  draw_text(scene.draw, Face::small, {a.x + pad, second}, forced[0] ? solid(p.warning) : dim, of.c_str());
  draw_fill_bar(scene, {a.x + pad, b.y - 7}, {b.x - pad, b.y - 3}, value, !is_sigmoid);
}

void draw_state(const Scene& scene, const DiagramNode& node) {
  const Palette& p = palette();
  const float opacity = scene.opacity(node.id);
  const Quantity* quantity = find_quantity(scene.reading.spec, node.id);
  const std::string_view symbol = quantity ? quantity->symbol : node.id;
  const char* forced = imposed(scene.app, scene.reading, node.id);
  const ImU32 ink = faded(forced[0] ? p.warning : p.text, std::max(opacity, 0.4f));
  const float width = math_width(Face::strong, symbol);
  draw_math(scene.draw, Face::strong, {std::round(node.at.x - width / 2), node.at.y - 23}, ink, symbol);
  if (scene.vector) {
    const ImRect rect = vector_rect(node);
    return draw_vector(scene, node.id, rect.Min, rect.GetSize());
  }
  const std::string shown = short_number(scene.value(node.id));
  const float number = text_size(Face::mono, shown.c_str()).x;
  draw_text(scene.draw, Face::mono, {std::round(node.at.x - number / 2), node.at.y + 5}, ink, shown.c_str());
}

void draw_operation(const Scene& scene, const DiagramNode& node) {
  const Palette& p = palette();
  const float opacity = std::max(scene.opacity(node.id), 0.4f);
  const bool chosen = scene.app.looks.cell.part == node.id;
  const char* forced = imposed(scene.app, scene.reading, node.id);
  const ImVec2 a = node.at - node.half, b = node.at + node.half;
  const float round = node.half.y;
  scene.draw->AddRectFilled(a, b, solid(p.card), round);
  scene.draw->AddRect(a, b,
                      solid(forced[0] ? p.warning
                            : chosen  ? p.accent_text
                                      : p.strong_border),
                      round, 0, forced[0] || chosen ? 2.0f : 1.25f);
  const ImU32 ink = faded(p.text, opacity);
  const ImVec2 m = node.at;
  if (node.kind == Kind::times) {
    scene.draw->AddLine(m + ImVec2(-3.5f, -3.5f), m + ImVec2(4, 4), ink, 1.5f);
    scene.draw->AddLine(m + ImVec2(-3.5f, 3.5f), m + ImVec2(4, -4), ink, 1.5f);
  } else if (node.kind == Kind::plus) {
    scene.draw->AddLine(m + ImVec2(-4.5f, 0), m + ImVec2(5, 0), ink, 1.5f);
    scene.draw->AddLine(m + ImVec2(0, -4.5f), m + ImVec2(0, 5), ink, 1.5f);
  } else {
    const char* text = node.kind == Kind::tanh ? "tanh" : node.kind == Kind::rest ? "1−" : "W";
    const ImVec2 size = text_size(Face::small, text);
    draw_text(scene.draw, Face::small, {std::round(m.x - size.x / 2), std::round(m.y - size.y / 2)}, ink,
              text);
  }
}

void draw_number(const Scene& scene, const DiagramNumber& number) {
  const Palette& p = palette();
  if (scene.vector) {
    const ImVec2 size = scene.diagram.strip;
    return draw_vector(scene, number.id, number_corner(number, size), size);
  }
  const std::string shown = short_number(scene.value(number.id));
  const ImVec2 size = text_size(Face::mono, shown.c_str()), at = number_corner(number, size);
  scene.draw->AddRectFilled(at + ImVec2(-1, 2), at + size + ImVec2(1, -1), faded(p.inset, 0.85f), 2);
  draw_text(scene.draw, Face::mono, at, faded(p.text, std::max(scene.opacity(number.id), 0.35f)),
            shown.c_str());
}

void draw_diagram(const Scene& scene) {
  const Palette& p = palette();
  const Diagram& d = scene.diagram;
  scene.draw->AddRectFilled(d.body_min, d.body_max, solid(p.inset), 12);
  scene.draw->AddRect(d.body_min, d.body_max, solid(p.border), 12);
  for (const DiagramWire& wire : d.wires)
    if (wire.bundle) draw_wire(scene, wire, false);
  for (const DiagramWire& wire : d.wires) {  // where two cross, the later one passes over
    if (wire.bundle) continue;
    const bool crosses = wire.id[0] == 'x' && wire.id != "x";
    if (crosses) draw_wire(scene, wire, true);
    draw_wire(scene, wire, false);
  }
  for (const DiagramNumber& number : d.numbers) draw_number(scene, number);
  for (const DiagramNode& node : d.nodes) {
    if (node.kind == Kind::gate)
      draw_gate(scene, node);
    else if (node.kind == Kind::before || node.kind == Kind::after)
      draw_state(scene, node);
    else
      draw_operation(scene, node);
  }
}

}  // namespace

Diagram draw_cell_diagram(App& app, const CellReading& reading, ImVec2 min, ImVec2 size) {
  CellLooks& looks = app.looks.cell;
  const Diagram diagram = lay_out_cell(reading.spec.cell, min, size);
  Scene scene{app, reading, diagram, ImGui::GetWindowDrawList(), looks.depth == 1, {}};
  const std::string hot = point_at(scene, min, min + size);
  show_part(looks, reading, hot);
  if (!hot.empty() || !looks.chosen.empty()) scene.lit = lit_by(reading, looks.part);
  draw_diagram(scene);
  for (const Place& place : places(scene))
    ImGui::RenderNavHighlight(ImRect(place.min, place.max),
                              ImGui::GetID(("cell.part." + std::string(place.id)).c_str()));
  return diagram;
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
