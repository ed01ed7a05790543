// What is kept of the blocks' numbers over training: which steps, that the numbers are those of these steps, and that
// it stays small.
#include "engine/probes/block_history.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include "engine/probes/blocks.h"
#include "tests/engine/trainer_fixture.h"

using namespace unroll;

namespace {

/// 1024 characters a step, so that the first stride is 8.
Experiment experiment(LaneSpec lane = {.cell = "rnn", .hidden = 2}) {
  return testing::experiment_of(testing::counting_text(), lane, {.batch = 16, .seq_length = 64});
}

/// The numbers that a history should have of the step that the trainer did last.
std::vector<float> row_now(const Trainer& trainer) {
  std::vector<float> row;
  for (const BlockProbe& block : probe_blocks(trainer))
    for (const double number : {block.weight_norm, block.gradient_norm, block.ratio})
      row.push_back(static_cast<float>(number));
  return row;
}

std::vector<float> row_of(const BlockHistory& history, size_t point) {
  const size_t size = history.values().size() / history.steps().size();
  const auto row = history.values().subspan(point * size, size);
  return {row.begin(), row.end()};
}

/// Does step `step` as if all those before it had been done.
void jump(Trainer& trainer, int64_t step) {
  Trainer::Snapshot snapshot = trainer.snapshot();
  snapshot.steps_done = step - 1;
  REQUIRE(bool(trainer.restore(snapshot)));
  REQUIRE(trainer.step().step == step);
}

std::vector<int64_t> list(std::span<const int64_t> steps) { return {steps.begin(), steps.end()}; }

}  // namespace

TEST_CASE("Block history: powers of two and multiples of the stride, with the numbers of the probe then") {
  for (const std::string cell : {"rnn", "lstm", "gru"}) {
    const auto trainer = testing::make_trainer(experiment({.cell = cell, .hidden = 5}));
    BlockHistory history(*trainer);
    CHECK(history.stride() == 8);
    CHECK(history.steps().empty());
    history.record(*trainer);  // no step was done
    CHECK(history.steps().empty());
    for (int step = 1; step <= 43; ++step) {
      trainer->step();
      history.record(*trainer);
      REQUIRE(history.values().size() == history.steps().size() * 3 * trainer->model().blocks().size());
      const bool due = step % 8 == 0 || step == 1 || step == 2 || step == 4;
      CHECK((history.steps().back() == step) == due);
      if (due) CHECK(row_of(history, history.steps().size() - 1) == row_now(*trainer));
    }
    CHECK(list(history.steps()) == std::vector<int64_t>{1, 2, 4, 8, 16, 24, 32, 40});
    CHECK(
        std::ranges::all_of(history.values(), [](float value) { return std::isfinite(value) && value > 0; }));
  }
}

TEST_CASE("Block history: however long the training, it is bounded, even, and keeps its numbers") {
  const auto trainer = testing::make_trainer(experiment());
  BlockHistory history(*trainer);
  std::map<int64_t, std::vector<float>> seen;
  const float* memory = nullptr;
  int64_t stride = 8;
  for (int64_t step = 1; step <= 9000; step += step < 40 ? 1 : 4) {
    jump(*trainer, step);
    history.record(*trainer);
    const size_t points = history.steps().size();
    REQUIRE(points <= BlockHistory::capacity);
    if (history.steps().back() == step) seen[step] = row_now(*trainer);
    if (!memory) memory = history.values().data();
    REQUIRE(history.values().data() == memory);  // reserved once
    if (history.stride() == stride) continue;
    CHECK(history.stride() == 2 * stride);
    CHECK(points >= BlockHistory::capacity / 2);
    CHECK(points <= BlockHistory::capacity / 2 + 14);  // the powers of two
    stride = history.stride();
  }
  CHECK(stride == 64);
  std::vector<int64_t> expected;
  for (int64_t step = 1; step <= 9000; ++step)
    if (step % 64 == 0 || std::has_single_bit(static_cast<uint64_t>(step))) expected.push_back(step);
  CHECK(list(history.steps()) == expected);
  for (size_t point = 0; point < history.steps().size(); ++point)
    CHECK(row_of(history, point) == seen.at(history.steps()[point]));
}

TEST_CASE("Block history: the smaller the steps, the more seldom one is recorded") {
  const auto first_stride = [](int batch, int seq_length) {
    const auto trainer = testing::make_trainer(testing::experiment_of(
        testing::counting_text(), {.hidden = 2}, {.batch = batch, .seq_length = seq_length}));
    return BlockHistory(*trainer).stride();
  };
  CHECK(first_stride(1, 8) == 1024);
  CHECK(first_stride(4, 12) == 256);
  CHECK(first_stride(16, 64) == 8);
}

TEST_CASE("Block history: a step that diverged is left out; one that goes on does not repeat") {
  const auto trainer = testing::make_trainer(experiment());
  BlockHistory history(*trainer);
  const auto step = [&] {
    const bool well = !trainer->step().diverged;
    history.record(*trainer);
    return well;
  };
  for (int i = 0; i < 7; ++i) REQUIRE(step());
  trainer->model().parameters()[0] = NAN;
  trainer->model().parameters_changed();
  REQUIRE(!step());
  REQUIRE(!step());
  CHECK(list(history.steps()) == std::vector<int64_t>{1, 2, 4});
  trainer->set_rate(0.001);
  for (int i = 0; i < 10; ++i) REQUIRE(step());
  CHECK(list(history.steps()) == std::vector<int64_t>{1, 2, 4, 8, 16});
  CHECK(std::ranges::all_of(history.values(), [](float value) { return std::isfinite(value); }));

  BlockHistory resumed(*trainer);
  CHECK(resumed.steps().empty());
  for (int i = 0; i < 8; ++i) trainer->step(), resumed.record(*trainer);
  CHECK(list(resumed.steps()) == std::vector<int64_t>{24});
}
