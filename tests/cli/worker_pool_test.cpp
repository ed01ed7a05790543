#include "web/cli/worker_pool.h"

#include <doctest/doctest.h>

#include <atomic>
#include <new>
#include <vector>

using namespace unroll;

TEST_CASE(
    "worker pool: any number of tasks, each once; what a task throws is thrown by run, when all have ended") {
  WorkerPool pool(3);
  for (const int count : {1, 2, 3, 4, 50}) {
    std::vector<std::atomic<int>> calls(static_cast<size_t>(count));
    pool.run(count, [&](int i) { ++calls[static_cast<size_t>(i)]; });
    for (const auto& times : calls) CHECK(times == 1);
  }
  std::atomic<int> ended = 0;
  const auto body = [&](int i) {
    if (i == 2) throw std::bad_alloc();
    ++ended;
  };
  CHECK_THROWS_AS(pool.run(6, body), std::bad_alloc);
  CHECK(ended == 5);
  pool.run(6, [&](int) { ++ended; });
  CHECK(ended == 11);
}
