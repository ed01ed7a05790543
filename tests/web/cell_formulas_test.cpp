// Formulas as they are shown, from a cell's equations: in symbols, and with numbers put in.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>

#include "engine/cells/language.h"
#include "engine/cells/node_names.h"
#include "engine/cells/shipped.h"
#include "web/views/cell/formulas.h"

namespace unroll {
namespace {

const Quantity& quantity(const CellFormulas& formulas, std::string_view id) {
  const Quantity* found = formulas.find(id);
  REQUIRE(found != nullptr);
  return *found;
}

CellFormulas::Row rows(std::map<std::string, double, std::less<>> values) {
  return [values = std::move(values)](std::string_view name) {
    const auto found = values.find(name);
    return found == values.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
  };
}

}  // namespace

TEST_CASE("cell formulas: those of the lstm read as PyTorch's page writes them") {
  const CellFormulas& lstm = formulas_of(graph_of("lstm"));
  CHECK(quantity(lstm, "i").formula == "σ(W_{ii} x_t + b_{ii} + W_{hi} h_{t−1} + b_{hi})");
  CHECK(quantity(lstm, "x.f").formula == "W_{if} x_t + b_{if}");
  CHECK(quantity(lstm, "c").formula == "f_t · c_{t−1} + i_t · g_t");
  CHECK(quantity(lstm, "h").formula == "o_t · tanh(c_t)");
  CHECK(quantity(lstm, "keep").symbol == "f_t · c_{t−1}");
  CHECK(quantity(lstm, "write").words == "what is written into the memory");
  CHECK(quantity(lstm, "x.f").words == "what the input says to the forget gate");
  CHECK(quantity(lstm, "c_prev").formula.empty());
  CHECK(lstm.is_gate("f"));
  CHECK_FALSE(lstm.is_gate("g"));
}

TEST_CASE("cell formulas: brackets stand where they must, and only there") {
  CHECK(quantity(formulas_of(graph_of("gru")), "n").formula ==
        "tanh(W_{in} x_t + b_{in} + r_t · (W_{hn} h_{t−1} + b_{hn}))");
  CHECK(quantity(formulas_of(graph_of("gru_before")), "n").formula ==
        "tanh(W_{in} x_t + b_{in} + W_{hn} (r_t · h_{t−1}))");
  CHECK(quantity(formulas_of(graph_of("gru")), "h").formula == "(1 − z_t) · n_t + z_t · h_{t−1}");
  CHECK(quantity(formulas_of(graph_of("indrnn")), "h").formula ==
        "relu(W_{ih} x_t + b_{ih} + w_{hh} · h_{t−1})");
  CHECK(formulas_of(graph_of("gru")).is_gate("remain_z"));
  const auto own =
      read_cell("cell own\nstate h\na = lin(x)\nb = 1 - (a - h[t-1]) - -a\nh = a / (b * a) * 2\n");
  REQUIRE(own.graph);
  CHECK(quantity(formulas_of(own.graph), "b").formula == "1 − (a_t − h_{t−1}) − (−a_t)");
  CHECK(quantity(formulas_of(own.graph), "h").formula == "a_t / (b_t · a_t) · 2");
}

TEST_CASE("cell formulas: numbers are put in, and what is not told follows from what is") {
  const CellFormulas& lstm = formulas_of(graph_of("lstm"));
  const auto row =
      rows({{"x.i", 0.41}, {"u.i", -1.32}, {"f", 0.5}, {"c_prev", 2}, {"i", 0.25}, {"g", -0.4}, {"c", 0.9}});
  const auto [numbers, result] = lstm.with_numbers(quantity(lstm, "i"), row, 3);
  CHECK(numbers == "σ(0.410 + (−1.320))");
  CHECK(result == doctest::Approx(1 / (1 + std::exp(0.91))));
  CHECK(lstm.with_numbers(quantity(lstm, "c"), row, 2).first == "0.50 · 2.00 + 0.25 · (−0.40)");
  CHECK(lstm.value(quantity(lstm, "keep").node, row) == 1);
  CHECK(lstm.value(quantity(lstm, "tanh_c").node, row) == doctest::Approx(std::tanh(0.9)));
  CHECK(std::isnan(lstm.value(quantity(lstm, "o").node, row)));
}

TEST_CASE("cell formulas: in every shipped cell what has a name has one of its own, words and a formula") {
  for (const ShippedCell& cell : shipped_cells()) {
    CAPTURE(cell.name);
    const CellFormulas& formulas = formulas_of(cell.graph);
    std::set<std::string> ids;
    for (const Quantity& one : formulas.quantities()) {
      CAPTURE(one.id);
      CHECK(ids.insert(one.id).second);
      CHECK_FALSE(one.symbol.empty());
      CHECK_FALSE(one.words.empty());
      CHECK(one.formula.empty() == one.id.ends_with("_prev"));
      if (one.worked) CHECK_FALSE(formulas.operands(one).empty());
    }
    for (const CellEquation& equation : cell.graph->equations) CHECK(ids.contains(equation.name));
  }
}

}  // namespace unroll
