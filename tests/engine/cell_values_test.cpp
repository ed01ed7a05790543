// What the shipped cells compute, step by step in double precision: against numbers computed by others, against loops of
// scalars (tests/reference), and what interventions and states do.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/cells/double_cell.h"
#include "engine/cells/shipped.h"
#include "tests/reference/cells.h"
#include "tests/reference/other_cells.h"

using namespace unroll;
using reference::CellStates;
using reference::CellTensors;
using reference::Vector;

namespace {

/// A shipped cell with one input and one unit (or the fewest it can have, all alike), whose weights are given by tensor: a
/// number a block. What is not given is 0.
struct Scalar {
  std::shared_ptr<const CellGraph> graph;
  int inputs, hidden;
  std::vector<double> parameters;
  DoubleCell cell;

  Scalar(const char* name, int number_of_inputs, const std::map<std::string, std::vector<double>>& blocks)
      : graph(graph_of(name)),
        inputs(number_of_inputs),
        hidden(hidden_multiple(*graph)),
        parameters(static_cast<size_t>(parameter_count(*graph, hidden, inputs))),
        cell(graph, hidden, inputs) {
    const std::vector<size_t> offsets = tensor_offsets(*graph, hidden, inputs);
    for (const auto& [tensor, values] : blocks) {
      const auto found = std::ranges::find(graph->tensors, tensor, &CellTensor::name);
      REQUIRE(found != graph->tensors.end());
      const size_t H = static_cast<size_t>(hidden);
      const size_t width =
          found->shape == CellTensor::Shape::matrix_of_input ? static_cast<size_t>(inputs) : 1;
      const size_t per_block = static_cast<size_t>(found->block_size(hidden, inputs));
      REQUIRE(per_block == H * width);
      REQUIRE(values.size() == static_cast<size_t>(found->blocks) * width);
      double* at = &parameters[offsets[static_cast<size_t>(found - graph->tensors.begin())]];
      for (size_t block = 0; block < static_cast<size_t>(found->blocks); ++block)
        for (size_t j = 0; j < H; ++j)
          for (size_t i = 0; i < width; ++i) *at++ = values[block * width + i];
    }
  }

  double read(std::vector<double> x) {
    cell.step(parameters.data(), {x.data()});
    return cell.h()[0];
  }
  double value(const char* equation) const { return cell.value(equation)[0]; }
};

constexpr double six_digits = 5.1e-7;  // to which the right values are known

bool near(double a, double b, double difference = six_digits) { return std::abs(a - b) <= difference; }

/// A model's worth of random weights, from −1 to 1, by tensor and in one array.
struct RandomCell {
  std::shared_ptr<const CellGraph> graph;
  int hidden, inputs;
  std::vector<double> parameters;
  CellTensors tensors;

  RandomCell(const std::string& name, int number_of_units, int number_of_inputs, Random& random)
      : graph(graph_of(name)), hidden(number_of_units), inputs(number_of_inputs) {
    for (const CellTensor& tensor : graph->tensors) {
      Vector values(static_cast<size_t>(tensor.size(hidden, inputs)));
      for (double& value : values) value = static_cast<double>(random.uniform(-1, 1));
      parameters.insert(parameters.end(), values.begin(), values.end());
      tensors[tensor.name] = values;
    }
  }
};

Vector random_vector(Random& random, int size) {
  Vector v(static_cast<size_t>(size));
  for (double& value : v) value = random.normal();
  return v;
}

double largest_difference(std::span<const double> a, const Vector& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (size_t i = 0; i < b.size(); ++i) {
    CHECK(std::isfinite(a[i]));
    largest = std::max(largest, std::abs(a[i] - b[i]));
  }
  return largest;
}

}  // namespace

TEST_CASE("cell values: every shipped cell is read, has its name, a title and a source") {
  CHECK(shipped_cells().size() == 16);
  for (const ShippedCell& cell : shipped_cells()) {
    CAPTURE(cell.name);
    REQUIRE(cell.graph);
    CHECK(cell.graph->name == cell.name);
    CHECK(!cell.graph->title.empty());
    CHECK(!cell.graph->help.empty());
    CHECK(cell.graph->text == cell.text);
    CHECK(graph_of(cell.name) == cell.graph);
    CHECK(graph_of_text(cell.text) == cell.graph);
  }
  CHECK(graph_of("elman") == nullptr);
  CHECK(graph_of_text("cell a") == nullptr);
  const char* own = "cell a\nstate h\nh = lin(x)\n";
  CHECK(graph_of_text(own) == graph_of_text(std::string(own)));
}

