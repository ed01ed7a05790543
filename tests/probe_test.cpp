#include "engine/probe.h"

#include <cmath>

#include "tests/engine_fixture.h"

using namespace unroll;

namespace {

struct Probed {
  Vocabulary vocabulary = Vocabulary::of(U"abcdefg");
  Model model;
  explicit Probed(LaneSpec spec = {.cell = Cell::gru, .hidden = 9, .layers = 2})
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
