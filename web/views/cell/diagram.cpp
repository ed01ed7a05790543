#include "web/views/cell/diagram.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace unroll {
namespace {

using Kind = DiagramNode::Kind;
using Align = DiagramNumber::Align;

constexpr float radius = 10;         // of operations
constexpr float space_to_next = 10;  // what goes to the next step only ends before what comes next

/// The grid all cells share: columns of gates, and rows from the state's line at the top to the input at the bottom.
struct Builder {
  Diagram diagram{};
  float left = 0, right = 0;                // of the body
  float edge_left = 0, edge_right = 0;      // of the whole
  float line = 0, products = 0, gates = 0;  // rows: the state, products, gates
  float past = 0, input = 0, bottom = 0;    // … h of all units, the input, where the text begins
  float column_width = 0, gate_width = 0, gate_height = 0;

  Builder(ImVec2 min, ImVec2 size, float columns, float above_past, float products_at = 0.6f) {
    const float side = size.x < 420 ? 48.0f : 60.0f;
    edge_left = min.x;
    edge_right = min.x + size.x;
    left = min.x + side;
    right = edge_right - side;
    bottom = min.y + size.y;
    column_width = (right - left) / columns;
    gate_width = std::min(column_width / 2 - 3, 50.0f);
    const float spare = std::max(size.y - 190.0f, 0.0f);
    gate_height = 21 + std::min(spare * 0.06f, 5.0f);
    const float input_row = 24 + std::min(spare * 0.12f, 14.0f);
    input = bottom - 14 - std::min(spare * 0.04f, 4.0f);
    past = input - input_row;
    gates = past - above_past - std::min(spare * 0.16f, 18.0f) - gate_height;
    line = min.y + 24 + std::min(spare * 0.05f, 6.0f);
    products = std::round(line + (gates - gate_height - line) * products_at);
    diagram.body_min = {left, min.y};
    diagram.body_max = {right, bottom - 6};
    diagram.head = std::round((left + right) / 2);
    diagram.strip = gate_width < 40 ? ImVec2(36, 13) : ImVec2(48, 14);
  }

  float column(int index) const {
    return std::round(left + column_width * (static_cast<float>(index) + 0.5f));
  }
  void wire(std::string_view id, std::vector<ImVec2> points, bool arrow = true, bool bundle = false) {
    diagram.wires.push_back({id, std::move(points), arrow, bundle});
  }
  void circle(std::string_view id, Kind kind, ImVec2 at) {
    diagram.nodes.push_back({id, kind, at, {radius, radius}});
  }
  void state(std::string_view id, Kind kind, float y) {
    const float side = left - edge_left;
    const float x = kind == Kind::before ? edge_left + side / 2 - 2 : edge_right - side / 2 + 2;
    diagram.nodes.push_back({id, kind, {x, y}, {side / 2 - 3, 20}});
  }
  void number(std::string_view id, ImVec2 at, Align align = Align::left) {
    diagram.numbers.push_back({id, at, align});
  }

  /// A gate with what comes into it from below: u from the line of all units at its left, x from the input's line at
  /// its right. `u_to`: where u ends, for the candidate of the gru not at the gate.
  void gate(std::string_view id, std::string_view u, std::string_view x, int at, float u_to = 0) {
    const float middle = column(at), aside = std::round(std::min(0.66f * gate_width, 30.0f));
    const float below = gates + gate_height;
    diagram.nodes.push_back({id, Kind::gate, {middle, gates}, {gate_width, gate_height}});
    const float u_x = u_to > 0 ? middle - aside / 2 : middle - aside;
    wire(u, {{u_x, past}, {u_x, u_to > 0 ? u_to : below}});
    wire(x, {{middle + aside, input}, {middle + aside, below}});
    const float end = u_to > 0 ? u_to : below;
    number(u, {u_x + 5, (past + end) / 2 + (u_to > 0 ? 2.0f : 0.0f)});
    number(x, {middle + aside - 5, (input + past) / 2 + 1}, Align::right);
  }