TEST_CASE("cell values: lstm, its ancestors and its variants give the right values") {
  // i = σ(.5x + .1h), f = σ(.2x − .3h + 1), g = tanh(.7x + .4h), o = σ(−.1x + .6h); x = 1, −1, .5
  const auto check = [](Scalar cell, double h, double c) {
    cell.read({1});
    cell.read({-1});
    CHECK(near(cell.read({.5}), h));
    CHECK(near(cell.value("c"), c));
  };
  check({"lstm",
         1,
         {{"weight_ih", {.5, .2, .7, -.1}}, {"weight_hh", {.1, -.3, .4, .6}}, {"bias_ih", {0, 1, 0, 0}}}},
        .108813, .225368);
  check({"lstm1997", 1, {{"weight_ih", {.5, .7, -.1}}, {"weight_hh", {.1, .4, .6}}}}, .177384, .370219);
  check({"cifg", 1, {{"weight_ih", {.2, .7, -.1}}, {"weight_hh", {-.3, .4, .6}}, {"bias_hh", {1, 0, 0}}}},
        .005857, .012193);
  check({"peephole",
         1,
         {{"weight_ih", {.5, .2, .7, -.1}},
          {"weight_hh", {.1, -.3, .4, .6}},
          {"bias_ih", {0, 1, 0, 0}},
          {"weight_diag_c", {.3, -.2}},
          {"weight_diag_of_c", {.4}}}},
        .104794, .208386);
}

TEST_CASE("cell values: indrnn gives the right values") {
  Scalar cell("indrnn", 1, {{"weight_ih", {.7}}, {"weight_diag_h", {.9}}, {"bias_ih", {.1}}});
  cell.read({1});
  cell.read({-1});
  CHECK(near(cell.read({.5}), .558));
  CHECK(cell.graph->bounds.size() == 1);
  CHECK(near(cell.graph->bounds[0].high, std::pow(2.0, 1.0 / 100)));
  CHECK(near(cell.graph->bounds[0].low, -std::pow(2.0, 1.0 / 100)));
}

TEST_CASE("cell values: slstm gives the right values, and stays finite where an exponential would overflow") {
  // Inputs are the pre-activations i, f, z, o themselves.
  const std::map<std::string, std::vector<double>> weights = {
      {"weight_ih", {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}}};
  Scalar cell("slstm", 4, weights);
  CHECK(near(cell.read({1, 2, .5, 0}), .231059));
  CHECK(near(cell.read({-1, 1, -.3, 1}), .251797));
  CHECK(near(cell.read({3, -1, .8, -1}), .175959));
  Scalar extreme("slstm", 4, weights);
  CHECK(near(extreme.read({800, 2, .5, 0}), .231059));
  CHECK(near(extreme.read({-800, 1, -.3, 1}), .337835));
  Scalar low("slstm", 4, weights);
  CHECK(near(low.read({-800, 2, .5, 0}), .231059));  // the first step counts alone, however small
}

TEST_CASE("cell values: mingru and minlstm give the right values") {
  const std::map<std::string, std::vector<double>> two = {{"weight_ih", {1, 0, 0, 1}}};
  Scalar gru("mingru", 2, two);
  CHECK(near(gru.read({.3, -1}), -.574443));
  CHECK(near(gru.read({-.7, 2}), .279789));
  CHECK(near(gru.read({1.2, .4}), .372174));
  Scalar lstm("minlstm", 3, {{"weight_ih", {1, 0, 0, 0, 1, 0, 0, 0, 1}}});
  CHECK(near(lstm.read({1, 0, .5}), .203077));
  CHECK(near(lstm.read({0, 1, -.5}), -.214442));
  CHECK(near(lstm.read({2, -1, 1}), .069635));
}

TEST_CASE("cell values: gru and gru_before give the right candidates") {
  // r = .5, h = 1, U = 1 and a bias of 1: PyTorch's within the product with r, the paper's outside.
  Scalar after("gru", 1, {{"weight_hh", {0, 0, 1}}, {"bias_hh", {0, 0, 1}}});
  after.cell.state(0)[0] = 1;
  after.read({0});
  CHECK(near(after.value("n"), .761594));
  Scalar before("gru_before", 1, {{"weight_in_n", {1}}, {"bias_ih", {0, 0, 1}}});
  before.cell.state(0)[0] = 1;
  before.read({0});
  CHECK(near(before.value("n"), .905148));
}

