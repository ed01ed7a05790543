// Cells as PyTorch modules: the text that is exported is the one that PyTorch ran (tests/golden/cells.json, written by
// make_cells.py), and what it computed there is what our equations give.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "engine/base/json.h"
#include "engine/cells/double_cell.h"
#include "engine/cells/language.h"
#include "engine/cells/pytorch.h"
#include "engine/cells/shipped.h"

using namespace unroll;

namespace {

constexpr int V = 5, H = 8, L = 2;

Json golden() {
  std::ifstream file(std::string(UNROLL_SOURCE_DIR) + "/tests/golden/cells.json");
  std::stringstream text;
  text << file.rdbuf();
  Json cells = Json::parse(text.str(), nullptr, false);
  REQUIRE_MESSAGE(cells.is_array(), "tests/golden/cells.json cannot be read");
  return cells;
}

std::string lines(const Json& list) {
  std::string text;
  for (const Json& line : list) text += (text.empty() ? "" : "\n") + line.get<std::string>();
  return text;
}

/// The mean loss over the text of make_cells.py, with its weights.
double loss_of(const std::shared_ptr<const CellGraph>& graph) {
  size_t next = 0;
  const auto weights = [&](uint64_t size) {
    std::vector<double> values(static_cast<size_t>(size));
    for (double& value : values) value = 0.5 * std::sin(1.7 * static_cast<double>(next++) + 0.3);
    return values;
  };
  std::vector<std::vector<double>> layers;
  std::vector<DoubleCell> cells;
  for (const int inputs : {V, H}) {
    layers.push_back(weights(parameter_count(*graph, H, inputs)));
    cells.emplace_back(graph, H, inputs);
  }
  const std::vector<double> decoder = weights(V * H), bias = weights(V);
  const auto id = [](size_t t) { return (t * t + t / 3) % V; };
  constexpr size_t length = 60;
  double sum = 0;
  for (size_t t = 0; t + 1 < length; ++t) {
    cells[0].step(layers[0].data(), {nullptr, static_cast<ptrdiff_t>(id(t))});
    for (size_t l = 1; l < L; ++l) cells[l].step(layers[l].data(), {cells[l - 1].h().data()});
    double all = 0, right = 0;
    for (size_t v = 0; v < V; ++v) {
      double logit = bias[v];
      for (size_t j = 0; j < H; ++j) logit += decoder[v * H + j] * cells[L - 1].h()[j];
      all += std::exp(logit);
      if (v == id(t + 1)) right = logit;
    }
    sum += std::log(all) - right;
  }
  return sum / static_cast<double>(length - 1);
}

}  // namespace

TEST_CASE("cells in PyTorch: its losses are ours, and the module is the one that gave them") {
  const Json cells = golden();
  CHECK(cells.size() == 6);
  for (const Json& cell : cells) {
    const std::string name_or_text = cell["cell"];
    const bool is_own = name_or_text.find('\n') != std::string::npos;
    const auto graph = is_own ? graph_of_text(name_or_text) : graph_of(name_or_text);
    REQUIRE(graph);
    CAPTURE(graph->name);
    CHECK(std::abs(loss_of(graph) - cell["loss"].get<double>()) < 1e-5);
    CHECK(pytorch_text(*graph, {V, H, L, 0}) == lines(cell["module"]));
  }
}

TEST_CASE(
    "cells in PyTorch: whatever names and comments a cell has, they end no comment and hide nothing of "
    "Python's") {
  const CellReading reading = read_cell(
      "cell a \"\\\"  # \"\"\" \\\nstate h, torch\nlambda = lin(x) + F # \x0c\nF = tanh(h[t-1]) / w\nw = "
      "2\ntorch = F\n"
      "torch_ = torch[t-1]\nh = lambda + torch_ + h_before\nh_before = mat(x)\n");
  REQUIRE(reading.graph);
  const std::string text = pytorch_text(*reading.graph, {V, H, 1, 4});
  for (const std::string line :
       {"\n#   cell a \"\\\"  # \"\"\" \\\n",
        "\n    # \\u000C\n    lambda_ = F.linear(x, w.weight_ih[0], w.bias_ih[0]) + F_\n",
        "\n    h_before_ = before[\"h\"]\n", "\n    w_ = 2\n", "\n    F_ = torch.tanh(h_before_) / w_\n",
        "\n    torch_ = F_\n", "\n    torch__ = torch_before\n",
        "vocabulary=5, hidden=8, layers=1, embedding=4"}) {
    CAPTURE(line);
    CHECK(text.find(line) != std::string::npos);
  }
}
