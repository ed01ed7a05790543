// What a lane tells of a series, and of a sentence that somebody typed.
#include <doctest/doctest.h>

#include <cmath>

#include "engine/model/network.h"
#include "engine/tasks/series_task.h"
#include "tests/lane/lane_fixture.h"

namespace unroll {
namespace {

using testing::floats;
using testing::Harness;

Json series_experiment(const char* series) {
  return {{"unroll", 1},
          {"data", {{"task", {{"name", "series"}, {"series", series}}}}},
          {"train", {{"batch", 2}, {"seq_length", 16}, {"rate", 0.01}}},
          {"lanes", {{{"cell", "lstm"}, {"hidden", 6}, {"layers", 2}}}}};
}

TEST_CASE("Lane: a series is told with its parts and its dates") {
  Harness harness;
  harness.configure(series_experiment("airline"), 0);
  harness.send({{"type", "series"}, {"id", 4}});
  const Message series = harness.last("series");
  CHECK(series.header["id"] == 4);
  CHECK(series.header["title"] == "Airline passengers");
  CHECK(series.header["unit"] == "thousands");
  CHECK(series.header["before"] == "last month's value");
  CHECK(series.header["length"] == 144);
  CHECK(series.header["train"] == 120);
  CHECK(series.header["steps"] == 12);
  CHECK(series.header["axis"]["step"] == "month");
  CHECK(floats(series)[0] == 112);
}

TEST_CASE("Lane: a forecast is the network running on by itself, and the fan widens around it") {
  Harness harness;
  harness.configure(series_experiment("airline"), 0);
  harness.send({{"type", "step"}, {"count", 5}});
  harness.send({{"type", "save"}, {"id", 1}});
  harness.finish();
  harness.send({{"type", "save"}, {"id", 2}});
  const auto checkpoint = load_checkpoint(harness.last("checkpoint").payload);
  REQUIRE(bool(checkpoint));
  harness.send({{"type", "forecast"}, {"id", 3}, {"origin", 119}, {"steps", 9}, {"paths", 50}});
  harness.finish();
  const Message forecast = harness.last("forecast");
  CHECK(forecast.header["origin"] == 119);
  CHECK(forecast.header["steps"] == 9);
  const std::vector<float> values = floats(forecast);
  REQUIRE(values.size() == 4 * 9);
  const SeriesTask* task = checkpoint->task->as_series();
  REQUIRE(task != nullptr);
  ModelNetwork network(checkpoint->model);
  const std::vector<int64_t> origins = {119};
  const std::vector<double> alone = task->run_freely(network, origins, 9)[0];
  for (size_t h = 0; h < 9; ++h) {
    CHECK(static_cast<double>(values[h]) == doctest::Approx(alone[h]).epsilon(1e-4));
    CHECK(values[9 + h] < values[18 + h]);
    CHECK(values[18 + h] < values[27 + h]);
  }
  CHECK(values[27 + 8] - values[9 + 8] > values[27] - values[9]);
}

TEST_CASE("Lane: forecasts from where nothing is known, and of tasks without a series, are refused") {
  Harness harness;
  harness.configure(series_experiment("airline"), 0);
  harness.expect_refused({{"type", "forecast"}, {"origin", 144}}, "origin");
  harness.expect_refused({{"type", "forecast"}, {"origin", 0}}, "origin");
  harness.expect_refused({{"type", "forecast"}, {"origin", 120}, {"steps", 5000}}, "steps");
  harness.expect_refused({{"type", "example"}, {"text", "a sentence"}}, "text");
  Harness other;
  other.configure(testing::small_experiment());
  other.expect_refused({{"type", "forecast"}, {"origin", 20}}, "");
  other.expect_refused({{"type", "series"}}, "");
}

TEST_CASE("Lane: a sentence of one's own is read word by word, as an example is") {
  Harness harness;
  const Json experiment = {{"unroll", 1},
                           {"data", {{"task", {{"name", "negation"}}}}},
                           {"train", {{"batch", 2}}},
                           {"lanes", {{{"cell", "gru"}, {"hidden", 6}}}}};
  harness.configure(experiment, 0);
  const auto ask = [&](const char* text) {
    harness.send({{"type", "example"}, {"id", 5}, {"text", text}});
    harness.finish();
    return harness.last("example");
  };
  const Message shown = ask("the soup was purple");
  CHECK(shown.header["text"] == "the soup was purple");
  CHECK(shown.header["columns"] == Json({"the", "soup", "was", "purple"}));
  const std::vector<float> values = floats(shown);
  REQUIRE(values.size() == 4 * 5);
  CHECK(values[3] == 0);  // unknown
  for (size_t t = 0; t < 4; ++t) {
    CHECK(values[8 + t] == 0);  // nothing is asked
    CHECK(values[12 + 2 * t] + values[13 + 2 * t] == doctest::Approx(1));
  }
  // What is read does not depend on what follows.
  const std::vector<float> longer = floats(ask("the soup was purple but cold"));
  for (size_t i = 0; i < 8; ++i) CHECK(longer[18 + i] == doctest::Approx(values[12 + i]).epsilon(1e-5));
  harness.expect_refused({{"type", "example"}, {"text", "…"}}, "text");
  // Under interventions the same, in double precision.
  harness.send({{"type", "intervene"}, {"id", 1}, {"set", {{{"kind", "ablate"}, {"unit", 0}}}}});
  const Message reached = ask("the soup was purple");
  CHECK(reached.header["intervened"] == true);
  CHECK(floats(reached).size() == values.size());
}

}  // namespace
}  // namespace unroll
