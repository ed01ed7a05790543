// A lane for tests, as its owner sees it: bytes in, bytes out, slices counted.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/lane/lane.h"
#include "engine/lane/protocol.h"
#include "engine/model/checkpoint.h"

namespace unroll::testing {

inline std::vector<float> floats(const Message& event) {
  const Result<std::vector<float>> values = floats_of(event);
  REQUIRE(bool(values));
  return values.value();
}

/// Some text with a pattern in it, n characters of a to j and a line break.
inline std::string some_text(int n) {
  Random random(7);
  std::string text;
  while (static_cast<int>(text.size()) < n)
    text += random.below(9) == 0 ? '\n' : "abcabcabdefghij"[random.below(15)];
  return text;
}

inline Json small_experiment() {
  return {{"unroll", 1},
          {"data", {{"text", some_text(3000)}, {"valid", 0.2}}},
          {"train", {{"batch", 4}, {"seq_length", 16}, {"rate", 0.01}, {"seed", 5}}},
          {"lanes", {{{"cell", "rnn"}, {"hidden", 8}}, {{"cell", "lstm"}, {"hidden", 12}}}}};
}

struct Harness {
  std::vector<Message> events;
  Lane lane{[this](std::vector<uint8_t> bytes) {
    Result<Message> event = decode(bytes);
    REQUIRE(bool(event));
    events.push_back(std::move(*event));
  }};

  void send(const Json& header, std::vector<uint8_t> payload = {}) {
    lane.receive(encode(Message{header, std::move(payload)}));
  }
  /// Configures lane 1 (the lstm), forgets the events of that, and gives the last of them, `configured`.
  Message configure(const Json& experiment, int index = 1) {
    send({{"type", "configure"}, {"experiment", experiment}, {"lane", index}});
    REQUIRE(events.back().type() == "configured");
    Message configured = events.back();
    events.clear();
    return configured;
  }
  /// Works until there is nothing left to do. Returns the number of slices.
  int finish() {
    int slices = 1;
    while (lane.work()) ++slices;
    return slices;
  }
  std::vector<Message> all(const std::string& type) const {
    std::vector<Message> found;
    for (const Message& event : events)
      if (event.type() == type) found.push_back(event);
    return found;
  }
  Message last(const std::string& type) const {
    const std::vector<Message> found = all(type);
    REQUIRE(!found.empty());
    return found.back();
  }
  bool has(const std::string& type) const { return !all(type).empty(); }
  /// The command is answered by nothing but an error that says which field is wrong.
  void expect_refused(Json command, const std::string& where) {
    command["id"] = 3;
    const std::string shown = command.dump().substr(0, 80);
    CAPTURE(shown);
    events.clear();
    send(command);
    REQUIRE(events.size() == 1);
    const Json error = last("error").header;
    CHECK(error["where"] == where);
    CHECK(error["command"] == command["type"]);
    CHECK(error["id"] == 3);
    CHECK(!lane.work());
  }
};

/// The same with two layers in lane 1.
inline Json deep_experiment(const char* cell) {
  Json experiment = small_experiment();
  experiment["lanes"][1] = {{"cell", cell}, {"hidden", 12}, {"layers", 2}};
  return experiment;
}

/// A lane after some steps, and the model that it has then.
struct Trained : Harness {
  explicit Trained(const char* cell) : checkpoint(train(cell)) {}
  const Model& model() const { return checkpoint.model; }
  const Vocabulary& vocabulary() const { return checkpoint.vocabulary; }
  /// Sends a command and returns its answer.
  Message ask(Json command) {
    command["id"] = 7;
    send(command);
    finish();
    const Message answer = last(command["type"]);
    CHECK(answer.header["id"] == 7);
    CHECK(answer.header["step"] == 10);
    return answer;
  }
  Checkpoint checkpoint;

 private:
  Checkpoint train(const char* cell) {
    configure(deep_experiment(cell));
    send({{"type", "step"}, {"count", 10}});
    send({{"type", "save"}, {"id", 1}});
    finish();
    send({{"type", "save"}, {"id", 2}});
    auto loaded = load_checkpoint(last("checkpoint").payload);
    REQUIRE(bool(loaded));
    return std::move(*loaded);
  }
};

/// What a lane learnt, bit for bit: losses and gradient norms of all steps, validation losses of steps 50,
/// 100 …
struct Curve {
  std::vector<float> steps;
  std::vector<std::pair<int64_t, double>> valid;
  bool operator==(const Curve&) const = default;
};

inline Curve curve_of(const Harness& harness) {
  Curve curve;
  for (const Message& event : harness.all("metrics")) {
    const std::vector<float> values = floats(event);
    const int64_t first = event.header["first"], step = event.header["step"];
    CHECK(first == static_cast<int64_t>(curve.steps.size() / 2) + 1);
    CHECK(static_cast<int64_t>(values.size()) == 2 * (step - first + 1));
    curve.steps.insert(curve.steps.end(), values.begin(), values.end());
    if (event.header.contains("valid") && event.header["valid"]["step"].get<int64_t>() % 50 == 0)
      curve.valid.emplace_back(event.header["valid"]["step"], event.header["valid"]["loss"]);
  }
  return curve;
}

}  // namespace unroll::testing
