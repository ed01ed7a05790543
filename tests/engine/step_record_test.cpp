// The recorded step is that of the reference, and recording it changes nothing.
#include "engine/probes/step_record.h"

#include "tests/engine/engine_fixture.h"
#include "tests/engine/trainer_fixture.h"

using namespace unroll;

TEST_CASE("Step record: losses, states and gradients of a stream are the reference's") {
  for (const std::string cell : {"rnn", "lstm", "gru"})
    for (const int embedding : {0, 4}) {
      CAPTURE(cell);
      CAPTURE(embedding);
      const auto trainer = testing::make_trainer(testing::experiment_of(
          testing::counting_text(), {.cell = cell, .hidden = 9, .layers = 2, .embedding = embedding},
          {.batch = 3, .seq_length = 20}));
      trainer->step();
      reference::Model twin = testing::twin_of(trainer->model());
      const RecurrentState before = trainer->snapshot().state;
      trainer->step();
      const size_t B = static_cast<size_t>(trainer->task().batch()),
                   T = static_cast<size_t>(trainer->task().seq_length());
      REQUIRE(B > 1);
      const size_t stream = B - 1;
      const StepRecord record = record_step(*trainer, static_cast<int>(stream));
      REQUIRE(record.inputs.size() == T);
      CHECK(std::ranges::equal(std::span(record.inputs).subspan(1), std::span(record.targets).first(T - 1)));

      std::vector<reference::State> start = reference::zero_state(twin);
      for (size_t l = 0; l < 2; ++l)
        for (size_t j = 0; j < 9; ++j) {
          start[l].h[j] = before.states.back()[(l * B + stream) * 9 + j];
          if (before.states.size() > 1) start[l].c[j] = before.states.front()[(l * B + stream) * 9 + j];
        }
      const auto pass = reference::forward(twin, record.inputs, record.targets, start);
      const reference::Vector weight(T, 1 / static_cast<double>(T * B));
      reference::Model unused = reference::make_model(trainer->model().spec(), twin.vocabulary());
      const auto flow = reference::backward(twin, pass, weight, unused);
      const auto norm = [](const reference::Vector& x) {
        return std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0));
      };
      std::vector<double> h(2 * T), dh(T);
      for (size_t t = 0; t < T; ++t) {
        for (size_t l = 0; l < 2; ++l) h[l * T + t] = norm(pass.steps[t][l].after.h);
        dh[t] = norm(flow.d_state[t][0].h);
      }
      const double operations =
          testing::path_length(trainer->model().spec(), trainer->model().vocabulary(), static_cast<int>(T));
      const auto check = [&](const std::vector<float>& found, const std::vector<double>& expected) {
        const testing::Difference compared = testing::compare(found, expected);
        CHECK(compared.difference <= testing::tolerance(operations, compared.largest));
        CHECK(compared.largest > 0);
      };
      check(record.losses, pass.losses);
      check(record.h, h);
      check(record.dh, dh);
    }
}
