// The lane as its owner sees it: bytes in, bytes out, slices counted.
#include "engine/lane/lane.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <numeric>

#include "engine/lane/commands.h"
#include "engine/lane/metrics.h"
#include "engine/lane/protocol.h"
#include "engine/model/checkpoint.h"
#include "engine/model/checkpoint_document.h"
#include "engine/model/safetensors.h"
#include "engine/probes/probe.h"
#include "engine/text/baselines.h"
#include "tests/lane/lane_fixture.h"

using namespace unroll;

using namespace unroll::testing;

TEST_CASE("protocol: messages keep header and payload, and the payload is aligned") {
  for (const char* text : {"", "a", "ab", "abc", "ä\n\"\\"}) {
    const Message message{{{"type", "x"}, {"text", text}},
                          payload_of(std::vector<float>{1.5f, -0.0f, 3e38f})};
    const std::vector<uint8_t> bytes = encode(message);
    CHECK((bytes.size() - message.payload.size()) % 4 == 0);
    const Result<Message> read = decode(bytes);
    REQUIRE(bool(read));
    CHECK(read->header == message.header);
    CHECK(read->payload == message.payload);
    CHECK(floats(*read) == std::vector<float>{1.5f, -0.0f, 3e38f});
  }
  CHECK(!floats_of(Message{{{"type", "x"}}, {1, 2, 3}}));
  CHECK(Message{{{"type", 3}}, {}}.type() == "");
}

TEST_CASE("protocol: what is no message is refused") {
  const auto raw = [](uint32_t length, const std::string& header) {
    std::vector<uint8_t> bytes(4);
    std::memcpy(bytes.data(), &length, 4);
    bytes.insert(bytes.end(), header.begin(), header.end());
    bytes.resize((bytes.size() + 3) & ~size_t{3});
    return decode(bytes);
  };
  const auto text = [&](const std::string& header) {
    return raw(static_cast<uint32_t>(header.size()), header);
  };
  CHECK(bool(text(R"({"type":"run"})")));
  CHECK(!decode({}));
  CHECK(!decode(std::vector<uint8_t>{1, 0, 0}));
  CHECK(!raw(100, R"({"type":"run"})"));
  CHECK(!raw(0xffffffffu, R"({"type":"run"})"));
  CHECK(!text(R"({"type":"run")"));
  CHECK(!text(R"(["type"])"));
  CHECK(!text(R"({"type":3})"));
  CHECK(!text(R"({})"));
  CHECK(!text(""));
  CHECK(!text("{\"type\":\"\xff\"}"));
  CHECK(!text(std::string(100000, '[')));
  CHECK(text(std::string(100000, '[')).error().what.find("deeper") != std::string::npos);
}

TEST_CASE("lane: damaged messages never do harm") {
  Harness harness;
  harness.configure(small_experiment());
  const std::vector<Json> commands = {
      {{"type", "probe"}, {"id", 3}, {"text", "abcab"}, {"top", 2}},
      {{"type", "sample"}, {"id", 3}, {"prompt", "ab"}, {"length", 5}, {"temperature", 0.5}},
      {{"type", "step"}, {"count", 2}},
      {{"type", "configure"}, {"experiment", small_experiment()}, {"lane", 0}},
  };
  Random random(11);
  int refused = 0;
  for (int round = 0; round < 400; ++round) {
    std::vector<uint8_t> bytes = encode({commands[random.below(4)], {}});
    const size_t start = round % 2 ? 4 : 0;
    for (uint32_t n = 0; n <= random.below(3); ++n) {
      const size_t at =
          start + random.below(static_cast<uint32_t>(std::min<size_t>(bytes.size(), 300) - start));
      bytes[at] = static_cast<uint8_t>(random.next());
    }
    if (random.below(4) == 0) bytes.resize(random.below(static_cast<uint32_t>(bytes.size())));
    harness.events.clear();
    harness.lane.receive(bytes);
    harness.finish();
    REQUIRE(!harness.events.empty());
    refused += harness.has("error");
  }
  CHECK(refused > 200);
  harness.configure(small_experiment());
  harness.send({{"type", "step"}});
  harness.finish();
  CHECK(harness.last("state").header["step"] == 1);
}

