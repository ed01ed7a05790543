// Models of any cell: their parameters, first states and bounds, and that layers of derived plans are what layers of
// hand-written passes are.
#include "engine/cells/shipped.h"
#include "tests/engine/engine_fixture.h"

using namespace unroll;
using testing::compare;

namespace {

/// The text of a shipped cell as one's own: the same equations, which no pass is written for.
LaneSpec as_own(LaneSpec lane) {
  const auto graph = graph_of(lane);
  lane.equations = graph->text;
  const size_t at = lane.equations.find(graph->name);
  lane.equations.replace(at, graph->name.size(), "mine");
  lane.cell = "mine", lane.nonlinearity = Nonlinearity::tanh;
  return lane;
}

Model make(const LaneSpec& lane, int vocabulary = 11) {
  return std::move(*Model::create(lane, vocabulary, 4));
}

/// Plain gradient descent on one batch after the other, carrying the state on. The losses.
std::vector<double> learn(Model& model, int steps, int T, int B, double rate) {
  const auto workspace = model.make_workspace(T, B);
  RecurrentState state = model.make_state(B);
  Random ids(8), dropout(9);
  std::vector<double> losses;
  for (int step = 0; step < steps; ++step) {
    // Something to learn: the next character follows from this one.
    std::vector<int32_t> inputs = testing::random_ids(ids, static_cast<size_t>(T * B), model.vocabulary()),
                         targets = inputs;
    for (int32_t& target : targets) target = (3 * target + 1) % model.vocabulary();
    losses.push_back(model.forward_backward(*workspace, inputs, targets, state, dropout));
    for (size_t i = 0; i < model.parameters().size(); ++i)
      model.parameters()[i] -= static_cast<float>(rate) * model.gradients()[i];
    model.keep_bounds();
    model.parameters_changed();
  }
  return losses;
}

}  // namespace

TEST_CASE("Any cell: rnn, lstm and gru from their equations learn as by hand, in every kind of layer") {
  std::vector<LaneSpec> lanes;
  for (const char* cell : {"rnn", "lstm", "gru"}) {
    lanes.push_back({.cell = cell, .hidden = 20});
    lanes.push_back({.cell = cell, .hidden = 13, .layers = 3, .embedding = 5, .dropout = 0.25});
    lanes.push_back({.cell = cell, .hidden = 10, .layers = 2, .init = Init::orthogonal});
  }
  lanes.push_back({.cell = "rnn", .hidden = 20, .layers = 2, .nonlinearity = Nonlinearity::relu});
  for (const LaneSpec& lane : lanes) {
    CAPTURE(lane.cell);
    CAPTURE(lane.layers);
    Model by_hand = make(lane);
    // What forget_bias and init say of a shipped cell is no matter of its equations, so the weights are taken over.
    Model derived = make(as_own(lane));
    REQUIRE(derived.blocks().size() == by_hand.blocks().size());
    std::ranges::copy(by_hand.parameters(), derived.parameters().begin());
    derived.parameters_changed();
    const auto right = learn(by_hand, 200, 7, 4, 0.3), found = learn(derived, 200, 7, 4, 0.3);
    CHECK(right.back() != right.front());
    double worst = 0;
    for (size_t i = 0; i < right.size(); ++i) worst = std::max(worst, std::abs(found[i] - right[i]));
    CHECK(worst < 1e-4);
  }
}

TEST_CASE("Any cell: every shipped one learns, and two layers in shards are those in one batch") {
  for (const ShippedCell& cell : shipped_cells()) {
    CAPTURE(std::string(cell.name));
    const LaneSpec lane{.cell = std::string(cell.name), .hidden = 12, .layers = 2};
    Model model = make(lane);
    CHECK(static_cast<int64_t>(model.parameters().size()) == parameter_count(lane, 11));

    Random ids(3), dropout(1);
    const auto inputs = testing::random_ids(ids, 30, 11), targets = testing::random_ids(ids, 30, 11);
    const auto workspace = model.make_workspace(6, 5);
    RecurrentState state = model.make_state(5);
    const double loss = model.forward_backward(*workspace, inputs, targets, state, dropout);
    REQUIRE(std::isfinite(loss));

    // Down the gradient of that batch, from the same first states: the loss falls.
    double last = loss;
    for (int step = 0; step < 10; ++step) {
      for (size_t i = 0; i < model.parameters().size(); ++i)
        model.parameters()[i] -= 0.05f * model.gradients()[i];
      model.keep_bounds();
      model.parameters_changed();
      model.restart(state);
      last = model.forward_backward(*workspace, inputs, targets, state, dropout);
    }
    CHECK(last < loss);
  }
}

TEST_CASE("Any cell: states begin, parameters are drawn and bounds hold as its file says") {
  const Model slstm = make({.cell = "slstm", .hidden = 8});
  RecurrentState state = slstm.make_state(3);
  REQUIRE(state.states.size() == 4);
  for (const float m : state.states[2]) CHECK(m == -1e9f);
  for (const float c : state.states[0]) CHECK(c == 0.0f);
  state.states[2][5] = 7;
  slstm.restart(state);
  CHECK(state.states[2][5] == -1e9f);

  const auto values = [](const Model& model, const char* name) {
    const ParameterBlock& block = model.block(name);
    return std::vector<float>(
        model.parameters().begin() + static_cast<ptrdiff_t>(block.offset),
        model.parameters().begin() + static_cast<ptrdiff_t>(block.offset + block.size()));
  };
  const Model irnn = make({.cell = "irnn", .hidden = 5});
  const auto identity = values(irnn, "rnn.weight_hh_l0");
  for (size_t i = 0; i < 25; ++i) CHECK(identity[i] == (i % 6 == 0 ? 1.0f : 0.0f));

  const LaneSpec own{
      .cell = "mine",
      .hidden = 6,
      .equations =
          "cell mine\nstate c, h\nf = sigmoid(lin(x) + heads(2, mat(h[t-1])))\n"
          "i = sigmoid(lin(x))\nc = f * c[t-1] + i * diag(c[t-1])\nh = tanh(c)\n"
          "init weight_heads2_hh = orthogonal\ninit f.bias = chrono(100)\ninit i.bias = -chrono(100)\n"
          "bound weight_diag_c in [-0.1, 0.2]\n"};
  Model mine = make(own);
  const auto squares = values(mine, "rnn.weight_heads2_hh_l0");  // (6, 3): two squares, one below the other
  for (size_t head = 0; head < 2; ++head)
    for (size_t a = 0; a < 3; ++a)
      for (size_t b = 0; b < 3; ++b) {
        double dot = 0;
        for (size_t j = 0; j < 3; ++j)
          dot += static_cast<double>(squares[(head * 3 + a) * 3 + j]) *
                 static_cast<double>(squares[(head * 3 + b) * 3 + j]);
        CHECK(std::abs(dot - (a == b ? 1 : 0)) < 1e-6);
      }
  const auto bias = values(mine, "rnn.bias_ih_l0");
  for (size_t j = 0; j < 6; ++j) {
    CHECK(bias[j] >= 0.0f);
    CHECK(bias[j] <= std::log(99.0f));
    CHECK(bias[6 + j] == -bias[j]);
  }
  const ParameterBlock& diagonal = mine.block("rnn.weight_diag_c_l0");
  for (size_t j = 0; j < 6; ++j) mine.parameters()[diagonal.offset + j] = static_cast<float>(j) - 3;
  mine.keep_bounds();
  CHECK(values(mine, "rnn.weight_diag_c_l0") == std::vector<float>{-0.1f, -0.1f, -0.1f, 0.0f, 0.2f, 0.2f});
}
