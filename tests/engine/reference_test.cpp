// The reference is the oracle of the engine; finite differences are the oracle of the reference: for every
// parameter p of a small model, ∂L/∂p ≈ (L(p + ε) − L(p − ε)) / 2ε.
#include "tests/engine/engine_fixture.h"
#include "tests/reference/model.h"

namespace unroll::reference {
namespace {

constexpr size_t V = 5, H = 4, T = 6;
constexpr double step = 1e-5;
// The formula's own error is ε² L‴/6 ≈ 1e-10, rounding adds 1e-16 · L/ε ≈ 1e-11; gradients here are about
// 0.1.
constexpr double tolerance = 1e-8;

struct Setting {
  Model model;
  std::vector<int32_t> inputs, targets;
  std::vector<State> start;
  std::vector<std::vector<Vector>> masks;
  Vector weight;

  explicit Setting(const LaneSpec& spec, uint64_t seed) : model(make_model(spec, V)) {
    Random random(seed);
    for (const NamedTensor& tensor : tensors(model))
      for (double& value : *tensor.values) value = 0.6 * random.normal();
    inputs = testing::random_ids(random, T, V);
    targets = testing::random_ids(random, T, V);
    start = zero_state(model);
    for (State& state : start) {
      for (double& value : state.h) value = 0.5 * random.normal();
      for (double& value : state.c) value = random.normal();
    }
    for (int l = 1; l < spec.layers && spec.dropout > 0; ++l) {
      masks.emplace_back(T, Vector(H));
      for (Vector& mask : masks.back())
        for (double& factor : mask) factor = random.uniform() < spec.dropout ? 0 : 1 / (1 - spec.dropout);
    }
    for (size_t t = 0; t < T; ++t) weight.push_back(random.uniform(0.1f, 1.0f));
  }

  double loss() const {
    const SequencePass pass = forward(model, inputs, targets, start, masks);
    double sum = 0;
    for (size_t t = 0; t < T; ++t) sum += weight[t] * pass.losses[t];
    return sum;
  }
};

template <class Loss>
double slope(double& value, const Loss& loss) {
  const double saved = value;
  value = saved + step;
  const double above = loss();
  value = saved - step;
  const double below = loss();
  value = saved;
  return (above - below) / (2 * step);
}

}  // namespace

TEST_CASE("Reference: gradients of every parameter equal finite differences, for every cell and option") {
  for (const testing::Case& one : testing::every_cell_and_option(static_cast<int>(H))) {
    CAPTURE(one.name);
    Setting setting(one.spec, 11);
    Model gradients = make_model(one.spec, V);
    const SequencePass pass =
        forward(setting.model, setting.inputs, setting.targets, setting.start, setting.masks);
    backward(setting.model, pass, setting.weight, gradients);
    const auto expected = tensors(setting.model), found = tensors(gradients);
    double largest_error = 0;
    for (size_t i = 0; i < expected.size(); ++i)
      for (size_t j = 0; j < expected[i].values->size(); ++j) {
        const double difference = slope((*expected[i].values)[j], [&] { return setting.loss(); });
        largest_error = std::max(largest_error, std::abs(difference - (*found[i].values)[j]));
      }
    CHECK(largest_error < tolerance);
  }
}

TEST_CASE("Reference: the flow through time equals finite differences of the state and of the input") {
  for (const std::string cell : {"rnn", "lstm", "gru"}) {
    CAPTURE(cell);
    const LaneSpec spec{.cell = cell, .hidden = static_cast<int>(H), .embedding = 3};
    Setting setting(spec, 12);
    setting.weight.assign(T, 0.0);
    setting.weight.back() = 1;
    Model gradients = make_model(spec, V);
    const SequencePass pass = forward(setting.model, setting.inputs, setting.targets, setting.start);
    const SequenceFlow flow = backward(setting.model, pass, setting.weight, gradients);
    for (size_t t = 0; t + 1 < T; ++t) {
      std::vector<State> state{pass.steps[t][0].after};
      const auto last_loss = [&] {
        return forward(setting.model, std::span(setting.inputs).subspan(t + 1),
                       std::span(setting.targets).subspan(t + 1), state)
            .losses.back();
      };
      for (size_t j = 0; j < H; ++j)
        CHECK(std::abs(slope(state[0].h[j], last_loss) - flow.d_state[t][0].h[j]) < tolerance);
      if (cell != "lstm") continue;
      for (size_t j = 0; j < H; ++j) {
        const double o = pass.steps[t][0].gates[3 * H + j];
        const auto loss_through_h_too = [&] {
          state[0].h[j] = o * std::tanh(state[0].c[j]);
          return last_loss();
        };
        CHECK(std::abs(slope(state[0].c[j], loss_through_h_too) - flow.d_state[t][0].c[j]) < tolerance);
        state[0] = pass.steps[t][0].after;
      }
    }
    // With each character used once, the gradient of an input is the gradient of its embedding.
    setting.inputs = {0, 1, 2, 3, 4, 0};
    Model again = make_model(spec, V);
    const SequencePass distinct = forward(setting.model, setting.inputs, setting.targets, setting.start);
    const SequenceFlow inputs = backward(setting.model, distinct, setting.weight, again);
    for (size_t t = 1; t < 5; ++t)
      for (size_t j = 0; j < 3; ++j) CHECK(inputs.d_input[t][j] == again.embedding(t, j));
  }
}

TEST_CASE("Reference: an lstm with open forget gate and closed input gate keeps its cell state") {
  LayerWeights weights{
      .w_ih = Matrix(4, 1), .w_hh = Matrix(4, 1), .b_ih = {-50, 50, 0.3, 0}, .b_hh = Vector(4)};
  const CellStep kept = lstm_forward(weights, {1.0}, {.h = {0.2}, .c = {0.7}});
  CHECK(kept.after.c[0] == doctest::Approx(0.7));
  CHECK(kept.after.h[0] == doctest::Approx(0.5 * std::tanh(0.7)));
  weights.b_ih[1] = -50;
  CHECK(lstm_forward(weights, {1.0}, {.h = {0.2}, .c = {0.7}}).after.c[0] == doctest::Approx(0.0));
}

}  // namespace unroll::reference
