// Which gates make a memory last, found in the equations.
#include "engine/cells/memory_gates.h"

#include <doctest/doctest.h>

#include "engine/cells/language.h"
#include "engine/cells/shipped.h"

using namespace unroll;

namespace {

/// "+f -i": what keeps and what writes.
std::string gates(const CellGraph& graph) {
  std::string text;
  for (const MemoryGate& gate : memory_gates(graph)) {
    text += (text.empty() ? "" : " ") + std::string(gate.keeps ? "+" : "-");
    text += graph.equations[static_cast<size_t>(gate.equation)].name;
  }
  return text;
}

std::string gates_of(const std::string& text) {
  const CellReading reading = read_cell(text);
  for (const CellProblem& problem : reading.problems) FAIL_CHECK(problem.text());
  REQUIRE(reading.graph);
  return gates(*reading.graph);
}

const std::string two = "cell a\nstate c, h\nf = sigmoid(lin(x) + lin(h[t-1]))\ni = sigmoid(lin(x))\n";

}  // namespace

TEST_CASE("memory gates: those of the cells that ship") {
  for (const auto& [cell, found] : {std::pair{"lstm", "-i +f"},
                                    {"peephole", "-i +f"},
                                    {"lnlstm", "-i +f"},
                                    {"cifg", "+f"},
                                    {"gru", "+z"},
                                    {"gru_before", "+z"},
                                    {"mingru", "-z"},
                                    {"minlstm", "+f -i"},
                                    {"rnn", ""},
                                    {"lstm1997", ""},
                                    {"irnn", ""},
                                    {"indrnn", ""},
                                    {"lru", ""}}) {
    CAPTURE(cell);
    CHECK(gates(*graph_of(cell)) == found);
  }
}

TEST_CASE("memory gates: however the sum is written") {
  CHECK(gates_of(two + "c = i * lin(x) + c[t-1] * f\nh = tanh(c)\n") == "+f -i");
  CHECK(gates_of(two + "k = 1 - i\nc = k * f * c[t-1]\nh = tanh(c)\n") == "+f -i");
  CHECK(gates_of(two + "k = f * c[t-1]\nc = k + i * tanh(lin(h[t-1]))\nh = tanh(c)\n") == "+f -i");
  CHECK(gates_of(two + "c = c[t-1] - i * lin(x)\nh = f * tanh(c)\n")
            .empty());  // nothing that the past is multiplied with
  CHECK(
      gates_of("cell a\nstate h\nf = sigmoid(mat(x))\nh = f * h[t-1] + lin(x)\n").empty());  // no bias to set
}

TEST_CASE("memory gates: a value that is its own factor a thousand million times is read at once") {
  std::string text = "cell a\nstate h\nf = sigmoid(lin(x))\nv0 = f * h[t-1]\n";
  for (int i = 1; i < 16; ++i) {
    const std::string before = "v" + std::to_string(2 * i - 2), sum = "v" + std::to_string(2 * i - 1);
    text += sum + " = " + before + " + " + before + "\nv" + std::to_string(2 * i) + " = " + sum + " * " +
            sum + "\n";
  }
  CHECK(gates_of(text + "h = v30 + v0\n") == "+f");
}
