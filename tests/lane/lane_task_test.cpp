// A lane that learns something else than a text: what it says of itself, its scores, and its sequences in every probe.
#include <doctest/doctest.h>

#include <cmath>

#include "engine/tasks/text_task.h"
#include "tests/lane/lane_fixture.h"

namespace unroll {
namespace {

using testing::floats;
using testing::Harness;

/// Each task but "text" from its start, with two small layers.
std::vector<Json> starts() {
  std::vector<Json> starts;
  for (const TaskKind* kind : task_kinds()) {
    if (kind == task_kinds().front()) continue;
    Json experiment = Json::parse(kind->start);
    experiment["train"]["batch"] = 3;
    experiment["lanes"] = Json::array({{{"cell", "gru"}, {"hidden", 6}, {"layers", 2}}});
    starts.push_back(std::move(experiment));
  }
  return starts;
}

std::shared_ptr<const Task> task_of(const Json& experiment) {
  const auto parsed = parse_experiment(experiment.dump());
  REQUIRE(parsed);
  auto task = create_task(*parsed);
  REQUIRE(task);
  return *task;
}

TEST_CASE("Lane of a task: it says what goes in and out, trains, and tells the score") {
  for (const Json& experiment : starts()) {
    const auto task = task_of(experiment);
    CAPTURE(std::string(task->kind().name));
    Harness harness;
    harness.send({{"type", "configure"}, {"experiment", experiment}, {"lane", 0}});
    const Json configured = harness.last("configured").header;
    CHECK(configured["task"] == task->kind().name);
    CHECK(configured["shape"]["inputs"] == task->shape().inputs);
    CHECK(configured["shape"]["reals"] == task->shape().reals);
    CHECK(configured["shape"]["outputs"] == task->shape().outputs);
    if (task->characters() == nullptr) {
      CHECK(configured["vocabulary"] == "");
      CHECK(configured["input_names"] == task->input_names());
      CHECK(configured["output_names"] == task->output_names());
    }
    harness.send({{"type", "step"}, {"count", 2}});
    harness.finish();
    const Json metrics = harness.last("metrics").header;
    CHECK(metrics["step"] == 2);
    if (task->scorer()) {
      REQUIRE(metrics.contains("valid"));
      CHECK(metrics["valid"]["step"] == 2);
      CHECK(metrics["valid"]["loss"].is_number());
      CHECK(metrics["valid"]["name"].get<std::string>() != "");
      CHECK(metrics["valid"]["count"].get<int64_t>() > 0);
    }
    harness.send({{"type", "baselines"}, {"id", 4}});
    harness.finish();
    const Json baselines = harness.last("baselines").header;
    CHECK(baselines["list"].size() == task->baselines().size());
    // Saved and loaded it goes on.
    harness.send({{"type", "save"}, {"id", 5}});
    const std::vector<uint8_t> file = harness.last("checkpoint").payload;
    Harness other;
    other.send({{"type", "load"}}, file);
    CHECK(other.last("configured").header["step"] == 2);
    for (Harness* each : {&harness, &other}) {
      each->events.clear();
      each->send({{"type", "step"}});
      each->finish();
    }
    CHECK(floats(harness.all("metrics").front()) == floats(other.all("metrics").front()));
  }
}

TEST_CASE("Lane of a task: its sequences are read by every probe") {
  for (const Json& experiment : starts()) {
    const auto task = task_of(experiment);
    CAPTURE(std::string(task->kind().name));
    Harness harness;
    harness.configure(experiment, 0);
    const Example example = task->example(3);
    const auto N = static_cast<size_t>(example.batch.seq_length);
    const TaskShape shape = task->shape();
    const auto O = static_cast<size_t>(shape.outputs);
    const auto ask = [&](Json command) {
      command["id"] = 9;
      harness.events.clear();
      harness.send(command);
      harness.finish();
      return harness.last(command["type"]);
    };
    const Message shown = ask({{"type", "example"}, {"index", 3}});
    CHECK(shown.header["length"] == N);
    CHECK(shown.header["marks"].size() == example.marks.size());
    const std::vector<float> values = floats(shown);
    const size_t in = shape.reals ? N * static_cast<size_t>(shape.inputs) : N,
                 out = shape.has_classes() ? N : N * static_cast<size_t>(shape.targets());
    const auto turn = static_cast<size_t>(example.batch.turn);
    const size_t looks = shape.attention ? (N - turn) * turn : 0;
    REQUIRE(shown.header.contains("unit") == !example.right.empty());
    REQUIRE(values.size() == in + out + N + N * O + (example.right.empty() ? 0 : 3 * N) + looks);
    for (size_t i = 0; i < in; ++i)
      CHECK(values[i] ==
            (shape.reals ? example.batch.reals[i] : static_cast<float>(example.batch.symbols[i])));
    if (shape.has_classes()) {
      float sum = 0;
      for (size_t o = 0; o < O; ++o) sum += values[values.size() - looks - O + o];
      CHECK(sum == doctest::Approx(1.0));
    }

    const Message probe = ask({{"type", "probe"}, {"example", 3}, {"top", 2}});
    const std::vector<float> losses = floats(probe);
    const size_t top = probe.header["top"];
    CHECK(top == (shape.has_classes() ? std::min<size_t>(2, O) : 0));
    REQUIRE(losses.size() == N * (1 + 2 * top));
    for (size_t t = 0; t < N; ++t)
      CHECK(std::isnan(losses[t]) == (!example.batch.weights.empty() && example.batch.weights[t] == 0));

    CHECK(floats(ask({{"type", "activations"}, {"example", 3}, {"which", {"h"}}})).size() == N * 6);
    CHECK(ask({{"type", "cell"}, {"example", 3}, {"position", 0}}).header["length"] == N);
    const Message flow = ask({{"type", "flow"}, {"example", 3}, {"position", N - 1}});
    CHECK(flow.header["position"] == N - 1);
    CHECK(flow.header["lags"] == N);
    CHECK(floats(flow).size() == (2 + 1) * N);
    CHECK(ask({{"type", "gradient_check"}, {"example", 3}, {"samples", 4}}).header["error"].get<double>() <
          1e-2);

    // Under interventions the same, in double precision.
    harness.send({{"type", "intervene"}, {"id", 1}, {"set", {{{"kind", "ablate"}, {"unit", 0}}}}});
    CHECK(ask({{"type", "example"}, {"index", 3}}).header["intervened"] == true);
    harness.events.clear();
    if (task->characters() == nullptr) {
      harness.expect_refused({{"type", "sample"}, {"prompt", "a"}, {"length", 3}}, "");
      harness.expect_refused({{"type", "predict"}, {"prefix", "a"}}, "");
      harness.expect_refused({{"type", "probe"}, {"text", "ab"}}, "");
      harness.expect_refused({{"type", "units"}, {"which", "h"}}, "");
    }
  }
}

TEST_CASE(
    "Lane of a translation: it writes on its own to held-out sources and others, and tells where it looks") {
  Json experiment = Json::parse(
      R"({"unroll": 1, "data": {"task": {"name": "sums", "digits": 2, "attention": true}}, "train": {"batch": 8},
          "lanes": [{"cell": "gru", "hidden": 8}]})");
  const auto task = task_of(experiment);
  Harness harness;
  const Message configured = harness.configure(experiment, 0);
  CHECK(configured.header["shape"]["encoder"] == true);
  CHECK(configured.header["shape"]["attention"] == true);
  const auto O = static_cast<size_t>(task->shape().outputs);
  const auto ask = [&](Json command) {
    command["id"] = 9;
    harness.events.clear();
    harness.send(command);
    harness.finish();
    return harness.last(command["type"]);
  };
  for (const bool intervened : {false, true}) {
    if (intervened)
      harness.send({{"type", "intervene"}, {"id", 1}, {"set", {{{"kind", "ablate"}, {"unit", 0}}}}});
    const Example example = task->example(2);
    const auto N = static_cast<size_t>(example.batch.seq_length), S = static_cast<size_t>(example.batch.turn);
    const Message held_out = ask({{"type", "example"}, {"index", 2}});
    CHECK(held_out.header["turn"] == S);
    CHECK(held_out.header["intervened"] == intervened);
    std::vector<float> values = floats(held_out);
    REQUIRE(values.size() == 3 * N + N * O + (N - S) * S);
    for (size_t row = 0; row < N - S; ++row) {
      double sum = 0;
      for (size_t s = 0; s < S; ++s) sum += values[values.size() - (N - S - row) * S + s];
      CHECK(sum == doctest::Approx(1));
    }
    CHECK(ask({{"type", "probe"}, {"example", 2}, {"top", 1}}).header["written"] ==
          held_out.header["written"]);

    // A source of one's own goes on with what was written, each symbol the likeliest after those before it.
    const Message own = ask({{"type", "example"}, {"text", "12+34"}});
    const std::vector<int32_t> written = own.header["written"].get<std::vector<int32_t>>();
    const size_t read = 6 + written.size();
    CHECK(own.header["length"] == read);
    CHECK(own.header["turn"] == 5);
    CHECK(own.header["columns"].size() == read);
    values = floats(own);
    REQUIRE(values.size() == 3 * read + read * O + (read - 5) * 5);
    for (size_t n = 0; n < written.size(); ++n) {
      const auto row = values.begin() + static_cast<ptrdiff_t>(3 * read + (5 + n) * O);
      CHECK(std::max_element(row, row + static_cast<ptrdiff_t>(O)) - row == written[n]);
      CHECK(task->input_names()[static_cast<size_t>(values[6 + n])] ==
            task->output_names()[static_cast<size_t>(written[n])]);
    }
  }
  harness.expect_refused({{"type", "example"}, {"text", "?"}}, "text");
}

TEST_CASE(
    "Lane: sequences that are too short for what they should say are left out, and counted from the start") {
  Json experiment = Json::parse(
      R"({"unroll": 1, "data": {"task": {"name": "words"}, "text": "hello\t7 7\n"}, "train": {"batch": 16},
          "lanes": [{"cell": "rnn", "hidden": 4}]})");
  Harness harness;
  harness.configure(experiment, 0);
  const auto left_out_after = [&](int steps) {
    harness.send({{"type", "step"}, {"count", steps}});
    harness.finish();
    return harness.last("metrics").header.value("left_out", int64_t{0});
  };
  const int64_t first = left_out_after(6);
  CHECK(first > 0);
  CHECK(first < 6 * 16);
  CHECK(left_out_after(6) > first);
  harness.configure(experiment, 0);
  CHECK(left_out_after(6) == first);