TEST_CASE("lane: an unfitting command is answered by an error that says where, and changes nothing") {
  Harness harness;
  CHECK(harness.last("ready").header["isa"].is_string());
  harness.send({{"type", "run"}});
  CHECK(harness.last("error").header["command"] == "run");
  harness.configure(small_experiment());

  Json bad_hidden = small_experiment();
  bad_hidden["lanes"][1]["hidden"] = 0;
  Json no_text = small_experiment();
  no_text["data"]["text"] = "a";
  const std::string long_text(CommandLimits::text_characters + 1, 'a');
  const struct {
    Json command;
    const char* where;
  } cases[] = {
      {{{"type", "fly"}}, "type"},
      {{{"type", "run"}, {"until", "10"}}, "until"},
      {{{"type", "run"}, {"until", -1}}, "until"},
      {{{"type", "run"}, {"until", 1.5}}, "until"},
      {{{"type", "run"}, {"until", 18446744073709551615u}}, "until"},
      {{{"type", "run"}, {"untl", 10}}, "untl"},
      {{{"type", "step"}, {"count", 0}}, "count"},
      {{{"type", "tune"}, {"rate", -0.1}}, "rate"},
      {{{"type", "tune"}, {"rate", nullptr}}, "rate"},
      {{{"type", "tune"}, {"clip", "1"}}, "clip"},
      {{{"type", "write"}}, "on"},
      {{{"type", "write"}, {"on", 1}}, "on"},
      {{{"type", "write"}, {"on", true}, {"rate", 0}}, "rate"},
      {{{"type", "sample"}, {"id", 1}, {"prompt", 5}, {"length", 1}}, "prompt"},
      {{{"type", "sample"}, {"id", 1}, {"prompt", ""}, {"length", 100001}}, "length"},
      {{{"type", "sample"}, {"id", 1}, {"prompt", ""}, {"length", 1}, {"temperature", -1}}, "temperature"},
      {{{"type", "sample"}, {"id", 1}, {"prompt", ""}, {"length", 1}, {"top_k", -1}}, "top_k"},
      {{{"type", "sample"}, {"id", 1}, {"prompt", ""}, {"length", 1}, {"top_p", -0.1}}, "top_p"},
      {{{"type", "predict"}, {"prefix", "a"}}, "id"},
      {{{"type", "predict"}, {"id", 1}, {"prefix", long_text}}, "prefix"},
      {{{"type", "probe"}, {"id", 1}, {"text", "a"}, {"top", 17}}, "top"},
      {{{"type", "baselines"}, {"id", -1}}, "id"},
      {{{"type", "save"}, {"id", true}}, "id"},
      {{{"type", "configure"}, {"lane", 0}}, "experiment"},
      {{{"type", "configure"}, {"experiment", 7}, {"lane", 0}}, "experiment"},
      {{{"type", "configure"}, {"experiment", bad_hidden}, {"lane", 1}}, "experiment.lanes[1].hidden"},
      {{{"type", "configure"}, {"experiment", small_experiment()}, {"lane", 2}}, "lane"},
      {{{"type", "configure"}, {"experiment", no_text}, {"lane", 0}}, "experiment.data.text"},
      {{{"type", "configure"},
        {"experiment", {{"unroll", 1}, {"data", {{"example", "story"}}}}},
        {"lane", 0}},
       "experiment.data.text"},
  };
  for (const auto& [command, where] : cases) {
    const std::string shown = command.dump().substr(0, 80);
    CAPTURE(shown);
    harness.events.clear();
    harness.send(command);
    CHECK(harness.events.size() == 1);
    const Json error = harness.last("error").header;
    CHECK(error["command"] == command["type"]);
    CHECK(error["where"] == where);
    CHECK(error["what"].get<std::string>().size() > 5);
    if (command.contains("id") && command["id"].is_number_integer()) CHECK(error["id"] == command["id"]);
  }
  for (const std::string& strange : {std::string(1 << 20, 'x'), std::string("\x1b[2J")}) {
    harness.events.clear();
    harness.send({{"type", strange}});
    harness.send({{"type", "step"}, {strange, 1}});
    harness.send({{"type", "step"}, {"count", strange}});
    for (const Message& error : harness.all("error")) {
      CHECK(error.header.dump().size() < 1500);
      for (const char* part : {"command", "where", "what"})
        CHECK(error.header[part].get<std::string>().find('\x1b') == std::string::npos);
    }
    CHECK(harness.all("error").size() == 3);
  }
  harness.events.clear();
  harness.send({{"type", "run"}}, {1, 2, 3, 4});
  CHECK(harness.has("error"));
  harness.events.clear();
  harness.send({{"type", "load"}}, {1, 2, 3, 4});
  CHECK(harness.last("error").header["command"] == "load");

  harness.events.clear();
  harness.send({{"type", "step"}});
  harness.finish();
  CHECK(harness.last("state").header["step"] == 1);
}