TEST_CASE("cell values: lru gives the right eigenvalue and gain") {
  Scalar cell("lru", 1, {});
  cell.read({0});
  CHECK(near(cell.value("size"), .367879));
  CHECK(near(cell.value("gain"), .929873));
}

TEST_CASE("cell values: rnn, lstm and gru equal the textbook in every unit") {
  Random random(3);
  constexpr int H = 5, I = 3;
  for (const std::string name : {"rnn", "rnn_relu", "lstm", "gru"}) {
    CAPTURE(name);
    const RandomCell weights(name, H, I, random);
    const auto matrix = [&](const char* tensor, size_t columns) {
      const Vector& values = weights.tensors.at(tensor);
      reference::Matrix m(values.size() / columns, columns);
      m.values = values;
      return m;
    };
    const reference::LayerWeights twin{matrix("weight_ih", I), matrix("weight_hh", H),
                                       weights.tensors.at("bias_ih"), weights.tensors.at("bias_hh")};
    reference::State state{Vector(H), Vector(H)};
    DoubleCell cell(weights.graph, H, I);
    for (int t = 0; t < 5; ++t) {
      Vector x = random_vector(random, I);
      if (t == 3) x = {0, 1, 0};
      cell.step(weights.parameters.data(), t == 3 ? CellInput{nullptr, 1} : CellInput{x.data()});
      const auto step =
          name == "lstm" ? lstm_forward(twin, x, state)
          : name == "gru"
              ? gru_forward(twin, x, state)
              : rnn_forward(twin, name == "rnn" ? Nonlinearity::tanh : Nonlinearity::relu, x, state);
      state = step.after;
      CHECK(largest_difference(cell.h(), state.h) < 1e-13);
      if (name == "lstm") CHECK(largest_difference(cell.value("c"), state.c) < 1e-13);
      for (size_t gate = 0; gate < step.gates.size() / H; ++gate) {
        const Vector expected(step.gates.begin() + static_cast<ptrdiff_t>(gate * H),
                              step.gates.begin() + static_cast<ptrdiff_t>((gate + 1) * H));
        CHECK(largest_difference(cell.value(static_cast<int>(gate)), expected) < 1e-13);
      }
    }
  }
}

TEST_CASE("cell values: every other cell equals a loop of scalars") {
  Random random(5);
  constexpr int H = 8, I = 3;
  size_t compared = 0;
  for (const auto& [name, step] : reference::other_cells()) {
    CAPTURE(name);
    const RandomCell weights(name, H, I, random);
    DoubleCell cell(weights.graph, H, I);
    CellStates states;
    for (const CellState& state : weights.graph->states)
      states[state.name] = Vector(static_cast<size_t>(H * state.columns(H)), state.initial);
    for (int t = 0; t < 6; ++t) {
      const Vector x = random_vector(random, I);
      cell.step(weights.parameters.data(), {x.data()});
      states = step(weights.tensors, x, states);
      for (size_t s = 0; s < weights.graph->states.size(); ++s) {
        const CellState& state = weights.graph->states[s];
        CAPTURE(state.name);
        CHECK(largest_difference(cell.state(static_cast<int>(s)), states.at(state.name)) < 1e-11);
      }
    }
    ++compared;
  }
  CHECK(compared + 4 == shipped_cells().size());  // and rnn, rnn_relu, lstm and gru above
}

