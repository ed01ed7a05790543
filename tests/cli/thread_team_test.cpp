#include "web/cli/thread_team.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "engine/cells/shipped.h"
#include "tests/engine/puzzle_fixture.h"
#include "tests/engine/trainer_fixture.h"
#include "web/cli/thread_choice.h"

using namespace unroll;
using testing::counting_text;
using testing::experiment_of;
using testing::make_trainer;

namespace {

/// Three steps alone and three with teams of several sizes: losses, weights and what is carried on must be the same bits.
void check_same_bits(const std::string& what, const std::function<std::unique_ptr<Trainer>()>& make) {
  CAPTURE(what);
  const auto alone = make();
  std::vector<double> losses, norms;
  for (int step = 0; step < 3; ++step) {
    const StepResult result = alone->step();
    losses.push_back(result.loss), norms.push_back(result.grad_norm);
  }
  REQUIRE(std::isfinite(losses.back()));
  for (const int members : {2, 3, 5, 8}) {
    CAPTURE(members);
    const auto shared = make();
    shared->set_team(std::make_shared<ThreadTeam>(members));
    for (int step = 0; step < 3; ++step) {
      const StepResult result = shared->step();
      CHECK(result.loss == losses[static_cast<size_t>(step)]);
      CHECK(result.grad_norm == norms[static_cast<size_t>(step)]);
    }
    CHECK(std::ranges::equal(alone->model().gradients(), shared->model().gradients()));
    CHECK(std::ranges::equal(alone->model().parameters(), shared->model().parameters()));
    CHECK(alone->snapshot().state.states == shared->snapshot().state.states);
  }
}

void check_same_bits(const LaneSpec& lane, const TrainSpec& train) {
  check_same_bits(lane.cell, [&] { return make_trainer(experiment_of(counting_text(), lane, train)); });
}

}  // namespace

TEST_CASE(
    "thread team: each member once a run, as many as are used; members of a group wait for each other") {
  ThreadTeam team(5);
  for (const int members : {5, 1, 3, 4}) {
    team.use(members);
    std::vector<std::atomic<int>> calls(5);
    for (int again = 0; again < 20; ++again)
      team.run([&](int member) { ++calls[static_cast<size_t>(member)]; });
    for (int member = 0; member < 5; ++member)
      CHECK(calls[static_cast<size_t>(member)] == (member < members ? 20 : 0));
  }
  // Two groups, of two and of three: nobody is more than one meeting ahead of its group.
  team.use(5);
  std::atomic<int> arrived[2] = {0, 0};
  std::atomic<bool> is_ahead = false;
  team.run([&](int member) {
    const int group = member < 2 ? 0 : 1, size = member < 2 ? 2 : 3;
    for (int meeting = 1; meeting <= 200; ++meeting) {
      ++arrived[group];
      if (member == 4 && meeting % 50 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      team.meet(group, size);
      if (arrived[group] < meeting * size) is_ahead = true;
    }
  });
  CHECK(!is_ahead);
  CHECK(arrived[0] == 400);
  CHECK(arrived[1] == 600);
}

TEST_CASE("thread team: a training is the same to the last bit whatever the number of threads") {
  // Many streams: these are divided. Few streams of many units: the units are, too, and members wait for each other.
  for (const char* cell : {"rnn", "lstm", "gru"}) {
    check_same_bits({.cell = cell, .hidden = 20, .layers = 2, .dropout = 0.3},
                    {.batch = 7, .seq_length = 12});
    check_same_bits({.cell = cell, .hidden = 256, .layers = 1}, {.batch = 2, .seq_length = 6});
    // As many whole shards for each member of 2, and of 8: they sum their own.
    for (const int batch : {32, 64})
      check_same_bits({.cell = cell, .hidden = 20, .layers = 2, .dropout = 0.3},
                      {.batch = batch, .seq_length = 6});
  }
  check_same_bits({.cell = "gru", .hidden = 64, .layers = 1, .embedding = 9},
                  {.batch = 16, .seq_length = 9, .optimizer = OptimizerKind::rmsprop});
  check_same_bits({.cell = "rnn_relu", .hidden = 192, .layers = 1},
                  {.batch = 1, .seq_length = 9, .optimizer = OptimizerKind::sgd});
}

TEST_CASE("thread team: so is that of every cell from its equations") {
  for (const ShippedCell& cell : shipped_cells())
    for (const int batch : {5, 16})
      check_same_bits({.cell = std::string(cell.name), .hidden = 12, .layers = 2},
                      {.batch = batch, .seq_length = 7});
}

TEST_CASE(
    "thread team: so is that of other tasks: numbers, lengths, an encoder, attention, strings without "
    "places") {
  for (const auto& [task, fields] : std::map<std::string, puzzle::Fields>{{"adding", {}},
                                                                          {"reber", {}},
                                                                          {"digits", {}},
                                                                          {"numbers", {{"attention", 1}}},
                                                                          {"words", {}},
                                                                          {"writing", {}}})
    check_same_bits(task, [&] {
      Experiment experiment = puzzle::experiment(task, fields);
      experiment.lanes = {{.cell = "gru", .hidden = 16}};
      auto made = create_task(experiment);
      REQUIRE(made);
      auto trainer = Trainer::create(experiment, 0, *made);
      REQUIRE(trainer);
      return std::move(*trainer);
    });
}

TEST_CASE("thread choice: the number that makes a step fastest, and of nearly equal ones the smallest") {
  struct Case {
    std::vector<double> seconds;  // of a step with 1, 2, 4, 6 threads
    int expected;
    size_t tried;
  };
  for (const Case& now : {Case{{0.1, 0.06, 0.04, 0.03}, 6, 4}, Case{{0.1, 0.06, 0.0595, 0.0599}, 2, 4},
                          Case{{0.1, 0.2, 0.01, 0.01}, 1, 2}, Case{{0.002, 0.0011, 0.0015, 0.001}, 2, 3}}) {
    const auto team = std::make_shared<ThreadTeam>(6);
    cli::ThreadChoice choice(team);
    std::vector<int> tried;
    for (int step = 0; !choice.is_made() && step < 1000; ++step) {
      choice.begin_step();
      if (tried.empty() || tried.back() != team->size()) tried.push_back(team->size());
      const size_t place = team->size() == 6 ? 3 : static_cast<size_t>(team->size()) / 2;
      choice.end_step(now.seconds[place] * (step == 0 ? 9 : 1));  // the first step makes room
    }
    CHECK(choice.is_made());
    CHECK(choice.threads() == now.expected);
    CHECK(tried.size() == now.tried);
  }
  cli::ThreadChoice none(nullptr);
  CHECK(none.is_made());
  CHECK(none.threads() == 1);
}