TEST_CASE("lane: configured tells the sizes that are used") {
  Harness harness;
  Json experiment = small_experiment();
  harness.send({{"type", "configure"}, {"experiment", experiment}, {"lane", 1}});
  Json facts = harness.last("configured").header;
  CHECK(facts["lane"] == 1);
  CHECK(facts["vocabulary"] == "\nabcdefghij");
  CHECK(facts["train_characters"] == 2400);
  CHECK(facts["valid_characters"] == 600);
  CHECK(facts["batch"] == 4);
  CHECK(facts["seq_length"] == 16);
  CHECK(facts["steps_per_epoch"] == 2399 / 4 / 16);
  CHECK(facts["parameters"] == 4 * 12 * (11 + 12 + 2) + 11 * 13);
  CHECK(facts["valid_every"] == validation_interval(600, 64));
  CHECK(facts["notices"].empty());
  CHECK(!facts.contains("experiment"));

  experiment["data"]["text"] = "abcdefabcdef";
  harness.send({{"type", "configure"}, {"experiment", experiment}, {"lane", 0}});
  facts = harness.last("configured").header;
  CHECK(facts["batch"].get<int>() * facts["seq_length"].get<int>() < 12);
  CHECK(facts["notices"].size() >= 1);
  CHECK(facts["notices"][0].get<std::string>().find("4 sequences of 16") != std::string::npos);
}

TEST_CASE("lane: the curve is the same bit for bit, whatever happens in between") {
  Json experiment = small_experiment();
  experiment["lanes"][1] = {{"cell", "lstm"}, {"hidden", 12}, {"layers", 2}, {"dropout", 0.3}};
  experiment["data"]["valid"] = 0.1;  // validated every 50 steps
  constexpr int steps = 130;

  Harness straight;
  straight.configure(experiment);
  straight.send({{"type", "run"}, {"until", steps}});
  straight.finish();
  const Curve expected = curve_of(straight);
  REQUIRE(expected.steps.size() == 2 * steps);
  REQUIRE(expected.valid.size() == 2);

  Harness disturbed;
  disturbed.configure(experiment);
  disturbed.send({{"type", "write"}, {"on", true}, {"rate", 2000}});
  disturbed.send({{"type", "baselines"}, {"id", 1}});
  int done = 0;
  for (int round = 0; done < steps; ++round) {
    const int count = std::min(1 + round % 7, steps - done);
    disturbed.send({{"type", "step"}, {"count", count}});
    disturbed.send({{"type", "sample"}, {"id", 1}, {"prompt", "ab"}, {"length", 20 * (round % 3)}});
    disturbed.send({{"type", "predict"}, {"id", 2}, {"prefix", "abc"}});
    disturbed.lane.work();
    disturbed.send({{"type", "pause"}});
    disturbed.send({{"type", "probe"}, {"id", 3}, {"text", "abcabcabd"}});
    disturbed.send({{"type", "save"}, {"id", 4}});
    if (round % 2) disturbed.finish();
    done = disturbed.last("state").header["step"];
  }
  disturbed.finish();
  CHECK(curve_of(disturbed) == expected);

  Harness again;  // a reset starts over
  again.configure(experiment);
  again.send({{"type", "step"}, {"count", 20}});
  again.finish();
  again.configure(experiment);
  again.send({{"type", "run"}, {"until", steps}});
  again.finish();
  CHECK(curve_of(again) == expected);
}

