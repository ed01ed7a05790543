// What a lane tells stays bounded, whatever its speed and however slowly it is heard; and the way back from a loss
// without sense.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

#include "engine/lane/commands.h"
#include "engine/lane/lane.h"
#include "engine/lane/metrics.h"
#include "engine/lane/protocol.h"
#include "tests/lane/lane_fixture.h"

using namespace unroll;

using namespace unroll::testing;

TEST_CASE("lane: metrics of many steps become means of a bounded number of rows") {
  MetricsBatch batch;
  for (int step = 1; step <= 512; ++step) batch.add(step, 2 * step, 0.1);
  CHECK(batch.stride == 1);
  CHECK(batch.values.size() == 2 * 512);
  CHECK(batch.values[0] == 1);
  for (int step = 513; step <= 100'000; ++step) batch.add(step, 2 * step, 0.1);
  CHECK(batch.steps == 100'000);
  CHECK(batch.values.size() <= 2 * MetricsBatch::most_rows);
  const auto rows = static_cast<int64_t>(batch.values.size() / 2);
  CHECK(rows == (batch.steps + batch.stride - 1) / batch.stride);
  for (int64_t row = 0; row < rows; ++row) {
    const double first = static_cast<double>(row * batch.stride + 1);
    const double last = static_cast<double>(std::min(batch.steps, (row + 1) * batch.stride));
    const auto at = static_cast<size_t>(2 * row);
    CHECK(static_cast<double>(batch.values[at]) == doctest::Approx((first + last) / 2).epsilon(1e-4));
    CHECK(static_cast<double>(batch.values[at + 1]) == doctest::Approx(first + last).epsilon(1e-4));
  }
  batch.clear();
  batch.add(7, 8, 0.1);
  CHECK(batch.values == std::vector<float>{7, 8});
}

TEST_CASE("lane: who takes its events slowly is told no more than waits, and misses no step") {
  Harness harness;
  harness.send({{"type", "heard"}});
  harness.configure(small_experiment());
  harness.send({{"type", "write"}, {"on", true}, {"rate", 2000}});
  harness.send({{"type", "run"}});
  const auto told = [&] { return harness.all("metrics").size() + harness.all("written").size(); };
  const auto work_for = [&](int slices) {
    for (int n = 0; n < slices; ++n) harness.lane.work();
  };
  // However long nobody asks, no more waits for him.
  for (int n = 0; n < 1000 && told() < static_cast<size_t>(CommandLimits::unheard); ++n) harness.lane.work();
  work_for(30);
  CHECK(told() == static_cast<size_t>(CommandLimits::unheard));
  const int64_t before = harness.all("metrics").back().header["step"];
  harness.send({{"type", "heard"}});
  for (int n = 0; n < 1000 && harness.all("metrics").back().header["step"] == before; ++n)
    harness.lane.work();
  const Json next = harness.all("metrics").back().header;
  CHECK(next["first"] == before + 1);
  CHECK(next["step"].get<int64_t>() > before);
  harness.send({{"type", "pause"}});  // whoever asks is answered
  CHECK(harness.last("state").header["running"] == false);
  harness.finish();
  int64_t done = 0;
  for (const Message& event : harness.all("metrics")) {
    const Json& header = event.header;
    const int64_t first = header["first"], step = header["step"], stride = header["stride"];
    CHECK(first == done + 1);
    CHECK(static_cast<int64_t>(floats(event).size() / 2) == (step - first + stride) / stride);
    done = step;
  }
  CHECK(done == harness.last("state").header["step"].get<int64_t>());
}

TEST_CASE("lane: a tiny model is validated by the clock, too") {
  Json experiment = small_experiment();
  experiment["data"]["text"] = some_text(300);
  experiment["lanes"][1] = {{"cell", "rnn"}, {"hidden", 2}};
  experiment["train"]["batch"] = 1;
  experiment["train"]["seq_length"] = 4;
  Harness harness;
  harness.configure(experiment);
  const auto begin = std::chrono::steady_clock::now();
  harness.send({{"type", "run"}, {"until", 40'000}});
  harness.finish();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  size_t validations = 0;
  for (const Message& event : harness.all("metrics")) validations += event.header.contains("valid");
  CHECK(validations >= 17);                                     // 16 by steps, and the one when it stopped
  CHECK(static_cast<double>(validations) <= 18 + seconds * 5);  // not one for each of 800 times 50 steps
  CHECK(harness.last("metrics").header["valid"]["step"] == 40'000);
}

TEST_CASE("lane: it goes back from a loss without sense to its last good step") {
  Json experiment = small_experiment();
  experiment["train"]["rate"] = 0.01;
  Harness harness;
  harness.configure(experiment);
  harness.send({{"type", "step"}, {"count", 60}});
  harness.finish();
  const float good = floats(harness.all("metrics").front())[0];
  harness.send({{"type", "tune"}, {"rate", 10}});
  harness.send({{"type", "step"}, {"count", 40}});
  harness.finish();
  std::vector<Message> all = harness.all("metrics");
  float worst = 0;
  for (const Message& event : all)
    for (size_t n = 0; n < floats(event).size(); n += 2) worst = std::max(worst, floats(event)[n]);
  REQUIRE(worst > 3 * good);
  harness.events.clear();
  harness.send({{"type", "rewind"}});
  const Json state = harness.last("state").header;
  CHECK(state["reason"] == "rewound");
  CHECK(state["running"] == false);
  const int64_t step = state["step"];
  CHECK(step <= 72);
  CHECK(step >= 56);
  harness.send({{"type", "tune"}, {"rate", 0.005}});
  harness.send({{"type", "step"}, {"count", 8}});
  harness.finish();
  CHECK(harness.all("metrics").front().header["first"] == step + 1);
  for (const Message& event : harness.all("metrics"))
    for (size_t n = 0; n < floats(event).size(); n += 2) CHECK(floats(event)[n] < 1.2f * good);
}
