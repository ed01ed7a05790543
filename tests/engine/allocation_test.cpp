// Steady state allocates nothing: counted by operators new and delete of our own, for the whole test program.
#include <atomic>
#include <cstdlib>
#include <new>

#include "engine/cells/shipped.h"
#include "engine/model/sampler.h"
#include "engine/probes/block_history.h"
#include "tests/engine/trainer_fixture.h"

namespace {

std::atomic<int64_t> allocations = 0;

void* count(void* memory) {
  ++allocations;
  if (!memory) std::abort();
  return memory;
}

}  // namespace

void* operator new(size_t size) { return count(std::malloc(size ? size : 1)); }
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return count(std::malloc(size ? size : 1));
}
void* operator new(size_t size, std::align_val_t alignment) {
  const auto step = static_cast<size_t>(alignment);
  return count(std::aligned_alloc(step, (size / step + 1) * step));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }

using namespace unroll;

TEST_CASE(
    "Steady state: after the first step, training and its record allocate nothing, whatever the cell and "
    "options") {
  for (const ShippedCell& cell : shipped_cells())
    for (const int embedding : {0, 5}) {
      const LaneSpec lane{
          .cell = std::string(cell.name), .hidden = 20, .layers = 2, .embedding = embedding, .dropout = 0.2};
      const auto trainer = testing::make_trainer(
          testing::experiment_of(testing::counting_text(), lane, {.batch = 4, .seq_length = 12}));
      BlockHistory history(*trainer);
      const auto step = [&] {
        trainer->step();
        history.record(*trainer);
      };
      step();
      const int64_t before = allocations;
      for (int i = 0; i < 100; ++i) step();
      CHECK(allocations == before);
      CHECK(history.steps().size() == 7);
    }
}

TEST_CASE("Steady state: nor do strings of labels without places, once a batch had the longest") {
  const TaskShape shape = {.inputs = 2, .reals = true, .outputs = 4, .head = Head::ctc};
  Model model = std::move(*Model::create({.cell = "lstm", .hidden = 20}, shape, 1));
  std::vector<Sequence> sequences(3);
  for (int n = 0; n < 3; ++n) {
    Sequence& one = sequences[static_cast<size_t>(n)];
    one.length = 12 - 3 * n;
    one.reals.assign(static_cast<size_t>(2 * one.length), 0.5f);
    one.classes = {1, 2, 2, 3};
  }
  const auto workspace = model.make_workspace(12, 3);
  RecurrentState state = model.make_state(3);
  Random unused(0);
  Batch batch;
  const auto step = [&] {
    gather_sequences(sequences, shape, batch);
    return model.forward_backward(*workspace, batch, state, unused);
  };
  const double loss = step();
  const int64_t before = allocations;
  model.restart(state);
  for (int i = 0; i < 20; ++i) {
    sequences[0].classes.back() = 1 + i % 3;
    step();
  }
  CHECK(allocations == before);
  CHECK(loss > 0);
}

TEST_CASE("Steady state: writing and evaluating allocate nothing") {
  const auto trainer = testing::make_trainer(
      testing::experiment_of(testing::counting_text(), {.cell = "lstm", .hidden = 20, .layers = 2}));
  Sampler sampler(trainer->model(), trainer->corpus().vocabulary, 1);
  Evaluator evaluator(trainer->model(), trainer->corpus().train());
  evaluator.advance(100);
  const int64_t before = allocations;
  for (int i = 0; i < 100; ++i) sampler.write({.temperature = 0.7, .top_k = 5, .top_p = 0.9});
  while (!evaluator.advance(100)) continue;
  CHECK(allocations == before);
}
