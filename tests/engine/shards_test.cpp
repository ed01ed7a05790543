#include "engine/model/shards.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "engine/cells/shipped.h"
#include "tests/engine/puzzle_fixture.h"
#include "tests/engine/trainer_fixture.h"

using namespace unroll;
using testing::counting_text;
using testing::experiment_of;
using testing::make_trainer;

namespace {

using Make = std::function<std::unique_ptr<Trainer>()>;

/// A step in which every part but the first is computed by another trainer's model, last things first.
StepResult step_with(Trainer& trainer, Trainer& helper, int workers) {
  trainer.begin_step();
  const int parts = trainer.cut_step(workers);
  if (parts == 1) {
    trainer.run_pass();
    return trainer.end_step();
  }
  std::ranges::copy(trainer.model().parameters(), helper.model().parameters().begin());
  helper.model().parameters_changed();
  const auto most = static_cast<int>(helper.workspace().streams());
  const auto workspace = helper.model().make_workspace(helper.workspace().capacity(), most);
  for (int part = parts - 1; part > 0; --part)
    compute_part(helper.model(), *workspace, trainer.part(part), trainer.output(part));
  trainer.run_part(0);
  return trainer.end_step();
}

void check_same_bits(const std::string& what, bool is_cut, const Make& make) {
  CAPTURE(what);
  const auto alone = make();
  std::vector<double> losses, norms;
  for (int step = 0; step < 3; ++step) {
    const StepResult result = alone->step();
    losses.push_back(result.loss), norms.push_back(result.grad_norm);
  }
  REQUIRE(std::isfinite(losses.back()));
  CHECK(alone->model().has_parts() == is_cut);
  for (const int workers : {2, 3, 4}) {
    CAPTURE(workers);
    const auto helped = make(), helper = make();
    for (int step = 0; step < 3; ++step) {
      const StepResult result = step_with(*helped, *helper, workers);
      CHECK(result.loss == losses[static_cast<size_t>(step)]);
      CHECK(result.grad_norm == norms[static_cast<size_t>(step)]);
    }
    CHECK(std::ranges::equal(alone->model().gradients(), helped->model().gradients()));
    CHECK(std::ranges::equal(alone->model().parameters(), helped->model().parameters()));
    CHECK(alone->snapshot().state.states == helped->snapshot().state.states);
    CHECK(alone->dropout_state().words == helped->dropout_state().words);
  }
}

}  // namespace

TEST_CASE("shards: parts are nodes of one tree, and cover the batch in order") {
  CHECK(parts_of(32, 1) == std::vector<Shards>{{0, 4}});
  CHECK(parts_of(32, 2) == std::vector<Shards>{{0, 2}, {2, 2}});
  CHECK(parts_of(32, 3) == std::vector<Shards>{{0, 1}, {1, 1}, {2, 2}});
  CHECK(parts_of(20, 2) == std::vector<Shards>{{0, 2}, {2, 1}});
  CHECK(parts_of(8, 4) == std::vector<Shards>{{0, 1}});
  CHECK(Shards{2, 1}.streams(20) == 4);
  CHECK(parts_of(128, 100).size() == 16);
}

TEST_CASE("shards: a training is the same to the last bit however many compute its steps") {
  for (const char* cell : {"rnn", "lstm", "gru"})
    check_same_bits(cell, true, [&] {
      return make_trainer(experiment_of(counting_text(),
                                        {.cell = cell, .hidden = 20, .layers = 2, .dropout = 0.3},
                                        {.batch = 29, .seq_length = 12}));
    });
  check_same_bits("embedding", true, [] {
    return make_trainer(experiment_of(counting_text(), {.cell = "gru", .hidden = 24, .embedding = 9},
                                      {.batch = 32, .seq_length = 9, .optimizer = OptimizerKind::rmsprop}));
  });
}

TEST_CASE("shards: so is that of cells from their equations, where their loops sum nothing") {
  for (const ShippedCell& cell : shipped_cells()) {
    const auto make = [&] {
      return make_trainer(experiment_of(counting_text(),
                                        {.cell = std::string(cell.name), .hidden = 12, .layers = 2},
                                        {.batch = 19, .seq_length = 7}));
    };
    check_same_bits(std::string(cell.name), make()->model().has_parts(), make);
  }
}

TEST_CASE("shards: so is that of other tasks: numbers, lengths, an encoder") {
  for (const auto& [task, is_cut] :
       std::map<std::string, bool>{{"adding", true}, {"reber", true}, {"digits", true}, {"numbers", true}})
    check_same_bits(task, is_cut, [&] {
      Experiment experiment = puzzle::experiment(task, {});
      experiment.train.batch = 21;
      experiment.lanes = {{.cell = "gru", .hidden = 16}};
      auto made = create_task(experiment);
      REQUIRE(made);
      auto trainer = Trainer::create(experiment, 0, *made);
      REQUIRE(trainer);
      return std::move(*trainer);
    });
}

TEST_CASE("shards: a step that is left has not been begun") {
  const auto make = [] {
    return make_trainer(experiment_of(counting_text(),
                                      {.cell = "lstm", .hidden = 16, .layers = 2, .dropout = 0.2},
                                      {.batch = 16, .seq_length = 10}));
  };
  const auto one = make(), other = make();
  one->step(), other->step();
  one->begin_step();
  REQUIRE(one->cut_step(2) == 2);
  one->run_part(0);
  one->leave_step();
  CHECK(!one->in_step());
  CHECK(one->step().loss == other->step().loss);
  CHECK(std::ranges::equal(one->model().parameters(), other->model().parameters()));
}
