// The picture: the cell's diagram with its numbers, or with all units as small grids.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "web/toolkit/math_text.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/cell/cell.h"
#include "web/views/cell/diagram.h"
#include "web/views/cell/sketch.h"
#include "web/views/cell/values.h"
#include "web/views/cell/worked_out.h"

namespace unroll {
namespace {

using NodeKind = DiagramNode::Kind;
using Align = DiagramNumber::Align;

ImVec2 vec(Spot spot) { return {spot.x, spot.y}; }

/// The diagram in the drawing's points.
struct DrawnNode {
  std::string_view id;
  NodeKind kind;
  ImVec2 at, half;
  const std::string& text;
  int node;
};
struct DrawnWire {
  std::string_view id;
  std::vector<ImVec2> points;
  bool arrow, bundle;
};
struct DrawnNumber {
  std::string_view id;
  ImVec2 at;
  Align align;
};
struct Drawn {
  ImVec2 body_min, body_max, strip;
  float head;
  std::vector<DrawnWire> wires;
  std::vector<DrawnNode> nodes;
  std::vector<DrawnNumber> numbers;

  explicit Drawn(const Diagram& d)
      : body_min(vec(d.body.min)), body_max(vec(d.body.max)), strip(vec(d.strip)), head(d.head) {
    for (const DiagramWire& wire : d.wires) {
      wires.push_back({wire.id, {}, wire.arrow, wire.bundle});
      for (const Spot& point : wire.points) wires.back().points.push_back(vec(point));
    }
    for (const DiagramNode& one : d.nodes)
      nodes.push_back({one.id, one.kind, vec(one.at), vec(one.half), one.text, one.node});
    for (const DiagramNumber& one : d.numbers) numbers.push_back({one.id, vec(one.at), one.align});
  }
};

struct Scene {
  App& app;
  CellLooks& looks;
  const CellNumbers& reading;
  const Drawn& diagram;
  ImDrawList* draw;
  bool vector;
  bool draft;                 // a cell that no lane has: there are no numbers
  float pulse;                // how much of the character's time is over while it plays; negative: it stands
  std::set<std::string> lit;  // quantities that stand out; empty: all alike

