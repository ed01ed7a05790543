// What a lane tells about its weights and about one step, and which units follow what.
#include <algorithm>
#include <cmath>

#include "engine/lane/commands.h"
#include "engine/probes/blocks.h"
#include "engine/probes/layer_probe.h"
#include "engine/probes/step_record.h"
#include "engine/probes/unit_features.h"
#include "tests/lane/lane_fixture.h"

using namespace unroll;
using namespace unroll::testing;

TEST_CASE("lane: `weights` are the model's, and their change is that since step 0, also after `load`") {
  Trained lane("lstm");
  Harness fresh;
  fresh.configure(deep_experiment("lstm"));
  Harness resumed;
  resumed.send({{"type", "load"}}, lane.last("checkpoint").payload);
  for (const ParameterBlock& block : lane.model().blocks()) {
    CAPTURE(block.name);
    const auto expected = lane.model().parameters().subspan(block.offset, block.size());
    const Message now = lane.ask({{"type", "weights"}, {"block", block.name}});
    CHECK(std::ranges::equal(floats(now), expected));
    CHECK(now.header["name"] == block.name);
    CHECK(now.header["rows"] == block.rows);
    CHECK(now.header["cols"] == std::max(block.cols, 1));
    CHECK(now.header["change"] == false);

    fresh.send({{"type", "weights"}, {"id", 1}, {"block", block.name}});
    std::vector<float> change = floats(fresh.last("weights"));
    CHECK(fresh.last("weights").header["step"] == 0);
    for (size_t i = 0; i < change.size(); ++i) change[i] = expected[i] - change[i];
    const Message changed = lane.ask({{"type", "weights"}, {"block", block.name}, {"change", true}});
    CHECK(floats(changed) == change);
    CHECK(changed.header["change"] == true);
    CHECK(std::ranges::any_of(change, [](float value) { return value != 0; }));
    resumed.send({{"type", "weights"}, {"id", 1}, {"block", block.name}, {"change", true}});
    CHECK(floats(resumed.last("weights")) == change);
    fresh.send({{"type", "weights"}, {"id", 1}, {"block", block.name}, {"change", true}});
    for (const float value : floats(fresh.last("weights"))) CHECK(value == 0);
  }
}

TEST_CASE(
    "lane: `block_history` is that of the steps, whatever the slices; configure and load begin it anew") {
  Json experiment = small_experiment();
  experiment["train"]["batch"] = 16;
  experiment["train"]["seq_length"] = 64;  // every 8th step and powers of two
  const std::vector<int64_t> steps = {1, 2, 4, 8, 16, 24, 32, 40};
  const auto ask = [](Harness& harness, const char* type = "block_history") {
    harness.send({{"type", type}, {"id", 9}});
    CHECK(harness.last(type).header["id"] == 9);
    return harness.last(type);
  };
  Harness straight, pieces, resumed;
  straight.configure(experiment);
  CHECK(ask(straight).header["steps"] == Json::array());
  CHECK(ask(straight).payload.empty());
  straight.send({{"type", "run"}, {"until", 40}});
  straight.finish();
  const Message history = ask(straight), blocks = ask(straight, "blocks");
  CHECK(history.header["step"] == 40);
  CHECK(history.header["stride"] == 8);
  CHECK(history.header["steps"] == steps);
  CHECK(history.header["names"] == blocks.header["names"]);

  const Experiment same = *parse_experiment(experiment.dump());
  const auto trainer =
      std::move(*Trainer::create(same, 1, std::make_shared<const Corpus>(*make_corpus(same.data.text, 0.2))));
  std::vector<float> expected;
  for (const int64_t step : steps) {
    while (trainer->steps_done() < step) trainer->step();
    for (const BlockProbe& block : probe_blocks(*trainer))
      for (const double number : {block.weight_norm, block.gradient_norm, block.ratio})
        expected.push_back(static_cast<float>(number));
  }
  CHECK(floats(history) == expected);
  const std::vector<float> now = floats(blocks);
  const size_t end = expected.size() - now.size() / 4 * 3;
  for (size_t b = 0; b < now.size() / 4; ++b) {
    CHECK(expected[end + 3 * b] == now[4 * b]);
    CHECK(expected[end + 3 * b + 1] == now[4 * b + 1]);
    CHECK(expected[end + 3 * b + 2] == now[4 * b + 3]);
  }

  pieces.configure(experiment);
  pieces.send({{"type", "step"}, {"count", 3}});
  pieces.finish();
  CHECK(ask(pieces).header["steps"] == Json({1, 2}));
  pieces.configure(experiment);
  CHECK(ask(pieces).header["steps"] == Json::array());
  for (int done = 0; done < 40; done += 5) {
    pieces.send({{"type", "step"}, {"count", 5}});
    pieces.lane.work();
    pieces.send({{"type", "block_history"}, {"id", 1}});
    pieces.finish();
  }
  CHECK(ask(pieces).header["steps"] == steps);
  CHECK(ask(pieces).payload == history.payload);

  straight.send({{"type", "save"}, {"id", 1}});
  resumed.send({{"type", "load"}}, straight.last("checkpoint").payload);
  CHECK(ask(resumed).header["steps"] == Json::array());
  resumed.send({{"type", "step"}, {"count", 9}});
  resumed.finish();
  CHECK(ask(resumed).header["steps"] == Json({48}));
}