TEST_CASE("cell values: the mlstm reads back a value by its key, and stays finite whatever its gates say") {
  // Two units: x picks a pair of key and value, and then asks by the first key. Gates wide open and nothing forgotten.
  const auto graph = graph_of("mlstm");
  constexpr int H = 2, I = 3;
  const std::vector<size_t> offsets = tensor_offsets(*graph, H, I);
  std::vector<double> parameters(static_cast<size_t>(parameter_count(*graph, H, I)));
  const auto at = [&](const char* tensor, size_t index) -> double& {
    const auto found = std::ranges::find(graph->tensors, tensor, &CellTensor::name);
    REQUIRE(found != graph->tensors.end());
    return parameters[offsets[static_cast<size_t>(found - graph->tensors.begin())] + index];
  };
  const auto from_x = [&](size_t block, size_t unit, size_t input) -> double& {
    return at("weight_ih", (block * H + unit) * I + input);
  };
  from_x(0, 0, 2) = 1;                                                // q: the first key
  from_x(1, 0, 0) = from_x(1, 1, 1) = std::sqrt(2.0);                 // k: one unit for each pair
  from_x(2, 0, 0) = .25, from_x(2, 1, 0) = -.5, from_x(2, 0, 1) = 1;  // v: (.25, -.5) and (1, 0)
  for (const double forget : {40.0, 800.0}) {
    CAPTURE(forget);
    for (size_t j = 0; j < H; ++j) at("bias", 2 * H + j) = forget;
    DoubleCell cell(graph, H, I);
    for (const ptrdiff_t read : {0, 1, 2}) cell.step(parameters.data(), {nullptr, read});
    CHECK(near(cell.value("h")[0], .5 * .25));  // the output gate is a half
    CHECK(near(cell.value("h")[1], .5 * -.5));
    CHECK(near(cell.value("c")[0], .25));  // the first column is the first value, the second the other one
    CHECK(near(cell.value("c")[2], 1));
    CHECK(near(cell.value("n")[0], 1));
  }
  for (const double write : {800.0, -800.0})
    for (const double keep : {800.0, -800.0}) {
      CAPTURE(write);
      CAPTURE(keep);
      for (size_t j = 0; j < H; ++j) at("bias", H + j) = write, at("bias", 2 * H + j) = keep;
      DoubleCell cell(graph, H, I);
      for (const ptrdiff_t read : {0, 1, 2, 0}) {
        cell.step(parameters.data(), {nullptr, read});
        for (const CellEquation& equation : graph->equations)
          for (const double value : cell.value(equation.name)) CHECK(std::isfinite(value));
      }
    }
}

TEST_CASE("cell values: reset begins anew, and a step begins with the states that are set") {
  Random random(11);
  const RandomCell weights("slstm", 4, 2, random);
  const Vector x = random_vector(random, 2), other = random_vector(random, 2);
  DoubleCell cell(weights.graph, 4, 2), twin(weights.graph, 4, 2);
  CHECK(cell.state(2)[0] == -1e9);
  cell.step(weights.parameters.data(), {x.data()});
  const Vector first(cell.h().begin(), cell.h().end());
  cell.step(weights.parameters.data(), {other.data()});
  for (int s = 0; s < 4; ++s) std::ranges::copy(cell.state(s), twin.state(s).begin());
  for (DoubleCell* one : {&cell, &twin}) one->step(weights.parameters.data(), {x.data()});
  CHECK(largest_difference(cell.h(), Vector(twin.h().begin(), twin.h().end())) == 0);
  CHECK(largest_difference(twin.before(3), Vector(cell.before(3).begin(), cell.before(3).end())) == 0);
  cell.reset();
  cell.step(weights.parameters.data(), {x.data()});
  CHECK(largest_difference(cell.h(), first) == 0);
}

TEST_CASE(
    "cell values: an intervention replaces a value the moment it is computed, and what follows sees it") {
  Random random(13);
  constexpr int H = 3, I = 2;
  const RandomCell weights("lstm", H, I, random);
  const CellGraph& graph = *weights.graph;
  DoubleCell cell(weights.graph, H, I);
  const auto number = [&](const char* name) {
    return static_cast<int>(graph.equation(name) - graph.equations.data());
  };
  const int f = number("f"), i = number("i"), c = number("c"), h = number("h");
  const Vector x = random_vector(random, I), other = random_vector(random, I);
  double f_before = 0;
  cell.step(weights.parameters.data(), {x.data()},
            [&](int equation, size_t unit, double before, double computed) {
              if (equation == f || equation == h)
                CHECK(before == (equation == f ? computed : 0));  // the first step
              return equation == i && unit == 1 ? 1.0 : computed;
            });
  CHECK(cell.value("i")[1] == 1);
  CHECK(cell.value("c")[1] == cell.value("g")[1]);
  CHECK(cell.h()[1] == cell.value("o")[1] * std::tanh(cell.value("c")[1]));
  const double f_first = cell.value("f")[0], c_first = cell.value("c")[0];
  cell.step(weights.parameters.data(), {other.data()},
            [&](int equation, size_t unit, double before, double computed) {
              if (equation == f && unit == 0) f_before = before;
              if (equation == c && unit == 0) return before;  // frozen
              return equation == h && unit == 2 ? 0.0 : computed;
            });
  CHECK(f_before == f_first);
  CHECK(cell.value("c")[0] == c_first);
  CHECK(cell.state(0)[0] == c_first);
  CHECK(cell.h()[2] == 0);
}