  float opacity(std::string_view id) const {
    return lit.empty() || lit.contains(std::string(id)) ? 1.0f : 0.25f;
  }
  double value(std::string_view id) const {
    const Quantity* quantity = formulas_of(reading).find(id);
    return quantity ? value_of(reading, *quantity, static_cast<size_t>(reading.unit)) : NAN;
  }
  void show_vector(std::string_view id, ImVec2 min, ImVec2 size) const {
    draw_vector(looks, reading, id, min, size, opacity(id) < 1);
  }
};

// --- Where things are, for the pointer --------------------------------------------------------------------------

struct Place {
  std::string_view id;
  ImVec2 min, max;
};

ImVec2 number_corner(const DrawnNumber& number, ImVec2 size) {
  const float share = number.align == Align::left ? 0.0f : number.align == Align::right ? 1.0f : 0.5f;
  return {std::round(number.at.x - size.x * share), std::round(number.at.y - size.y / 2)};
}

bool is_box(const DrawnNode& node) { return node.kind == NodeKind::gate || node.kind == NodeKind::derived; }

/// The rectangle of the node's vector.
ImRect vector_rect(const DrawnNode& node) {
  const ImVec2 a = node.at - node.half, b = node.at + node.half;
  if (is_box(node)) {
    const float name = std::min(14 + 8 * static_cast<float>(node.id.size()), node.half.x);
    return {a + ImVec2(name, 4), b - ImVec2(4, 4)};
  }
  return {{a.x, node.at.y + 6}, {b.x, node.at.y + 21}};  // below the wire
}

std::vector<Place> places(const Scene& scene) {
  std::vector<Place> all;
  std::set<std::string_view> seen;
  for (const DrawnNode& node : scene.diagram.nodes)
    if (seen.insert(node.id).second) all.push_back({node.id, node.at - node.half, node.at + node.half});
  for (const DrawnNumber& number : scene.diagram.numbers) {
    if (!seen.insert(number.id).second) continue;
    const ImVec2 size(scene.diagram.strip.x - 4, 16), corner = number_corner(number, size);
    all.push_back({number.id, corner, corner + size});
  }
  return all;
}

float distance_to(const DrawnWire& wire, ImVec2 place) {
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
  for (const DrawnNode& node : scene.diagram.nodes)
    if (node.id == id && (is_box(node) || node.kind == NodeKind::before || node.kind == NodeKind::after)) {
      const ImRect rect = vector_rect(node);
      if (unit < 0) unit = UnitGrid(rect.Min, rect.GetSize(), units).unit_at(place);
    }
  for (const DrawnNumber& number : scene.diagram.numbers)
    if (number.id == id && unit < 0) {
      const ImVec2 size = scene.diagram.strip;
      unit = UnitGrid(number_corner(number, size), size, units).unit_at(place);
    }
  if (unit >= 0) scene.app.chosen.unit = unit;
}

/// What the pointer is at without a button: a second node of a quantity, or a wire.
std::string_view near_pointer(const Scene& scene) {
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  std::string_view found;
  float nearest = touch_targets() ? 14.0f : 7.0f;
  for (const DrawnWire& wire : scene.diagram.wires)
    if (const float distance = distance_to(wire, mouse); distance < nearest) {
      nearest = distance;
      found = wire.id;
    }
  for (const DrawnNode& node : scene.diagram.nodes)
    if (ImRect(node.at - node.half, node.at + node.half).Contains(mouse)) found = node.id;
  return found;
}

/// A press on a quantity: its formula stays, and its gate is the one that interventions clamp.
void choose(const Scene& scene, std::string_view id, bool by_pointer) {
  CellLooks& looks = scene.looks;
  if (scene.vector && by_pointer) choose_unit(scene, id);
  looks.chosen = looks.chosen == id && !scene.vector ? "" : std::string(id);
  looks.choose_gate(scene.reading);
}

/// Buttons over all places; what is pointed at, has the keyboard's focus, or is near the pointer.
std::string point_at(const Scene& scene, ImVec2 min, ImVec2 max) {
  std::string hot;
  const bool keys = ImGui::GetIO().NavVisible;
  for (const Place& place : places(scene)) {
    const std::string name = "cell.part." + std::string(place.id);
    ImGui::SetCursorScreenPos(place.min);
    const bool pressed = ImGui::InvisibleButton(name.c_str(), place.max - place.min) && !ui::drag_scrolling();
    const Quantity* quantity = formulas_of(scene.reading).find(place.id);
    ui::register_widget(
        name, {(quantity ? std::string(quantity->words) : std::string(place.id)) + ", part of the cell",
               scene.looks.chosen == place.id ? "chosen" : "not chosen"});
    if (ImGui::IsItemHovered() || (keys && ImGui::IsItemFocused())) hot = place.id;
    if (pressed) choose(scene, place.id, !keys);
  }
  if (!hot.empty() || !ImGui::IsWindowHovered() || !ImGui::IsMouseHoveringRect(min, max)) return hot;
  hot = near_pointer(scene);
  if (!hot.empty() && ImGui::IsMouseClicked(ImGuiMouseButton_Left)) choose(scene, hot, true);
  return hot;
}

/// The quantity, what it is computed from, and what lies on the way between them.
std::set<std::string> lit_by(const CellNumbers& reading, std::string_view id) {
  const CellFormulas& formulas = formulas_of(reading);
  std::set<std::string> lit{std::string(id)};
  const Quantity* quantity = formulas.find(id);
  if (!quantity) return lit;
  for (std::string& row : formulas.operands(*quantity)) lit.insert(std::move(row));
  if (!quantity->worked) return lit;
  // Operations inside of it, whose numbers stand at wires on the way.
  const auto parts = [&](const auto& self, int node) -> void {
    if (node < 0) return;
    const Quantity* part = formulas.of_node(node);
    const CellNode& n = formulas.graph().nodes[static_cast<size_t>(node)];
    if (part && node != quantity->node && lit.contains(part->id)) return;
    if (part) lit.insert(part->id);
    self(self, n.a);
    self(self, n.b);
  };
  parts(parts, quantity->node);
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

void draw_wire(const Scene& scene, const DrawnWire& wire, bool halo) {
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

/// When a quantity's wire carries its pulse, as a share of the character's time: what is read, gates, memory, h.
float pulse_begin(const Scene& scene, std::string_view id) {
  const CellFormulas& formulas = formulas_of(scene.reading);
  const Quantity* quantity = formulas.find(id);
  if (!quantity || !quantity->worked) return 0;
  const CellGraph& graph = formulas.graph();
  const CellNode& node = graph.nodes[static_cast<size_t>(quantity->node)];
  if (node.equation < 0) return 0;
  const int state = graph.equations[static_cast<size_t>(node.equation)].state;
  return state < 0 ? 0.18f : state == graph.output ? 0.54f : 0.36f;
}

/// A dot that runs along the wire.
void draw_pulse(const Scene& scene, const DrawnWire& wire) {
  const float share = (scene.pulse - pulse_begin(scene, wire.id)) / 0.4f;
  if (share < 0 || share > 1) return;
  float length = 0;
  for (size_t i = 0; i + 1 < wire.points.size(); ++i)
    length += std::sqrt(ImLengthSqr(wire.points[i + 1] - wire.points[i]));
  float way = length * share;
  for (size_t i = 0; i + 1 < wire.points.size(); ++i) {
    const ImVec2 piece = wire.points[i + 1] - wire.points[i];
    const float size = std::sqrt(ImLengthSqr(piece));
    if (way <= size && size > 0) {
      const ImVec2 at = wire.points[i] + piece * (way / size);
      scene.draw->AddCircleFilled(at, 4.5f, solid(palette().card), 12);
      return scene.draw->AddCircleFilled(at, 3.0f, solid(palette().accent_text), 12);
    }
    way -= size;
  }
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

const CellNode& graph_node(const Scene& scene, int node) {
  return formulas_of(scene.reading).graph().nodes[static_cast<size_t>(node)];
}
/// "σ" of a gate, "1 − f" of what is made of others.
std::string function_text(const Scene& scene, const DrawnNode& node) {
  const CellOp op = graph_node(scene, node.node).op;
  if (node.kind == NodeKind::gate) return kind_of(op) == CellOpKind::of_one ? op_symbol(op) : "";
  return expression(formulas_of(scene.reading).graph(), node.node);
}
/// What the gate's function is of.
std::string sum_text(const Scene& scene, const DrawnNode& node) {
  if (node.kind != NodeKind::gate) return "";
  const Quantity* sum = formulas_of(scene.reading).of_node(graph_node(scene, node.node).a);
  if (!sum) return "";
  return short_number(value_of(scene.reading, *sum, static_cast<size_t>(scene.reading.unit)));
}

void draw_gate(const Scene& scene, const DrawnNode& node) {
  const Palette& p = palette();
  const ImVec2 a = node.at - node.half, b = node.at + node.half;
  const char* forced = imposed(scene.app, scene.reading, node.id);
  const float opacity = scene.opacity(node.id);
  const bool chosen = scene.looks.part == node.id;
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
    return scene.show_vector(node.id, rect.Min, rect.GetSize());
  }
  const bool opens = formulas_of(scene.reading).is_gate(node.id);
  const double value = scene.value(node.id);
  const std::string shown = scene.draft ? "" : short_number(value);
  const float pad = node.half.x < 34 ? 4.0f : 8.0f;
  const float number = text_size(Face::mono, shown.c_str()).x;
  if (node.half.y < 19.5f) {  // one line: its name, and its value if there is room
    const float name = text_size(Face::strong, symbol.c_str()).x, y = std::round(node.at.y - 9);
    const bool both = name + number + 2 * pad + 4 <= 2 * node.half.x;
    if (!both)
      return draw_text(scene.draw, Face::strong, {std::round(node.at.x - name / 2), y}, ink, symbol.c_str());
    draw_text(scene.draw, Face::strong, {a.x + pad, y}, ink, symbol.c_str());
    return draw_text(scene.draw, Face::mono, {b.x - pad - number, y + 1}, ink, shown.c_str());
  }
  const float slack = node.half.y * 2 - 40;
  const float first = a.y + 3 + slack * 0.25f, second = first + 17 + slack * 0.2f;
  draw_text(scene.draw, Face::strong, {a.x + pad, first}, ink, symbol.c_str());
  draw_text(scene.draw, Face::mono, {b.x - pad - number, first + 1}, ink, shown.c_str());
  // The function and what it is of, or what was done to it.
  std::string of = forced;
  if (of.empty()) {
    const std::string function = function_text(scene, node);
    of = function;
    const std::string sum = sum_text(scene, node);
    if (!sum.empty() && !function.empty() && !scene.draft) of += "(" + sum + ")";
    if (text_size(Face::small, of.c_str()).x > 2 * node.half.x - 2 * pad) of = function;
  }
  draw_text(scene.draw, Face::small, {a.x + pad, second}, forced[0] ? solid(p.warning) : dim, of.c_str());
  if (!scene.draft) draw_fill_bar(scene, {a.x + pad, b.y - 7}, {b.x - pad, b.y - 3}, value, !opens);
}

void draw_state(const Scene& scene, const DrawnNode& node) {
  const Palette& p = palette();
  const float opacity = scene.opacity(node.id);
  const Quantity* quantity = formulas_of(scene.reading).find(node.id);
  const bool comes = node.kind == NodeKind::before;
  const std::string symbol = comes || !quantity ? node.text + (comes ? "_{t−1}" : "_t") : quantity->symbol;
  const char* forced = imposed(scene.app, scene.reading, node.id);
  const ImU32 ink = faded(forced[0] ? p.warning : p.text, std::max(opacity, 0.4f));
  const float width = math_width(Face::strong, symbol);
  draw_math(scene.draw, Face::strong,
            {std::round(node.at.x - width / 2), node.half.y < 20 ? node.at.y - 9 : node.at.y - 23}, ink,
            symbol);
  if (node.half.y < 20 || scene.draft) return;  // its number stands at its wire
  if (scene.vector) {
    const ImRect rect = vector_rect(node);
    return scene.show_vector(node.id, rect.Min, rect.GetSize());
  }
  const std::string shown = short_number(scene.value(node.id));
  const float number = text_size(Face::mono, shown.c_str()).x;
  draw_text(scene.draw, Face::mono, {std::round(node.at.x - number / 2), node.at.y + 5}, ink, shown.c_str());
}

void draw_operation(const Scene& scene, const DrawnNode& node) {
  const Palette& p = palette();
  const float opacity = std::max(scene.opacity(node.id), 0.4f);
  const bool chosen = scene.looks.part == node.id;
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
  if (node.text == "×") {
    scene.draw->AddLine(m + ImVec2(-3.5f, -3.5f), m + ImVec2(4, 4), ink, 1.5f);
    scene.draw->AddLine(m + ImVec2(-3.5f, 3.5f), m + ImVec2(4, -4), ink, 1.5f);
  } else if (node.text == "+") {
    scene.draw->AddLine(m + ImVec2(-4.5f, 0), m + ImVec2(5, 0), ink, 1.5f);
    scene.draw->AddLine(m + ImVec2(0, -4.5f), m + ImVec2(0, 5), ink, 1.5f);
  } else {
    const std::string& text = node.text;
    const float width = math_width(Face::small, text);
    draw_math(scene.draw, Face::small, {std::round(m.x - width / 2), std::round(m.y - 7.5f)}, ink, text);
  }
}

void draw_number(const Scene& scene, const DrawnNumber& number) {
  const Palette& p = palette();
  if (scene.draft) return;
  if (scene.vector) {
    const ImVec2 size = scene.diagram.strip;
    return scene.show_vector(number.id, number_corner(number, size), size);
  }
  const std::string shown = short_number(scene.value(number.id));
  const ImVec2 size = text_size(Face::mono, shown.c_str()), at = number_corner(number, size);
  scene.draw->AddRectFilled(at + ImVec2(-1, 2), at + size + ImVec2(1, -1), faded(p.inset, 0.85f), 2);
  draw_text(scene.draw, Face::mono, at, faded(p.text, std::max(scene.opacity(number.id), 0.35f)),
            shown.c_str());
}

void draw_diagram(const Scene& scene) {
  const Palette& p = palette();
  const Drawn& d = scene.diagram;
  scene.draw->AddRectFilled(d.body_min, d.body_max, solid(p.inset), 12);
  scene.draw->AddRect(d.body_min, d.body_max, solid(p.border), 12);
  for (const DrawnWire& wire : d.wires)
    if (wire.bundle) draw_wire(scene, wire, false);
  for (const DrawnWire& wire : d.wires) {  // where two cross, the later one passes over
    if (wire.bundle) continue;
    draw_wire(scene, wire, true);
    draw_wire(scene, wire, false);
  }
  if (scene.pulse >= 0)
    for (const DrawnWire& wire : d.wires) draw_pulse(scene, wire);
  if (scene.reading.layer > 0) {
    const std::string below = "h of layer " + std::to_string(scene.reading.layer);
    draw_text(scene.draw, Face::small, {d.head + 8, d.body_max.y - 15}, solid(p.dim), below.c_str());
  }
  for (const DrawnNumber& number : d.numbers) draw_number(scene, number);
  for (const DrawnNode& node : d.nodes) {
    if (is_box(node))
      draw_gate(scene, node);
    else if (node.kind == NodeKind::before || node.kind == NodeKind::after)
      draw_state(scene, node);
    else
      draw_operation(scene, node);
  }
}

/// Negative while nothing moves.
float pulse_of(const CellLooks& looks) {
  if (!looks.playing || platform::prefers_reduced_motion()) return -1;
  return static_cast<float>(1 - (looks.next_at - platform::seconds()) / CellLooks::seconds_per_character);
}

}  // namespace

Diagram draw_cell_diagram(App& app, CellLooks& looks, const CellNumbers& reading, ImVec2 min, ImVec2 size) {
  const std::shared_ptr<const CellGraph> graph = graph_of(reading.spec);
  if (looks.drawn != graph || ImLengthSqr(looks.drawn_min - min) > 0 ||
      ImLengthSqr(looks.drawn_size - size) > 0) {
    looks.diagram = lay_out_cell(*graph, {min.x, min.y}, {size.x, size.y});
    looks.drawn = graph;
    looks.drawn_min = min;
    looks.drawn_size = size;
  }
  const Drawn drawn(looks.diagram);
  Scene scene{app,
              looks,
              reading,
              drawn,
              ImGui::GetWindowDrawList(),
              looks.depth == 1,
              looks.depth == 2,
              pulse_of(looks),
              {}};
  const std::string hot = point_at(scene, min, min + size);
  show_part(looks, reading, hot);
  if (!hot.empty() || !looks.chosen.empty()) scene.lit = lit_by(reading, looks.part);
  draw_diagram(scene);
  for (const Place& place : places(scene))
    ImGui::RenderNavHighlight(ImRect(place.min, place.max),
                              ImGui::GetID(("cell.part." + std::string(place.id)).c_str()));
  return looks.diagram;
}

}  // namespace unroll
