// The drawn cell: where its boxes, wires and numbers stand, for every shipped cell and for cells that people type.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "engine/cells/language.h"
#include "engine/cells/shipped.h"
#include "web/views/cell/diagram.h"

namespace unroll {
namespace {

using Kind = DiagramNode::Kind;

constexpr Spot sizes[] = {{320, 190}, {360, 320}, {640, 240}, {900, 420}};

bool is_state(const DiagramNode& node) { return node.kind == Kind::before || node.kind == Kind::after; }

/// Boxes and wires are where they may be, whatever the cell.
void check_sound(const CellGraph& graph, Spot size) {
  const Spot min{10, 20};
  const Diagram d = lay_out_cell(graph, min, size);
  CAPTURE(graph.name);
  CAPTURE(size.x);
  const SpotBox frame{{min.x - 0.01f, min.y - 0.01f}, {min.x + size.x + 0.01f, min.y + size.y + 0.01f}};
  const auto inside = [&](Spot at) {
    return at.x >= frame.min.x && at.x <= frame.max.x && at.y >= frame.min.y && at.y <= frame.max.y;
  };
  for (const DiagramNode& node : d.nodes) {
    CAPTURE(node.id);
    if (is_state(node)) continue;
    CHECK(inside(node.box().min));
    CHECK(inside(node.box().max));
    for (const DiagramNode& other : d.nodes)
      if (&other != &node) CHECK_FALSE(node.box().overlaps(other.box(), -0.5f));
  }
  for (const DiagramWire& wire : d.wires) {
    CAPTURE(wire.id);
    CHECK(wire.points.size() >= 2);
    for (const Spot& at : wire.points) CHECK(inside(at));
    for (size_t i = 0; i + 1 < wire.points.size(); ++i) {
      const Spot a = wire.points[i], b = wire.points[i + 1];
      CHECK((a.x == b.x || a.y == b.y));
      const SpotBox way{{std::min(a.x, b.x), std::min(a.y, b.y)}, {std::max(a.x, b.x), std::max(a.y, b.y)}};
      for (const DiagramNode& node : d.nodes)
        if (!is_state(node)) CHECK_FALSE(way.overlaps(node.box(), -1.0f));
    }
  }
  for (const DiagramNumber& number : d.numbers) {
    CAPTURE(number.id);
    if (graph.equations.size() == 1) continue;
    for (const DiagramNode& node : d.nodes) CHECK_FALSE(d.place_of(number).overlaps(node.box()));
    for (const DiagramNumber& other : d.numbers)
      if (&other != &number) CHECK_FALSE(d.place_of(number).overlaps(d.place_of(other)));
  }
  for (const CellEquation& equation : graph.equations) {
    CAPTURE(equation.name);
    const auto is = [&](const auto& part) { return part.id == equation.name; };
    CHECK(
        (std::any_of(d.nodes.begin(), d.nodes.end(), is) || std::any_of(d.wires.begin(), d.wires.end(), is)));
  }
  for (const CellState& state : graph.states) {
    CAPTURE(state.name);
    const auto leaves = [&](const DiagramWire& wire) {
      return wire.id == state.name && wire.points.back().x >= min.x + size.x - 11;
    };
    CHECK(std::any_of(d.wires.begin(), d.wires.end(), leaves));
  }
}

const DiagramNode& node(const Diagram& d, std::string_view id, Kind kind) {
  const auto found = std::find_if(d.nodes.begin(), d.nodes.end(),
                                  [&](const DiagramNode& one) { return one.id == id && one.kind == kind; });
  REQUIRE(found != d.nodes.end());
  return *found;
}

}  // namespace

TEST_CASE("cell diagram: of every shipped cell boxes do not overlap, and wires pass through none") {
  for (const ShippedCell& cell : shipped_cells())
    for (const Spot size : sizes) check_sound(*cell.graph, size);
}

TEST_CASE("cell diagram: every shipped cell has as few crossings as stated at 320 × 190") {
  // The input's taps cross the line of all units once for each gate but the last; the peephole's memory comes to three
  // gates; sLSTM, mLSTM and LRU make two states of the same things.
  const std::pair<const char*, int> most[] = {
      {"rnn", 0},      {"rnn_relu", 0}, {"irnn", 0},   {"indrnn", 0}, {"lstm", 3},       {"lstm1997", 2},
      {"peephole", 5}, {"cifg", 2},     {"lnlstm", 3}, {"gru", 3},    {"gru_before", 3}, {"mingru", 0},
      {"minlstm", 1},  {"slstm", 18},   {"lru", 18},   {"mlstm", 29}};
  CHECK(std::size(most) == shipped_cells().size());
  for (const auto& [name, count] : most) {
    CAPTURE(name);
    CHECK(lay_out_cell(*graph_of(name), {0, 0}, {320, 190}).crossings <= count);
  }
}

TEST_CASE("cell diagram: the gates stand in one row, in the order in which the memory meets them") {
  const Diagram d = lay_out_cell(*graph_of("lstm"), {0, 0}, {640, 240});
  float before = 0;
  for (const char* gate : {"f", "i", "g", "o"}) {
    const DiagramNode& box = node(d, gate, Kind::gate);
    CHECK(box.at.y == node(d, "f", Kind::gate).at.y);
    CHECK(box.at.x > before);
    before = box.at.x;
  }
  CHECK(node(d, "keep", Kind::circle).at.x == node(d, "f", Kind::gate).at.x);
  CHECK(node(d, "keep", Kind::circle).at.y == node(d, "c", Kind::circle).at.y);
  CHECK(node(d, "h", Kind::circle).at.x == node(d, "o", Kind::gate).at.x);
  CHECK(d.head == 320);
}

TEST_CASE("cell diagram: what people type is drawn soundly, too") {
  const char* const texts[] = {
      // A coupled lstm with peepholes.
      "cell own\nstate c, h\nf = sigmoid(lin(x) + lin(h[t-1]) + diag(c[t-1]))\ni = 1 - f\ng = tanh(lin(x) + "
      "lin(h[t-1]))\n"
      "c = f * c[t-1] + i * g\no = sigmoid(lin(x) + lin(h[t-1]) + diag(c))\nh = o * tanh(c)\n",
      "cell copies\nstate c, h\nc = 0.9 * c[t-1] + mat(x)\nh = c\n",
      "cell crossed\nstate a, h\na = h[t-1]\nh = tanh(lin(x) + lin(a[t-1]))\n",
      "cell forgetful\nstate h\nh = tanh(lin(x))\n",
      "cell late\nstate h\nh = u * v\nu = sigmoid(lin(x) + lin(w))\nv = tanh(lin(x) + u)\nw = exp(-h[t-1])\n",
      "cell self\nstate h\nh = max(0.5 * h[t-1], h[t-1] * h[t-1]) + tanh(mat(x))\n"};
  for (const char* text : texts) {
    const auto read = read_cell(text);
    CAPTURE(text);
    CHECK(read.problems.empty());
    if (read.graph)
      for (const Spot size : sizes) check_sound(*read.graph, size);
  }
}

TEST_CASE("cell diagram: as many equations as a cell may have are drawn, and soon") {
  std::string text = "cell wide\nstate h\n", sum = "e0";
  text += "e0 = sigmoid(lin(x) + lin(h[t-1]))\ne1 = tanh(lin(x))\n";
  for (int i = 2; i < CellLimits::equations - 1; ++i)
    text += "e" + std::to_string(i) + " = e" + std::to_string(i - 1) + " * e" + std::to_string(i - 2) + "\n";
  text += "h = e" + std::to_string(CellLimits::equations - 2) + " + h[t-1]\n";
  const auto read = read_cell(text);
  REQUIRE(read.graph);
  const Diagram d = lay_out_cell(*read.graph, {0, 0}, {640, 300});
  for (const CellEquation& equation : read.graph->equations)
    CHECK(std::any_of(d.nodes.begin(), d.nodes.end(),
                      [&](const DiagramNode& one) { return one.id == equation.name; }));
}

}  // namespace unroll