TEST_CASE("lane: `walk` does the step that training would do, and tells of it") {
  Json experiment = deep_experiment("lstm");
  experiment["lanes"][1]["dropout"] = 0.2;
  Harness straight, walked;
  straight.configure(experiment);
  straight.send({{"type", "step"}, {"count", 12}});
  straight.finish();
  walked.configure(experiment);
  walked.send({{"type", "step"}, {"count", 5}});
  walked.finish();
  for (int n = 0; n < 4; ++n) {
    walked.send({{"type", "walk"}, {"id", n}});
    walked.finish();
    CHECK(walked.last("state").header["step"] == 6 + n);
    CHECK(walked.last("state").header["running"] == false);
  }
  const Message walk = walked.last("walk");
  walked.send({{"type", "blocks"}, {"id", 1}});
  const Message blocks = walked.last("blocks");
  walked.send({{"type", "step"}, {"count", 3}});
  walked.finish();
  CHECK(curve_of(walked) == curve_of(straight));
  straight.send({{"type", "save"}, {"id", 1}});
  walked.send({{"type", "save"}, {"id", 1}});
  CHECK(walked.last("checkpoint").payload == straight.last("checkpoint").payload);

  CHECK(walk.header["id"] == 3);
  CHECK(walk.header["step"] == 9);
  CHECK(walk.header["stream"] == 0);
  CHECK(walk.header["layers"] == 2);
  CHECK(walk.header["rate"] == 0.01);
  const std::vector<float> steps = curve_of(straight).steps;
  CHECK(walk.header["loss"].get<float>() == steps[16]);
  CHECK(walk.header["grad_norm"].get<float>() == steps[17]);
  CHECK(walk.header["clip_factor"] == clip_factor(walk.header["grad_norm"], 1));
  CHECK(walk.header["names"] == blocks.header["names"]);
  CHECK(walk.header["sizes"] == blocks.header["sizes"]);

  // The same steps by a trainer of one's own.
  const Experiment same = *parse_experiment(experiment.dump());
  const auto trainer =
      std::move(*Trainer::create(same, 1, std::make_shared<const Corpus>(*make_corpus(same.data.text, 0.2))));
  for (int n = 0; n < 9; ++n) trainer->step();
  const StepRecord record = record_step(*trainer);
  std::vector<float> expected = record.losses;
  for (const auto& part : {record.h, record.dh, floats(blocks)})
    expected.insert(expected.end(), part.begin(), part.end());
  CHECK(floats(walk) == expected);
  CHECK(walk.header["text"] == encode_utf8(trainer->corpus().vocabulary.decode(record.inputs)));
  CHECK(walk.header["targets"] == encode_utf8(trainer->corpus().vocabulary.decode(record.targets)));
  CHECK(some_text(3000).find(walk.header["text"].get<std::string>()) == 8 * 16);
}

TEST_CASE("lane: `walk` needs a lane that stands, and says so when there was no step") {
  Json experiment = small_experiment();
  experiment["train"]["steps"] = 3;
  Harness harness;
  harness.configure(experiment);
  harness.send({{"type", "run"}});
  harness.send({{"type", "walk"}, {"id", 1}});
  CHECK(harness.last("error").header["hint"] == "pause first");
  CHECK(harness.last("error").header["id"] == 1);
  harness.send({{"type", "pause"}});
  harness.finish();

  harness.send({{"type", "walk"}, {"id", 2}});
  harness.send({{"type", "pause"}});
  CHECK(harness.last("error").header["id"] == 2);
  CHECK(harness.last("error").header["command"] == "walk");
  CHECK(harness.last("error").header["what"] == "training stopped before the step was done");
  harness.finish();
  CHECK(!harness.has("walk"));

  harness.send({{"type", "step"}, {"count", 3}});
  harness.finish();
  harness.send({{"type", "walk"}, {"id", 3}});
  harness.finish();
  CHECK(harness.last("error").header["id"] == 3);
  CHECK(harness.last("error").header["hint"] == "raise its `steps`, or set 0");
  CHECK(!harness.has("walk"));
  CHECK(harness.last("state").header["step"] == 3);
}