TEST_CASE("lane: while training rests, what is asked is answered, and no step is made") {
  Harness harness;
  harness.configure(small_experiment());
  harness.send({{"type", "run"}});
  REQUIRE(harness.lane.work());
  while (harness.lane.answer()) continue;
  harness.send({{"type", "sample"}, {"id", 9}, {"prompt", "a"}, {"length", 50}});
  while (harness.lane.answer()) continue;
  const int64_t step = harness.last("sample").header["step"];
  CHECK(harness.last("sample").header["id"] == 9);
  CHECK(!harness.lane.answer());
  harness.send({{"type", "sample"}, {"id", 10}, {"prompt", "a"}, {"length", 5}});
  while (harness.lane.answer()) continue;
  CHECK(harness.last("sample").header["step"] == step);
  // … and then goes on. A slice may be one of measuring.
  for (int slices = 0; slices < 20; ++slices) CHECK(harness.lane.work());
  harness.send({{"type", "sample"}, {"id", 11}, {"prompt", "a"}, {"length", 5}});
  while (harness.lane.answer()) continue;
  CHECK(harness.last("sample").header["step"] > step);
}

TEST_CASE("lane: questions are answered at once while it trains, long jobs in slices") {
  Harness harness;
  const Message configured = harness.configure(small_experiment());
  harness.send({{"type", "run"}});
  CHECK(harness.last("state").header["running"] == true);
  for (int n = 0; n < 3; ++n) REQUIRE(harness.lane.work());
  harness.send({{"type", "sample"}, {"id", 9}, {"prompt", "a"}, {"length", 100000}});
  harness.send({{"type", "predict"}, {"id", 1}, {"prefix", "abcxyz"}});
  CHECK(harness.last("prediction").header["prefix_length"] == 3);
  CHECK(harness.last("prediction").header["unknown"] == "xyz");
  const std::vector<float> probabilities = floats(harness.last("prediction"));
  CHECK(probabilities.size() == 11);
  CHECK(std::accumulate(probabilities.begin(), probabilities.end(), 0.0) == doctest::Approx(1).epsilon(1e-5));
  harness.send({{"type", "probe"}, {"id", 2}, {"text", "abcab"}, {"top", 3}});
  CHECK(harness.last("probe").header["id"] == 2);
  harness.send({{"type", "tune"}, {"rate", 0.002}});
  CHECK(harness.last("state").header["rate"] == 0.002);
  harness.send({{"type", "save"}, {"id", 5}});
  CHECK(harness.last("checkpoint").header["id"] == 5);
  harness.send({{"type", "onnx"}, {"id", 6}});
  const Message onnx = harness.last("onnx");
  CHECK(onnx.header["id"] == 6);
  CHECK(onnx.header["file_name"].get<std::string>().ends_with(".onnx"));
  CHECK(onnx.payload.size() > 4 * configured.header["parameters"].get<size_t>());
  CHECK(!harness.has("sample"));
  harness.send({{"type", "pause"}});
  CHECK(harness.last("state").header["running"] == false);
  CHECK(harness.last("state").header["reason"] == "asked");
  const Json step = harness.last("state").header["step"];
  CHECK(harness.finish() > 1);
  CHECK(harness.last("sample").header["text"].get<std::string>().size() == 100000);
  CHECK(harness.last("sample").header["step"] == step);
  // A pause is followed by a validation, unless that step has had one.
  CHECK(std::ranges::any_of(harness.all("metrics"), [&](const Message& metrics) {
    return metrics.header.contains("valid") && metrics.header["valid"]["step"] == step;
  }));
  CHECK(!harness.lane.work());
}

TEST_CASE("lane: tune takes what an experiment may say, and answers what is used") {
  Harness harness;
  harness.configure(small_experiment());
  for (const double rate : {0.002, 0.0, 10.0, 1e-9, 0.0, 0.01}) {
    CAPTURE(rate);
    harness.events.clear();
    harness.send({{"type", "tune"}, {"rate", rate}, {"clip", 0.5}});
    CHECK(harness.last("state").header["rate"] == rate);
    harness.send({{"type", "step"}});
    harness.finish();
    CHECK(harness.last("metrics").header["rate"] == rate);
    Experiment same = *parse_experiment(json_text(small_experiment()));
    same.train.rate = rate;
    CHECK(validate(same));
  }
  for (const double refused : {-1e-9, 10.1}) {
    harness.events.clear();
    harness.send({{"type", "tune"}, {"rate", refused}});
    CHECK(harness.last("error").header["hint"] == "allowed: a number, 0 to 10");
  }
}