  experiment["data"].erase("text");
  harness.configure(experiment, 0);
  harness.send({{"type", "step"}, {"count", 1}});
  harness.finish();
  CHECK_FALSE(harness.last("metrics").header.contains("left_out"));
}

TEST_CASE("Lane: the sequences of a text are its validation part, and its score is the loss") {
  Harness harness;
  harness.configure(testing::small_experiment());
  harness.send({{"type", "step"}, {"count", 3}});
  harness.finish();
  const Json valid = harness.last("metrics").header["valid"];
  CHECK(valid["name"] == "loss");
  CHECK(valid["value"] == valid["loss"]);
  CHECK(valid["better"] == "lower");
  harness.send({{"type", "baselines"}, {"id", 1}});
  harness.send({{"type", "example"}, {"id", 2}, {"index", 0}});
  harness.finish();
  const Json baselines = harness.last("baselines").header;
  REQUIRE(baselines["list"].size() == 4);
  CHECK(baselines["list"][0]["value"] == baselines["uniform"]);
  const Message example = harness.last("example");
  CHECK(example.header["length"] == 16);
  const auto task = task_of(testing::small_experiment());
  CHECK(floats(example)[0] == static_cast<float>(task->corpus()->valid()[0]));
}

}  // namespace
}  // namespace unroll