  /// The lines that the gates tap.
  void buses(float past_from, float past_to, float input_from, float input_to) {
    wire("h_prev", {{past_from, past}, {past_to, past}}, false, true);
    const float low = std::min(input_from, diagram.head), high = std::max(input_to, diagram.head);
    wire("input", {{low, input}, {high, input}}, false, true);
    wire("input", {{diagram.head, bottom}, {diagram.head, input}}, false, true);
  }
};

Diagram lay_out_lstm(ImVec2 min, ImVec2 size) {
  Builder b(min, size, 4, 26, 0.66f);
  const float f = b.column(0), i = b.column(1), g = b.column(2), o = b.column(3);
  const float middle = std::round((i + g) / 2), top = b.gates - b.gate_height;
  const float aside = std::round(std::min(0.66f * b.gate_width, 30.0f));
  b.buses(b.edge_left, o - aside, f + aside, o + aside);
  b.gate("f", "u.f", "x.f", 0);
  b.gate("i", "u.i", "x.i", 1);
  b.gate("g", "u.g", "x.g", 2);
  b.gate("o", "u.o", "x.o", 3);

  b.wire("c_prev", {{b.edge_left, b.line}, {f - radius, b.line}});
  b.wire("keep", {{f + radius, b.line}, {middle - radius, b.line}});
  b.wire("c", {{middle + radius, b.line}, {b.edge_right - space_to_next, b.line}});
  b.wire("f", {{f, top}, {f, b.line + radius}});
  b.wire("i", {{i, top}, {i, b.products}, {middle - radius, b.products}});
  b.wire("g", {{g, top}, {g, b.products}, {middle + radius, b.products}});
  b.wire("write", {{middle, b.products - radius}, {middle, b.line + radius}});
  const float squash = std::round(b.line + (b.products - b.line) * 0.46f);
  b.wire("c", {{o, b.line}, {o, squash - 8}}, false);
  b.wire("tanh_c", {{o, squash + 8}, {o, b.products - radius}});
  b.wire("o", {{o, top}, {o, b.products + radius}});
  b.wire("h", {{o + radius, b.products}, {b.edge_right, b.products}});

  b.state("c_prev", Kind::before, b.line);
  b.state("h_prev", Kind::before, b.past);
  b.circle("keep", Kind::times, {f, b.line});
  b.circle("write", Kind::times, {middle, b.products});
  b.circle("c", Kind::plus, {middle, b.line});
  b.diagram.nodes.push_back({"tanh_c", Kind::tanh, {o, squash}, {17, 8}});
  b.circle("h", Kind::times, {o, b.products});
  b.state("c", Kind::after, b.line);
  b.state("h", Kind::after, b.products);
  b.number("keep", {(f + middle) / 2, b.line - 11}, Align::middle);
  b.number("write", {middle + 14, (b.line + b.products) / 2 + 1});
  b.number("tanh_c", {o - 21, squash + 1}, Align::right);
  b.number("c", {(middle + o) / 2, b.line - 11}, Align::middle);
  b.diagram.out = {b.edge_right, b.products};
  return b.diagram;
}

Diagram lay_out_gru(ImVec2 min, ImVec2 size) {
  Builder b(min, size, 4, 44, 0.62f);
  const float z = b.column(0), rest = b.column(1), n = b.column(2), r = b.column(3);
  const float middle = std::round((rest + n) / 2), top = b.gates - b.gate_height;
  const float aside = std::round(std::min(0.66f * b.gate_width, 30.0f));
  const float reset = std::round(b.gates + b.gate_height + (b.past - b.gates - b.gate_height) * 0.5f);
  const float heard = n - aside / 2, branch = b.left + (size.x < 420 ? 5.0f : 10.0f),
              fall = std::round((n + r) / 2);
  b.wire("h_prev", {{branch, b.line}, {branch, b.past}, {r - aside, b.past}}, false, true);
  const float low = std::min(z + aside, b.diagram.head), high = r + aside;
  b.wire("input", {{low, b.input}, {high, b.input}}, false, true);
  b.wire("input", {{b.diagram.head, b.bottom}, {b.diagram.head, b.input}}, false, true);
  b.gate("z", "u.z", "x.z", 0);
  b.gate("n", "u.n", "x.n", 2, reset + radius);
  b.gate("r", "u.r", "x.r", 3);

  b.wire("h_prev", {{b.edge_left, b.line}, {z - radius, b.line}});
  b.wire("keep", {{z + radius, b.line}, {middle - radius, b.line}});
  b.wire("h", {{middle + radius, b.line}, {b.edge_right, b.line}});
  b.wire("z", {{z, top}, {z, b.line + radius}});
  b.wire("z", {{z + b.gate_width, b.gates}, {rest - 14, b.gates}});
  b.wire("remain", {{rest, b.gates - 11}, {rest, b.products}, {middle - radius, b.products}});
  b.wire("n", {{n, top}, {n, b.products}, {middle + radius, b.products}});
  b.wire("write", {{middle, b.products - radius}, {middle, b.line + radius}});
  b.wire("r", {{r - b.gate_width, b.gates}, {fall, b.gates}, {fall, reset}, {heard + radius, reset}});
  b.wire("gated", {{heard, reset - radius}, {heard, b.gates + b.gate_height}});

  b.state("h_prev", Kind::before, b.line);
  b.circle("keep", Kind::times, {z, b.line});
  b.circle("write", Kind::times, {middle, b.products});
  b.circle("h", Kind::plus, {middle, b.line});
  b.diagram.nodes.push_back({"remain", Kind::rest, {rest, b.gates}, {14, 11}});
  b.circle("gated", Kind::times, {heard, reset});
  b.state("h", Kind::after, b.line);
  b.number("keep", {(z + middle) / 2, b.line - 11}, Align::middle);
  b.number("write", {middle + 14, (b.line + b.products) / 2 + 1});
  b.number("remain", {rest + 6, (b.gates - 11 + b.products) / 2 + 3});
  b.number("gated", {heard - 6, (reset - radius + b.gates + b.gate_height) / 2}, Align::right);
  b.diagram.out = {b.edge_right, b.line};
  return b.diagram;
}

Diagram lay_out_rnn(ImVec2 min, ImVec2 size) {
  Builder b(min, size, 3, 26);
  const float y = std::round(min.y + (size.y - 30) * 0.46f);
  const float add = b.column(1), squash = std::round(b.left + (b.right - b.left) * 0.78f);
  const float w = std::round(b.left + (add - b.left) * 0.36f), below = std::round(y + (b.bottom - y) * 0.56f);
  b.diagram.head = add;
  b.diagram.body_min.y = std::max(min.y, y - 84);
  b.wire("h_prev", {{b.edge_left, y}, {w - 20, y}}, true, true);
  b.wire("u", {{w + 20, y}, {add - radius, y}});
  b.wire("input", {{add, b.bottom}, {add, below + 13}}, true, true);
  b.wire("x", {{add, below - 13}, {add, y + radius}});
  b.wire("sum", {{add + radius, y}, {squash - b.gate_width, y}});
  b.wire("h", {{squash + b.gate_width, y}, {b.edge_right, y}});
  b.state("h_prev", Kind::before, y);
  b.diagram.nodes.push_back({"u", Kind::matrix, {w, y}, {20, 13}});
  b.diagram.nodes.push_back({"x", Kind::matrix, {add, below}, {20, 13}});
  b.circle("sum", Kind::plus, {add, y});
  b.diagram.nodes.push_back({"h", Kind::gate, {squash, y}, {b.gate_width, b.gate_height}});
  b.state("h", Kind::after, y);
  b.number("u", {(w + 20 + add - radius) / 2, y - 12}, Align::middle);
  b.number("x", {add + 8, (y + below) / 2});
  b.number("sum", {(add + radius + squash - b.gate_width) / 2, y - 12}, Align::middle);
  b.diagram.out = {b.edge_right, y};
  return b.diagram;
}

}  // namespace

Diagram lay_out_cell(std::string_view cell, ImVec2 min, ImVec2 size) {
  if (cell == "lstm") return lay_out_lstm(min, size);
  if (cell == "gru") return lay_out_gru(min, size);
  return lay_out_rnn(min, size);
}

}  // namespace unroll