TEST_CASE("lane: a model that gives no probabilities says so instead of writing") {
  Harness harness;
  harness.configure(small_experiment());
  harness.send({{"type", "save"}, {"id", 1}});
  auto file = read_safetensors(harness.last("checkpoint").payload);
  REQUIRE(file);
  for (TensorFile::Tensor& tensor : file->tensors) {
    // Gates and states at their ends, and logits beyond what a float holds.
    if (tensor.name == "rnn.weight_ih_l0" || tensor.name == "decoder.weight")
      std::ranges::fill(tensor.values, 3.4e38f);
  }
  harness.send({{"type", "load"}}, write_safetensors(*file));
  harness.events.clear();
  harness.send({{"type", "sample"}, {"id", 2}, {"prompt", "abc"}, {"length", 10}});
  harness.finish();
  CHECK(harness.last("error").header["id"] == 2);
  CHECK(harness.last("error").header["what"] ==
        "the model gives no probabilities: a number in it is not finite");
  harness.send({{"type", "predict"}, {"id", 3}, {"prefix", "abc"}});
  CHECK(harness.last("error").header["id"] == 3);
  CHECK(!harness.has("sample"));
}

TEST_CASE("lane: it stops at `until`, after `step`, and at the experiment's last step") {
  Json experiment = small_experiment();
  experiment["train"]["steps"] = 30;
  Harness harness;
  harness.configure(experiment);
  harness.send({{"type", "run"}, {"until", 12}});
  harness.finish();
  CHECK(harness.last("state").header["step"] == 12);
  CHECK(harness.last("state").header["reason"] == "until");
  harness.send({{"type", "step"}, {"count", 3}});
  harness.finish();
  CHECK(harness.last("state").header["step"] == 15);
  CHECK(harness.last("metrics").header["step"] == 15);
  harness.send({{"type", "run"}});
  harness.finish();
  CHECK(harness.last("state").header["step"] == 30);
  CHECK(harness.last("state").header["reason"] == "steps");
  harness.send({{"type", "run"}});
  harness.finish();
  CHECK(harness.last("state").header["step"] == 30);
  CHECK(harness.last("state").header["running"] == false);
}

TEST_CASE("lane: a saved lane goes on exactly, and records what was tuned") {
  Harness straight;
  straight.configure(small_experiment());
  straight.send({{"type", "step"}, {"count", 20}});
  straight.finish();
  straight.send({{"type", "tune"}, {"rate", 0.004}, {"clip", 0.5}});
  straight.send({{"type", "save"}, {"id", 1}});
  const Message file = straight.last("checkpoint");
  CHECK(file.header["file_name"] == "unroll-lstm-12-step-20.safetensors");
  straight.events.clear();
  straight.send({{"type", "step"}, {"count", 20}});
  straight.finish();

  Harness resumed;
  resumed.send({{"type", "load"}}, file.payload);
  const Json facts = resumed.last("configured").header;
  CHECK(facts["step"] == 20);
  CHECK(facts["lane"] == 0);
  const Result<Experiment> experiment = parse_experiment(facts["experiment"].dump());
  REQUIRE(bool(experiment));
  CHECK(experiment->lanes.at(0).rate == 0.004);
  CHECK(experiment->train.clip == 0.5);
  CHECK(experiment->data.text == some_text(3000));
  resumed.events.clear();
  resumed.send({{"type", "step"}, {"count", 20}});
  CHECK(resumed.last("state").header["rate"] == 0.004);
  CHECK(resumed.last("state").header["clip"] == 0.5);
  resumed.finish();
  CHECK(resumed.all("metrics").front().header["first"] == 21);
  std::vector<float> a, b;
  for (const Message& event : straight.all("metrics"))
    for (const float value : floats(event)) a.push_back(value);
  for (const Message& event : resumed.all("metrics"))
    for (const float value : floats(event)) b.push_back(value);
  CHECK(a.size() == 40);
  CHECK(a == b);
}

