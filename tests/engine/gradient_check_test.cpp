// The gradient check of the running model: its differences are the reference's derivatives, and it finds a
// wrong gradient.
#include "engine/probes/gradient_check.h"

#include "tests/engine/engine_fixture.h"

using namespace unroll;

TEST_CASE(
    "Gradient check: backward pass and finite differences agree, and both are the reference's gradient") {
  for (const testing::Case& one : testing::every_cell_and_option(7)) {
    CAPTURE(one.name);
    Model model = std::move(*Model::create(one.spec, 9, 3));
    Random random(5);
    const auto ids = testing::random_ids(random, 30, 9);
    GradientCheck check(model, ids, 60, 11);
    while (!check.advance()) continue;
    REQUIRE(check.samples().size() == 60);
    CHECK(check.error() < 1e-5);
    CHECK(check.error() > 0);

    reference::Model twin = testing::twin_of(model);
    LaneSpec spec = one.spec;
    spec.dropout = 0;
    reference::Model gradients = reference::make_model(spec, 9);
    const auto pass = reference::forward(twin, std::span(ids).first(29), std::span(ids).subspan(1),
                                         reference::zero_state(twin));
    reference::backward(twin, pass, reference::Vector(29, 1.0 / 29), gradients);
    const auto tensors = reference::tensors(gradients);
    std::vector<size_t> seen(tensors.size());
    int telling = 0;  // where the gradient is not 0
    for (const GradientSample& sample : check.samples()) {
      const auto block = static_cast<size_t>(sample.block);
      ++seen.at(block);
      CHECK(model.blocks()[block].name == tensors[block].name);
      const double expected = tensors[block].values->at(sample.index);
      CHECK(std::abs(sample.difference - expected) < 1e-9);
      CHECK(std::abs(sample.backward - expected) < 1e-6);
      telling += std::abs(expected) > 1e-9;
    }
    for (const size_t samples : seen) CHECK(samples >= 60 / tensors.size());
    CHECK(telling > 40);
  }
}

TEST_CASE("Gradient check: reproducible, changes nothing of the model, and goes on while that learns") {
  Model model = std::move(*Model::create({.cell = "gru", .hidden = 6}, 5, 3));
  Random random(5), dropout(1);
  const auto ids = testing::random_ids(random, 20, 5);
  const auto workspace = model.make_workspace(19, 1);
  RecurrentState state = model.make_state(1);
  const std::span<const int32_t> all = ids;
  model.forward_backward(*workspace, all.first(19), all.subspan(1), state, dropout);
  const std::vector<float> parameters(model.parameters().begin(), model.parameters().end());
  const std::vector<float> gradients(model.gradients().begin(), model.gradients().end());

  GradientCheck first(model, ids, 12, 7), second(model, ids, 12, 7), other(model, ids, 12, 8);
  CHECK(std::ranges::equal(parameters, model.parameters()));
  CHECK(std::ranges::equal(gradients, model.gradients()));
  while (!first.advance() || !other.advance()) continue;
  for (float& value : model.parameters()) value += 0.5f;
  model.parameters_changed();
  while (!second.advance()) continue;
  bool same = true;
  for (size_t n = 0; n < 12; ++n) {
    CHECK(first.samples()[n].index == second.samples()[n].index);
    CHECK(first.samples()[n].backward == second.samples()[n].backward);
    CHECK(first.samples()[n].difference == second.samples()[n].difference);
    same = same && first.samples()[n].index == other.samples()[n].index;
  }
  CHECK(!same);
}
