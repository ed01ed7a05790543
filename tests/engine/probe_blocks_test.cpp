// Norms of each parameter block against those of weights, gradients and updates that the test sees itself.
#include <cmath>

#include "engine/probes/blocks.h"
#include "tests/engine/trainer_fixture.h"

using namespace unroll;

namespace {

double norm(std::span<const float> x) {
  double sum = 0;
  for (const float value : x) sum += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(sum);
}

}  // namespace

TEST_CASE("Block probe: the update found again is the difference that the step made, for every optimizer") {
  for (const OptimizerKind kind :
       {OptimizerKind::sgd, OptimizerKind::rmsprop, OptimizerKind::adam, OptimizerKind::adamw})
    for (const double decay : {0.0, 0.05}) {
      CAPTURE(name(kind));
      CAPTURE(decay);
      const auto trainer = testing::make_trainer(testing::experiment_of(testing::counting_text(),
                                                                        {.cell = "gru", .hidden = 12},
                                                                        {.batch = 4,
                                                                         .seq_length = 16,
                                                                         .optimizer = kind,
                                                                         .rate = 0.02,
                                                                         .weight_decay = decay,
                                                                         .clip = 0.3,
                                                                         .schedule = Schedule::cosine,
                                                                         .steps = 20}));
      for (int step = 1; step <= 5; ++step) {
        const std::vector<float> before(trainer->model().parameters().begin(),
                                        trainer->model().parameters().end());
        REQUIRE(!trainer->step().diverged);
        trainer->set_clip(0.3 + 0.1 * step);  // what is set now must not count for the step before
        trainer->set_rate(0.02 + 0.001 * step);
        const std::vector<BlockProbe> probes = probe_blocks(*trainer);
        const std::span<const float> after = trainer->model().parameters();
        REQUIRE(probes.size() == trainer->model().blocks().size());
        for (size_t b = 0; b < probes.size(); ++b) {
          const ParameterBlock& block = trainer->model().blocks()[b];
          CAPTURE(block.name);
          std::vector<float> change;
          for (size_t i = block.offset; i < block.offset + block.size(); ++i)
            change.push_back(after[i] - before[i]);
          CHECK(probes[b].name == block.name);
          CHECK(probes[b].size == block.size());
          CHECK(probes[b].weight_norm == doctest::Approx(norm(after.subspan(block.offset, block.size()))));
          CHECK(probes[b].gradient_norm ==
                doctest::Approx(norm(trainer->model().gradients().subspan(block.offset, block.size()))));
          CHECK(probes[b].update_norm == doctest::Approx(norm(change)).epsilon(1e-3));
          CHECK(probes[b].update_norm > 0);
          CHECK(probes[b].ratio == doctest::Approx(probes[b].update_norm / probes[b].weight_norm));
        }
      }
    }
}

TEST_CASE(
    "Block probe: before the first step, after a restored one and after divergence nothing is known of a "
    "step") {
  const auto trainer = testing::make_trainer(testing::experiment_of(
      testing::counting_text(), {.cell = "rnn", .hidden = 8}, {.batch = 4, .seq_length = 16}));
  const auto knows = [&] { return !std::isnan(probe_blocks(*trainer)[0].update_norm); };
  CHECK(!knows());
  CHECK(probe_blocks(*trainer)[0].weight_norm > 0);
  trainer->step();
  CHECK(knows());
  REQUIRE(bool(trainer->restore(trainer->snapshot())));
  CHECK(!knows());
  trainer->step();
  CHECK(knows());
  trainer->model().parameters()[0] = NAN;
  trainer->model().parameters_changed();
  REQUIRE(trainer->step().diverged);
  CHECK(!knows());
}