TEST_CASE("lane: a file that only names a built-in text goes on with the text that comes with it") {
  Experiment named = *parse_experiment(small_experiment().dump());
  named.data = {.text = "", .example = "letters", .valid = 0.2};
  const auto trainer =
      Trainer::create(named, 1, std::make_shared<const Corpus>(*make_corpus(some_text(3000), 0.2)));
  REQUIRE(bool(trainer));
  for (int step = 0; step < 5; ++step) (*trainer)->step();
  const std::vector<uint8_t> file = save_checkpoint(**trainer);
  const Result<Experiment> document = experiment_of_checkpoint(file);
  REQUIRE(bool(document));
  CHECK(document->data.example == "letters");

  Harness lane;
  lane.send({{"type", "load"}}, file);
  CHECK(lane.last("error").header["where"] == "experiment, data.example");
  lane.send({{"type", "load"}, {"text", "of other characters"}}, file);
  CHECK(lane.last("error").header["where"] == "vocabulary");
  lane.send({{"type", "load"}, {"text", some_text(3000)}}, file);
  const Json facts = lane.last("configured").header;
  CHECK(facts["step"] == 5);
  CHECK(facts["experiment"]["data"]["text"] == some_text(3000));
  CHECK(!facts["experiment"]["data"].contains("example"));
  lane.send({{"type", "step"}, {"count", 5}});
  lane.finish();
  CHECK(lane.last("state").header["step"] == 10);
}

TEST_CASE("lane: divergence stops it, is explained, and leaves a model that works") {
  Json experiment = small_experiment();
  experiment["train"]["rate"] = 1;
  experiment["train"]["clip"] = 0;
  experiment["train"]["seq_length"] = 128;
  experiment["lanes"][0] = {{"cell", "rnn"}, {"hidden", 32}, {"nonlinearity", "relu"}};
  Harness harness;
  harness.configure(experiment, 0);
  harness.send({{"type", "run"}, {"until", 5000}});
  harness.finish();
  const Json state = harness.last("state").header;
  REQUIRE(state["reason"] == "diverged");
  CHECK(state["running"] == false);
  const int64_t step = state["step"];
  CHECK(state["message"].get<std::string>().find("Step " + std::to_string(step + 1)) == 0);
  for (const Message& event : harness.all("metrics"))
    for (const float value : floats(event)) CHECK(std::isfinite(value));
  harness.send({{"type", "predict"}, {"id", 1}, {"prefix", "ab"}});
  for (const float probability : floats(harness.last("prediction"))) CHECK(std::isfinite(probability));
  harness.send({{"type", "run"}});
  CHECK(harness.last("error").header["command"] == "run");
  CHECK(!harness.lane.work());
  harness.send({{"type", "tune"}, {"rate", 1e-6}});
  harness.send({{"type", "step"}});
  harness.finish();
  CHECK(harness.last("state").header["step"] == step + 1);
}

