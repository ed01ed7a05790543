// Derivatives of every shipped cell, and of every operation of the language, against finite differences.
#include "engine/probes/cell_check.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/cells/shipped.h"

using namespace unroll;

TEST_CASE("Cell check: the derivatives of every shipped cell are those of finite differences, to 1e-6") {
  for (const ShippedCell& cell : shipped_cells())
    for (const int multiple : {1, 3}) {
      CAPTURE(std::string(cell.name));
      const CellCheck check = check_derivatives(cell.graph, multiple * hidden_multiple(*cell.graph) * 2);
      CHECK(check.not_finite == "");
      CHECK(check.parameters >= 200);
      CHECK(check.error < 1e-6);
      CHECK(check.error > 0);  // two ways of computing never agree to the last bit
    }
}

TEST_CASE("Cell check: every operation of the language") {
  const auto graph = graph_of_text(
      "cell all \"\"\nstate c, m = 0.5, h\n"
      "a = sigmoid(lin(x) + heads(2, mat(h[t-1])))\n"
      "b = exp(-abs(diag(c[t-1]) + mat(x))) + bias\n"
      "d = max(a, b) / (1 + sqrt(softplus(b))) - min(a, 0.3)\n"
      "m = log(2 + sin(lin(d * h[t-1]))) + 0.5 * m[t-1]\n"
      "c = cos(norm(mat(m))) * d + 0.7 * c[t-1]\n"
      "h = relu(c) + 0.1 * tanh(norm(c - 0.2)) * a\n");
  REQUIRE(graph);
  const CellCheck check = check_derivatives(graph, 8, 5, 6, 600);
  CHECK(check.not_finite == "");
  CHECK(check.error < 1e-6);
}

TEST_CASE("Cell check: the equation where the first number stops being finite is named") {
  const auto graph = graph_of_text(
      "cell low \"\"\nstate c, h\na = sigmoid(lin(x))\nc = log(a - 2) + c[t-1]\nh = tanh(lin(c))\n");
  REQUIRE(graph);
  CHECK(check_derivatives(graph, 4).not_finite == "c");
}