TEST_CASE("lane: `units` are the correlations of the engine, on a text or on the lane's own") {
  Trained lane("lstm");
  const Corpus corpus = *make_corpus(some_text(3000), 0.2);
  const auto expected = [&](const std::vector<int32_t>& ids, const char* which, const Pattern* pattern) {
    const std::vector<CellRow> rows = cell_rows(*graph_of(lane.model().spec()));
    LayerMeter meter(lane.model(), ids, 1, {*std::ranges::find(rows, which, &CellRow::name)}, 0, ids.size(),
                     LayerMeter::Order::by_row);
    while (!meter.advance()) continue;
    const TextFeatures features = text_features(lane.vocabulary().decode(ids), pattern);
    const size_t F = features.names.size();
    FeatureCorrelation correlation(F, 12);
    for (size_t n = 0; n < ids.size(); ++n)
      correlation.add(std::span(features.values).subspan(n * F, F),
                      std::span(meter.values()).subspan(n * 12, 12));
    return correlation.result();
  };
  const auto check = [](const std::vector<float>& found, const std::vector<float>& wanted) {
    REQUIRE(found.size() == wanted.size());
    for (size_t i = 0; i < found.size(); ++i)
      CHECK((found[i] == wanted[i] || (std::isnan(found[i]) && std::isnan(wanted[i]))));
  };

  const std::string text = some_text(700);
  const auto ids = lane.vocabulary().encode(*decode_utf8(text)).ids;
  const Result<Pattern> pattern = Pattern::parse(U"a[bc]+");
  const Message answer = lane.ask(
      {{"type", "units"}, {"text", text + "X"}, {"layer", 1}, {"which", "f"}, {"pattern", "a[bc]+"}});
  CHECK(answer.header["source"] == "text");
  CHECK(answer.header["characters"] == 700);
  CHECK(answer.header["layer"] == 1);
  CHECK(answer.header["which"] == "f");
  CHECK(answer.header["hidden"] == 12);
  CHECK(answer.header["features"].size() == 8);
  CHECK(answer.header["features"][7] == "pattern");
  check(floats(answer), expected(ids, "f", &*pattern));

  const Message own = lane.ask({{"type", "units"}, {"layer", 1}, {"which", "c"}});
  CHECK(own.header["source"] == "valid");
  CHECK(own.header["characters"] == 600);
  CHECK(own.header["features"].size() == 7);
  check(floats(own), expected({corpus.valid().begin(), corpus.valid().end()}, "c", nullptr));
  CHECK(floats(own)[0] == floats(own)[0]);  // line_position changes
  CHECK(std::isnan(floats(own)[4 * 12]));   // there is no upper case
}

TEST_CASE("lane: weights, walk and units that do not fit are refused with the place") {
  Harness harness;
  harness.configure(small_experiment());
  const struct {
    Json command;
    const char* where;
  } cases[] = {
      {{{"type", "weights"}}, "block"},
      {{{"type", "weights"}, {"block", "rnn.weight"}}, "block"},
      {{{"type", "weights"}, {"block", "decoder.bias"}, {"change", 1}}, "change"},
      {{{"type", "walk"}, {"count", 2}}, "count"},
      {{{"type", "units"}}, "which"},
      {{{"type", "units"}, {"which", "r"}}, "which"},
      {{{"type", "units"}, {"which", "u"}}, "which"},
      {{{"type", "units"}, {"which", "h"}, {"layer", 1}}, "layer"},
      {{{"type", "units"}, {"which", "h"}, {"text", "a"}}, "text"},
      {{{"type", "units"}, {"which", "h"}, {"pattern", "(a"}}, "pattern"},
      {{{"type", "units"}, {"which", "h"}, {"pattern", ""}}, "pattern"},
      {{{"type", "units"}, {"which", "h"}, {"pattern", std::string(201, 'a')}}, "pattern"},
  };
  for (const auto& [command, where] : cases) harness.expect_refused(command, where);
  Json wide = small_experiment();
  wide["lanes"][0] = {{"cell", "lstm"}, {"hidden", 1025}};
  harness.configure(wide, 0);
  harness.send({{"type", "weights"}, {"id", 1}, {"block", "rnn.weight_hh_l0"}});
  CHECK(harness.last("error").header["hint"] == "at most 4194304");
  harness.send({{"type", "weights"}, {"id", 1}, {"block", "rnn.weight_ih_l0"}});
  CHECK(harness.last("weights").header["cols"] == 11);
}
