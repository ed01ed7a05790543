#include "engine/probes/probe.h"

#include <cmath>

#include "tests/engine/engine_fixture.h"

using namespace unroll;

namespace {

struct Probed {
  Vocabulary vocabulary = Vocabulary::of(U"abcdefg");
  Model model;
  explicit Probed(LaneSpec spec = {.cell = "gru", .hidden = 9, .layers = 2})
      : model(std::move(*Model::create(spec, 7, 3))) {}
};

}  // namespace

TEST_CASE(
    "Surprise probe: losses and best predictions are the reference's, also over a text of several slices") {
  Probed probed;
  std::u32string text;
  Random random(1);
  for (int i = 0; i < 600; ++i) text += static_cast<char32_t>(U'a' + random.below(7));
  const SurpriseProbe probe = probe_surprise(probed.model, probed.vocabulary, text, 3);
  CHECK(probe.text == text);
  CHECK(probe.unknown.empty());
  REQUIRE(probe.top == 3);
  REQUIRE(probe.loss.size() == 600);
  REQUIRE(probe.top_ids.size() == 1800);

  const reference::Model twin = testing::twin_of(probed.model);
  const auto ids = probed.vocabulary.encode(text).ids;
  const auto pass = reference::forward(twin, std::span(ids).first(599), std::span(ids).subspan(1),
                                       reference::zero_state(twin));
  CHECK(std::isnan(probe.loss[0]));
  CHECK(std::isnan(probe.top_probs[0]));
  for (size_t n = 1; n < 600; ++n) {
    CHECK(std::abs(probe.loss[n] - pass.losses[n - 1]) < 1e-5);
    std::vector<double> sorted = pass.probabilities[n - 1];
    std::ranges::sort(sorted, std::greater());
    for (size_t k = 0; k < 3; ++k) {
      CHECK(std::abs(probe.top_probs[n * 3 + k] - sorted[k]) < 1e-5);
      const auto id = static_cast<size_t>(probe.top_ids[n * 3 + k]);
      CHECK(std::abs(pass.probabilities[n - 1].at(id) - sorted[k]) < 1e-5);
    }
  }
}

TEST_CASE("Surprise probe: unknown characters are left out and told; tiny texts and large K are fine") {
  Probed probed;
  const SurpriseProbe probe = probe_surprise(probed.model, probed.vocabulary, U"aXbYX", 99);
  CHECK(probe.text == U"ab");
  CHECK(probe.unknown == U"XY");
  CHECK(probe.top == 7);
  CHECK(probe.loss.size() == 2);
  CHECK(probe_surprise(probed.model, probed.vocabulary, U"", 3).loss.empty());
  CHECK(probe_surprise(probed.model, probed.vocabulary, U"a", 3).loss.size() == 1);
  CHECK(probe_surprise(probed.model, probed.vocabulary, U"ab", 0).top_ids.empty());
}

TEST_CASE("Surprise probe: it changes neither parameters nor gradients") {
  Probed probed;
  Random random(2);
  const auto ids = testing::random_ids(random, 8, 7);
  const auto workspace = probed.model.make_workspace(8, 1);
  RecurrentState state = probed.model.make_state(1);
  probed.model.forward_backward(*workspace, ids, ids, state, random);
  const std::vector<float> parameters(probed.model.parameters().begin(), probed.model.parameters().end());
  const std::vector<float> gradients(probed.model.gradients().begin(), probed.model.gradients().end());
  probe_surprise(probed.model, probed.vocabulary, U"abcabc", 2);
  CHECK(std::ranges::equal(parameters, probed.model.parameters()));
  CHECK(std::ranges::equal(gradients, probed.model.gradients()));
}

TEST_CASE("Activation probe: every gate and state of every layer and unit is the reference's") {
  for (const std::string cell : {"rnn", "lstm", "gru"}) {
    CAPTURE(cell);
    Probed probed({.cell = cell, .hidden = 6, .layers = 2, .dropout = 0.5});
    std::u32string text;
    Random random(4);
    for (int i = 0; i < 300; ++i) text += static_cast<char32_t>(U'a' + random.below(7));
    const ActivationProbe probe = probe_activations(probed.model, probed.vocabulary, text + U"?");
    CHECK(probe.text == text);
    CHECK(probe.unknown == U"?");
    REQUIRE(probe.layers.size() == 2);

    const reference::Model twin = testing::twin_of(probed.model);
    const auto ids = probed.vocabulary.encode(text).ids;
    const auto pass = reference::forward(twin, ids, ids, reference::zero_state(twin));
    for (size_t l = 0; l < 2; ++l) {
      std::vector<double> h, c;
      const std::string gates = cell == "lstm" ? "ifgo" : cell == "gru" ? "rzn" : "";
      std::vector<std::vector<double>> of_gates(gates.size());
      for (const auto& steps : pass.steps) {
        h.insert(h.end(), steps[l].after.h.begin(), steps[l].after.h.end());
        c.insert(c.end(), steps[l].after.c.begin(), steps[l].after.c.end());
        for (size_t g = 0; g < gates.size(); ++g) {
          const auto from = steps[l].gates.begin() + static_cast<ptrdiff_t>(g * 6);
          of_gates[g].insert(of_gates[g].end(), from, from + 6);
        }
      }
      const int layer = static_cast<int>(l);
      CHECK(probe.names.size() == gates.size() + (cell == "lstm" ? 2 : 1));
      CHECK(testing::compare(probe.values(layer, "h"), h).difference < 2e-6);
      if (cell == "lstm") CHECK(testing::compare(probe.values(layer, "c"), c).difference < 2e-6);
      for (size_t g = 0; g < gates.size(); ++g)
        CHECK(testing::compare(probe.values(layer, {&gates[g], 1}), of_gates[g]).difference < 2e-6);
    }
  }
}

