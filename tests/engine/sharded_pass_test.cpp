#include "engine/model/sharded_pass.h"

#include <cmath>

#include "tests/engine/engine_fixture.h"
#include "tests/engine/trainer_fixture.h"

using namespace unroll;
using testing::counting_text;
using testing::experiment_of;
using testing::make_trainer;

namespace {

/// The order in which threads may end is not known; the results must not depend on it.
Parallel backwards(int workers) {
  return {.workers = workers, .run = [](int count, const std::function<void(int)>& body) {
            for (int i = count - 1; i >= 0; --i) body(i);
          }};
}
Parallel forwards(int workers) {
  return {.workers = workers, .run = [](int count, const std::function<void(int)>& body) {
            for (int i = 0; i < count; ++i) body(i);
          }};
}

}  // namespace

TEST_CASE("sharded passes: losses, gradients and carried state are those of one pass over the batch") {
  for (const LaneSpec& lane :
       {LaneSpec{.cell = "lstm", .hidden = 20, .layers = 2}, LaneSpec{.cell = "gru", .hidden = 17},
        LaneSpec{.cell = "rnn", .hidden = 9, .layers = 2, .embedding = 6}})
    for (const int workers : {2, 3, 5}) {
      CAPTURE(lane.cell);
      CAPTURE(workers);
      const auto experiment = experiment_of(counting_text(), lane, {.batch = 5, .seq_length = 12});
      const auto alone = make_trainer(experiment), shared = make_trainer(experiment);
      shared->set_parallel(forwards(workers));
      for (int i = 0; i < 3; ++i) {
        const double loss = alone->step().loss;
        // Sums of at most 60 rows and 5 shards in another order: n ε relative to the terms, here of size 1 and less.
        CHECK(shared->step().loss == doctest::Approx(loss).epsilon(1e-5));
      }
      const auto a = alone->snapshot().state, b = shared->snapshot().state;
      REQUIRE(a.states.size() == b.states.size());
      double worst = 0;
      for (size_t n = 0; n < a.states.size(); ++n) {
        REQUIRE(a.states[n].size() == b.states[n].size());
        for (size_t i = 0; i < a.states[n].size(); ++i)
          worst = std::max(
              worst, std::abs(static_cast<double>(a.states[n][i]) - static_cast<double>(b.states[n][i])));
      }
      CHECK(worst < 1e-4);
      // The gradient of the third step, which saw slightly different weights: relative to its norm.
      const auto g = alone->model().gradients(), s = shared->model().gradients();
      double difference = 0, norm = 0;
      for (size_t i = 0; i < g.size(); ++i) {
        const double d = static_cast<double>(g[i]) - static_cast<double>(s[i]);
        difference += d * d, norm += static_cast<double>(g[i]) * static_cast<double>(g[i]);
      }
      CHECK(norm > 0);
      CHECK(std::sqrt(difference / norm) < 1e-3);
    }
}

TEST_CASE("sharded passes: the same bits whatever worker ends first, and one worker is the plain pass") {
  const auto experiment =
      experiment_of(counting_text(), {.cell = "lstm", .hidden = 16}, {.batch = 4, .seq_length = 10});
  const auto one = make_trainer(experiment), two = make_trainer(experiment), plain = make_trainer(experiment);
  const auto single = make_trainer(experiment);
  one->set_parallel(forwards(2));
  two->set_parallel(backwards(2));
  single->set_parallel(forwards(1));
  for (int i = 0; i < 5; ++i) {
    CHECK(one->step().loss == two->step().loss);
    CHECK(plain->step().loss == single->step().loss);
  }
  CHECK(std::ranges::equal(one->model().parameters(), two->model().parameters()));
  CHECK(std::ranges::equal(plain->model().parameters(), single->model().parameters()));
}

TEST_CASE("sharded passes: lanes with dropout between layers stay on one worker") {
  const LaneSpec lane{.cell = "gru", .hidden = 8, .layers = 2, .dropout = 0.5};
  const auto experiment = experiment_of(counting_text(), lane, {.batch = 4, .seq_length = 10});
  const auto alone = make_trainer(experiment), asked = make_trainer(experiment);
  asked->set_parallel(forwards(2));
  for (int i = 0; i < 3; ++i) CHECK(alone->step().loss == asked->step().loss);
}

TEST_CASE("sharded passes: more workers than streams are as many as there are streams") {
  const auto experiment =
      experiment_of(counting_text(), {.cell = "lstm", .hidden = 8}, {.batch = 3, .seq_length = 10});
  const auto three = make_trainer(experiment), many = make_trainer(experiment);
  three->set_parallel(forwards(3));
  many->set_parallel(backwards(17));
  CHECK(many->workers() == 3);
  for (int i = 0; i < 5; ++i) CHECK(three->step().loss == many->step().loss);
  CHECK(std::ranges::equal(three->model().parameters(), many->model().parameters()));
}
