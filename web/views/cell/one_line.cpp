#include "web/views/cell/one_line.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/cells/node_names.h"

namespace unroll {
namespace {

using Align = DiagramNumber::Align;

bool reads(const CellGraph& graph, int node, CellOp op) {
  while (node >= 0 && has_weights(graph.nodes[static_cast<size_t>(node)].op))
    node = graph.nodes[static_cast<size_t>(node)].a;
  return node >= 0 && graph.nodes[static_cast<size_t>(node)].op == op;
}

}  // namespace

std::optional<OneLine> as_one_line(const CellGraph& graph) {
  if (graph.equations.size() != 1 || graph.states.size() != 1) return {};
  OneLine line;
  line.root = graph.equations[0].node;
  const CellNode& root = graph.nodes[static_cast<size_t>(line.root)];
  if (kind_of(root.op) != CellOpKind::of_one) return {};
  line.sum = root.a;
  const CellNode& sum = graph.nodes[static_cast<size_t>(line.sum)];
  if (sum.op != CellOp::add) return {};
  for (const int term : {sum.a, sum.b}) {
    if (!has_weights(graph.nodes[static_cast<size_t>(term)].op)) return {};
    if (reads(graph, term, CellOp::input)) line.x = term;
    if (reads(graph, term, CellOp::before)) line.u = term;
  }
  return line.x >= 0 && line.u >= 0 ? std::optional(line) : std::nullopt;
}

Diagram lay_out_line(const CellGraph& graph, const OneLine& line, Spot min, Spot size) {
  const std::vector<std::string> names = node_names(graph);
  const auto name = [&](int node) { return names[static_cast<size_t>(node)]; };
  const auto scaled = [&](int node) { return graph.nodes[static_cast<size_t>(node)].op == CellOp::scaled; };
  const std::string before = graph.states[0].name + "_prev", after = graph.states[0].name;
  constexpr float radius = 10;
  const float side = size.x < 420 ? 48.0f : 60.0f, edge_left = min.x, edge_right = min.x + size.x;
  const float left = min.x + side, right = edge_right - side, bottom = min.y + size.y;
  const float gate_width = std::min((right - left) / 6 - 3, 50.0f);
  const float gate_height = 21 + std::min(std::max(size.y - 190.0f, 0.0f) * 0.06f, 5.0f);
  Diagram d;
  const float y = std::round(min.y + size.y * 0.36f);
  // Room for a number before the sum and as much behind it.
  const float w = left + 32, squash = right - gate_width - 8;
  const float add = std::round((w + 20 + squash - gate_width) / 2),
              below = std::round(y + (bottom - y) * 0.56f);
  d.head = add;
  d.body = {{left, min.y}, {right, bottom - 6}};
  d.strip = gate_width < 40 ? Spot{36, 13} : Spot{48, 14};
  d.out = {edge_right, y};
  d.wires = {{before, {{edge_left, y}, {w - 20, y}}, true, true, 0},
             {name(line.u), {{w + 20, y}, {add - radius, y}}, true, false, 1},
             {"input", {{add, bottom}, {add, below + 13}}, true, true, 2},
             {name(line.x), {{add, below - 13}, {add, y + radius}}, true, false, 3},
             {name(line.sum), {{add + radius, y}, {squash - gate_width, y}}, true, false, 4},
             {after, {{squash + gate_width, y}, {edge_right, y}}, true, false, 5}};
  const float half = side / 2 - 3;
  const std::string u = scaled(line.u) ? "w_{hh}" : "W_{hh}", x = scaled(line.x) ? "w_{ih}" : "W_{ih}";
  d.nodes = {{before, DiagramNode::Kind::before, {edge_left + side / 2 - 2, y}, {half, 20}, after, -1},
             {name(line.u), DiagramNode::Kind::matrix, {w, y}, {20, 13}, u, line.u},
             {name(line.x), DiagramNode::Kind::matrix, {add, below}, {20, 13}, x, line.x},
             {name(line.sum), DiagramNode::Kind::circle, {add, y}, {radius, radius}, "+", line.sum},
             {after, DiagramNode::Kind::gate, {squash, y}, {gate_width, gate_height}, "", line.root},
             {after, DiagramNode::Kind::after, {edge_right - side / 2 + 2, y}, {half, 20}, after, -1}};
  d.numbers = {
      {name(line.u), {std::round((w + 20 + add - radius) / 2), y - 12}, Align::middle},
      {name(line.x), {add + 8, std::round((y + below) / 2)}, Align::left},
      {name(line.sum), {std::round((add + radius + squash - gate_width) / 2), y - 12}, Align::middle}};
  return d;
}

}  // namespace unroll