TEST_CASE("Activation probe: of an empty text there is nothing, and that is fine") {
  const ActivationProbe probe = probe_activations(Probed().model, Probed().vocabulary, U"");
  CHECK(probe.values(1, "h").empty());
  CHECK(saturation({}, 9).open == std::vector<float>(9));
}

TEST_CASE("Saturation: shares of the text with a gate below 0.1 and above 0.9, unit by unit") {
  const std::vector<float> r{0.05f, 0.5f, 0.05f, 0.5f, 0.20f, 0.5f, 0.99f, 0.5f},
      z{0.95f, 0.91f, 0.95f, 0.09f, 0.95f, 0.09f, 0.95f, 0.50f};
  CHECK(saturation(r, 2).closed == std::vector<float>{0.5f, 0});
  CHECK(saturation(r, 2).open == std::vector<float>{0.25f, 0});
  CHECK(saturation(z, 2).closed == std::vector<float>{0, 0.5f});
  CHECK(saturation(z, 2).open == std::vector<float>{1, 0.25f});
}

TEST_CASE("Gradient flow: norms of every state and input at every lag are the reference's") {
  for (const std::string cell : {"rnn", "lstm", "gru"})
    for (const int embedding : {0, 4}) {
      CAPTURE(cell);
      CAPTURE(embedding);
      Probed probed({.cell = cell, .hidden = 8, .layers = 2, .embedding = embedding});
      Random random(6);
      const auto ids = testing::random_ids(random, 40, 7);
      const std::vector<int> positions{7, 39, 1, 20, 39};
      const int most = 25;
      const auto flows = probe_gradient_flow(probed.model, ids, positions, most);
      REQUIRE(flows.size() == positions.size());

      const reference::Model twin = testing::twin_of(probed.model);
      const auto pass = reference::forward(twin, std::span(ids).first(39), std::span(ids).subspan(1),
                                           reference::zero_state(twin));
      const auto norm = [](const reference::Vector& x) {
        return std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0));
      };
      for (size_t p = 0; p < positions.size(); ++p) {
        const auto last = static_cast<size_t>(positions[p] - 1);
        reference::Vector weight(39);
        weight[last] = 1;
        reference::Model unused = reference::make_model(probed.model.spec(), 7);
        const auto expected = reference::backward(twin, pass, weight, unused);
        const GradientFlow& flow = flows[p];
        CHECK(flow.position == positions[p]);
        REQUIRE(flow.lags == std::min(positions[p], most));
        const size_t K = static_cast<size_t>(flow.lags);
        for (size_t k = 0; k < K; ++k) {
          for (size_t l = 0; l < 2; ++l) {
            const reference::State& state = expected.d_state[last - k][l];
            REQUIRE(flow.states.size() == (cell == "lstm" ? 2 : 1));
            CHECK(flow.states.back()[l * K + k] == doctest::Approx(norm(state.h)).epsilon(1e-4));
            if (cell == "lstm")
              CHECK(flow.states.front()[l * K + k] == doctest::Approx(norm(state.c)).epsilon(1e-4));
          }
          CHECK(flow.input[k] == doctest::Approx(norm(expected.d_input[last - k])).epsilon(1e-4));
        }
      }
    }
}

TEST_CASE("Memory horizon: an lstm whose forget gate is always 0.9 forgets to 1% in 43.7 characters") {
  Probed probed({.cell = "lstm", .hidden = 5});
  // W_hh = 0 and b_f = log 9, so f = 0.9 whatever is read: the gradient of c falls by 0.9 a character, and
  // 0.9^43.7 = 0.01.
  for (const ParameterBlock& block : probed.model.blocks()) {
    const auto values = probed.model.parameters().subspan(block.offset, block.size());
    if (block.name == "rnn.weight_hh_l0") std::ranges::fill(values, 0.0f);
    if (block.name == "rnn.weight_ih_l0") std::ranges::fill(values.subspan(5 * 7, 5 * 7), 0.0f);
    if (block.name == "rnn.bias_ih_l0") std::ranges::fill(values.subspan(5, 5), std::log(9.0f));
    if (block.name == "rnn.bias_hh_l0") std::ranges::fill(values.subspan(5, 5), 0.0f);
  }
  probed.model.parameters_changed();
  Random random(7);
  const auto ids = testing::random_ids(random, 300, 7);
  const MemoryHorizon horizon = probe_memory_horizon(probed.model, ids, 100, 20);
  CHECK(horizon.reached);
  CHECK(horizon.positions == 20);
  CHECK(horizon.characters == doctest::Approx(std::log(0.01) / std::log(0.9)).epsilon(1e-3));
  CHECK(horizon.influence[10] == doctest::Approx(std::pow(0.9, 10)).epsilon(1e-4));

  const MemoryHorizon short_look = probe_memory_horizon(probed.model, ids, 30, 20);
  CHECK(!short_look.reached);
  CHECK(short_look.characters == 29);
}

TEST_CASE("Memory horizon: texts too short to have one") {
  Probed probed;
  CHECK(probe_memory_horizon(probed.model, std::vector<int32_t>{}).characters == 0);
  CHECK(probe_memory_horizon(probed.model, std::vector<int32_t>{1}).influence.empty());
  CHECK(probe_memory_horizon(probed.model, std::vector<int32_t>{1, 2}).influence.size() == 1);
}