TEST_CASE("lane: predictions, probes and baselines are those of the engine") {
  Harness harness;
  harness.configure(small_experiment());
  harness.send({{"type", "step"}, {"count", 10}});
  harness.finish();
  harness.send({{"type", "save"}, {"id", 1}});
  const Result<Checkpoint> saved = load_checkpoint(harness.last("checkpoint").payload);
  REQUIRE(bool(saved));

  harness.send({{"type", "predict"}, {"id", 1}, {"prefix", "abca"}});
  Sampler sampler(saved->model, saved->vocabulary, 1);
  sampler.feed(U"abca");
  CHECK(floats(harness.last("prediction")) ==
        std::vector<float>(sampler.distribution().begin(), sampler.distribution().end()));

  harness.send({{"type", "probe"}, {"id", 1}, {"text", "abXcab"}, {"top", 2}});
  const Message event = harness.last("probe");
  const SurpriseProbe probe = probe_surprise(saved->model, saved->vocabulary, U"abXcab", 2);
  const std::vector<float> values = floats(event);
  CHECK(event.header["text"] == "abcab");
  CHECK(event.header["unknown"] == "X");
  REQUIRE(values.size() == 5 + 10 + 10);
  CHECK(std::isnan(values[0]));
  for (size_t n = 1; n < 5; ++n) CHECK(values[n] == probe.loss[n]);
  for (size_t n = 2; n < 10; ++n) {
    CHECK(values[5 + n] == static_cast<float>(probe.top_ids[n]));
    CHECK(values[15 + n] == probe.top_probs[n]);
  }

  harness.send({{"type", "sample"}, {"id", 4}, {"prompt", "ab?"}, {"length", 30}, {"seed", 3}});
  harness.finish();
  Sampler writer(saved->model, saved->vocabulary, 3);
  writer.feed(U"ab?");
  std::string text;
  for (int n = 0; n < 30; ++n) text += encode_utf8(writer.write(SamplingOptions{}));
  CHECK(harness.last("sample").header["text"] == text);
  CHECK(harness.last("sample").header["unknown"] == "?");

  harness.send({{"type", "baselines"}, {"id", 6}});
  harness.finish();
  const Json found = harness.last("baselines").header;
  const Baselines expected = measure_baselines(*make_corpus(some_text(3000), 0.2));
  CHECK(found["id"] == 6);
  CHECK(found["uniform"] == expected.uniform);
  CHECK(found["unigram"] == expected.unigram);
  CHECK(found["bigram"] == expected.bigram);
  CHECK(found["best"] == expected.best);
  CHECK(found["best_order"] == expected.best_order);
  CHECK(found["on_valid"] == true);
}

TEST_CASE("lane: it writes while it trains, at the rate asked for, and reports at most 25 times a second") {
  using Clock = std::chrono::steady_clock;
  Json experiment = small_experiment();
  experiment["data"]["valid"] = 0;
  Harness harness;
  harness.configure(experiment);
  harness.send({{"type", "write"}, {"on", true}, {"rate", 200}, {"temperature", 0.7}});
  CHECK(!harness.lane.work());  // nothing is written before training starts
  const Clock::time_point begin = Clock::now();
  harness.send({{"type", "run"}});
  while (Clock::now() - begin < std::chrono::milliseconds(600)) harness.lane.work();
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  harness.send({{"type", "pause"}});
  std::string text;
  int64_t step = 0;
  for (const Message& event : harness.all("written")) {
    text += event.header["text"].get<std::string>();
    CHECK(event.header["step"].get<int64_t>() >= step);
    step = event.header["step"];
  }
  CHECK(step > 0);
  CHECK(text.size() > 20);
  CHECK(static_cast<double>(text.size()) <= 200 * seconds);
  CHECK(text.find_first_not_of("\nabcdefghij") == std::string::npos);
  CHECK(static_cast<double>(harness.all("metrics").size()) <= seconds * 25 + 2);
  const Json metrics = harness.last("metrics").header;
  CHECK(metrics["seconds"].get<double>() <= seconds);
  CHECK(metrics["chars_per_second"].get<double>() > 0);
  CHECK(metrics["epoch"].get<double>() == doctest::Approx(metrics["step"].get<double>() / (2999 / 4 / 16)));
  harness.events.clear();
  CHECK(!harness.lane.work());
  CHECK(harness.events.empty());
}

TEST_CASE("lane: validation reads at most 15% of what training reads") {
  CHECK(validation_interval(0, 100) == 0);
  CHECK(validation_interval(1, 100) == 0);
  CHECK(validation_interval(2, 100) == 50);
  for (const int64_t valid : {10, 1000, 111540, 1'600'000})
    for (const int64_t step : {1, 64, 1024, 4096}) {
      const int64_t every = validation_interval(valid, step);
      CHECK(every >= 50);
      CHECK(static_cast<double>(valid) <= 0.15 * static_cast<double>(every * step) + 1e-6);
    }
}

TEST_CASE("lane: speed is smoothed over training time and forgets the past") {
  SpeedMeter meter;
  CHECK(meter.characters_per_second() == 0);
  for (int n = 0; n < 50; ++n) meter.add(1000, 0.1);
  CHECK(meter.characters_per_second() == doctest::Approx(10000));
  for (int n = 0; n < 100; ++n) meter.add(2000, 0.1);
  CHECK(meter.characters_per_second() == doctest::Approx(20000).epsilon(0.01));
  CHECK(meter.total_seconds() == doctest::Approx(15));
}
