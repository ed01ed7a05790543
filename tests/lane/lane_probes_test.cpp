// The probes of a lane: what it sends is what the engine measures, and what it learns is the same with and
// without them.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <span>

#include "engine/lane/commands.h"
#include "engine/probes/blocks.h"
#include "engine/probes/gradient_check.h"
#include "engine/probes/probe.h"
#include "engine/probes/spectrum.h"
#include "tests/lane/lane_fixture.h"

using namespace unroll;
using namespace unroll::testing;

namespace {

std::vector<float> joined(const std::vector<std::vector<float>>& parts) {
  std::vector<float> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace

TEST_CASE("lane probes: activations, flow and horizon are those of the engine, bit for bit") {
  for (const char* cell : {"rnn", "lstm", "gru"}) {
    CAPTURE(std::string(cell));
    Trained lane(cell);
    const std::string text = some_text(200);
    const std::u32string symbols = *decode_utf8(text);

    const ActivationProbe all = probe_activations(lane.model(), lane.vocabulary(), symbols);
    std::vector<std::string> names = all.names;
    std::ranges::reverse(names);
    for (int layer = 0; layer < 2; ++layer) {
      const Message answer =
          lane.ask({{"type", "activations"}, {"text", text + "?X"}, {"layer", layer}, {"which", names}});
      CHECK(answer.header["which"] == Json(names));
      CHECK(answer.header["hidden"] == 12);
      CHECK(answer.header["text"] == text);
      CHECK(answer.header["unknown"] == "?X");
      CHECK(answer.header["layer"] == layer);
      CHECK(answer.header["intervened"] == false);
      const std::vector<float> values = floats(answer);
      REQUIRE(values.size() == names.size() * 200 * 12);
      for (size_t w = 0; w < names.size(); ++w) {
        const auto part = std::span(values).subspan(w * 200 * 12, 200 * 12);
        CHECK(std::ranges::equal(part, all.values(layer, names[w])));
      }
    }

    const std::vector<int32_t> ids = lane.vocabulary().encode(symbols).ids;
    for (const int lags : {0, 30}) {
      const int position = 150;
      const GradientFlow flow = probe_gradient_flow(lane.model(), ids, std::span(&position, 1), lags)[0];
      const Message answer =
          lane.ask({{"type", "flow"}, {"text", text}, {"position", position}, {"lags", lags}});
      std::vector<std::vector<float>> expected = flow.states;
      expected.push_back(flow.input);
      CHECK(floats(answer) == joined(expected));
      CHECK(answer.header["lags"] == (lags ? 30 : 150));
      CHECK(answer.header["layers"] == 2);
      const bool has_c = std::string(cell) == "lstm";
      CHECK(answer.header["states"] == (has_c ? Json({"c", "h"}) : Json({"h"})));
      CHECK(answer.header["output"] == (has_c ? 1 : 0));
    }

    const MemoryHorizon of_text = probe_memory_horizon(lane.model(), ids, 50, 20);
    const Message answer = lane.ask({{"type", "horizon"}, {"text", text}, {"lags", 50}, {"positions", 20}});
    CHECK(answer.header["characters"] == of_text.characters);
    CHECK(answer.header["reached"] == of_text.reached);
    CHECK(answer.header["positions"] == 20);
    CHECK(answer.header["source"] == "text");
    CHECK(floats(answer) == std::vector<float>(of_text.influence.begin(), of_text.influence.end()));

    const Corpus corpus = *make_corpus(some_text(3000), 0.2);
    const MemoryHorizon of_valid = probe_memory_horizon(lane.model(), corpus.valid());
    const Message own = lane.ask({{"type", "horizon"}});
    CHECK(own.header["source"] == "valid");
    CHECK(own.header["characters"] == of_valid.characters);
    CHECK(own.payload.size() == 200 * sizeof(float));
  }
}

TEST_CASE("lane probes: spectrum, blocks and gradient check are those of the engine") {
  Trained lane("lstm");
  const Message spectrum = lane.ask({{"type", "spectrum"}, {"layer", 1}});
  CHECK(spectrum.header["gates"] == Json({"i", "f", "g", "o"}));
  SpectrumMeter meter(lane.model(), 1);
  while (!meter.advance()) continue;
  const std::vector<float> values = floats(spectrum);
  REQUIRE(values.size() == 8);
  for (size_t gate = 0; gate < 4; ++gate) {
    CHECK(values[2 * gate] == static_cast<float>(meter.result()[gate].singular));
    CHECK(values[2 * gate + 1] == static_cast<float>(meter.result()[gate].eigenvalue));
  }
  CHECK(Trained("rnn").ask({{"type", "spectrum"}}).header["gates"] == Json({"h"}));

  const Message check =
      lane.ask({{"type", "gradient_check"}, {"text", some_text(60)}, {"samples", 20}, {"seed", 5}});
  CHECK(check.header["error"].get<double>() < 1e-4);
  GradientCheck expected(lane.model(), lane.vocabulary().encode(*decode_utf8(some_text(60))).ids, 20, 5);
  while (!expected.advance()) continue;
  const std::vector<float> samples = floats(check);
  REQUIRE(samples.size() == 80);
  for (size_t n = 0; n < 20; ++n) {
    const GradientSample& sample = expected.samples()[n];
    CHECK(samples[4 * n] == static_cast<float>(sample.block));
    CHECK(samples[4 * n + 1] == static_cast<float>(sample.index));
    CHECK(samples[4 * n + 2] == static_cast<float>(sample.backward));
    CHECK(samples[4 * n + 3] == static_cast<float>(sample.difference));
  }

  const Message blocks = lane.ask({{"type", "blocks"}});
  const std::vector<float> norms = floats(blocks);
  REQUIRE(norms.size() == 4 * lane.model().blocks().size());
  double squares = 0;
  for (size_t b = 0; b < lane.model().blocks().size(); ++b) {
    const ParameterBlock& block = lane.model().blocks()[b];
    CHECK(blocks.header["names"][b] == block.name);
    CHECK(check.header["blocks"][b] == block.name);
    CHECK(blocks.header["sizes"][b] == block.size());
    CHECK(norms[4 * b + 3] > 0);
    squares += std::pow(norms[4 * b + 1], 2);
  }
  float grad_norm = 0;  // of the last step that was told
  for (const Message& metrics : lane.all("metrics"))
    if (const auto told = floats(metrics); !told.empty()) grad_norm = told.back();
  CHECK(std::sqrt(squares) == doctest::Approx(grad_norm).epsilon(1e-5));

  Harness fresh;
  fresh.configure(small_experiment());
  fresh.send({{"type", "blocks"}, {"id", 1}});
  const std::vector<float> unknown = floats(fresh.last("blocks"));
  CHECK(unknown[0] > 0);
  CHECK(std::isnan(unknown[1]));
}

TEST_CASE("lane probes: the curve is the same bit for bit with all probes in between") {
  Json experiment = deep_experiment("lstm");
  experiment["lanes"][1]["dropout"] = 0.3;
  experiment["data"]["valid"] = 0.1;  // validated every 50 steps
  constexpr int steps = 120;
  Harness straight;
  straight.configure(experiment);
  straight.send({{"type", "run"}, {"until", steps}});
  straight.finish();

  Harness probed;
  probed.configure(experiment);
  const std::string text = some_text(90);
  const std::vector<Json> commands = {
      {{"type", "activations"}, {"id", 1}, {"text", text}, {"which", {"f", "h"}}},
      {{"type", "cell"}, {"id", 7}, {"text", text}, {"position", 70}, {"count", 9}},
      {{"type", "flow"}, {"id", 2}, {"text", text}, {"position", 80}},
      {{"type", "horizon"}, {"id", 3}, {"lags", 20}, {"positions", 4}},
      {{"type", "spectrum"}, {"id", 4}},
      {{"type", "blocks"}, {"id", 5}},
      {{"type", "block_history"}, {"id", 14}},
      {{"type", "gradient_check"}, {"id", 6}, {"text", "abcabd"}, {"samples", 9}},
      {{"type", "intervene"}, {"id", 8}, {"set", {{{"kind", "clamp"}, {"what", "f"}, {"value", 1}}}}},
      {{"type", "units"}, {"id", 9}, {"which", "c"}, {"pattern", "ab"}},
      {{"type", "weights"}, {"id", 10}, {"block", "rnn.weight_hh_l0"}, {"change", true}},
      {{"type", "probe"}, {"id", 11}, {"text", text}},
      {{"type", "predict"}, {"id", 12}, {"prefix", text}},
      {{"type", "sample"}, {"id", 13}, {"prompt", text}, {"length", 20}},
  };
  const auto answer = [](const std::string& type) {
    return type == "intervene" ? "intervened" : type == "predict" ? "prediction" : type;
  };
  probed.send({{"type", "write"}, {"on", true}, {"rate", 2000}});
  probed.send({{"type", "run"}, {"until", steps}});
  for (size_t n = 0; n < 5 * commands.size(); ++n) {
    probed.send(commands[n % commands.size()]);
    probed.send({{"type", "pause"}});
    probed.send({{"type", "run"}, {"until", steps}});
    if (n % 3 == 0) probed.lane.work();
  }
  probed.finish();
  for (const Json& command : commands) CHECK(probed.all(answer(command["type"])).size() == 5);
  CHECK(!probed.has("error"));
  CHECK(curve_of(straight).steps.size() == 2 * steps);
  CHECK(curve_of(probed) == curve_of(straight));
}

TEST_CASE("lane probes: training waits for those that read its weights, and goes on beside the others") {
  Json experiment = small_experiment();
  experiment["lanes"][1] = {{"cell", "lstm"}, {"hidden", 128}};
  Harness harness;
  harness.configure(experiment);
  const auto steps_until = [&](const Json& command) {
    harness.send({{"type", "run"}});
    harness.lane.work();
    harness.send({{"type", "pause"}});
    const int64_t before = harness.last("state").header["step"];
    harness.send({{"type", "run"}});
    harness.events.clear();
    harness.send(command);
    CHECK(harness.events.empty());
    int slices = 0;
    while (!harness.has(command["type"])) {
      REQUIRE(harness.lane.work());
      harness.send({{"type", "predict"}, {"id", 1}, {"prefix", "a"}});  // answered in between
      ++slices;
    }
    CHECK(harness.all("prediction").size() == static_cast<size_t>(slices));
    harness.send({{"type", "pause"}});
    return harness.last("state").header["step"].get<int64_t>() - before;
  };
  CHECK(steps_until({{"type", "flow"}, {"id", 1}, {"text", some_text(4096)}, {"position", 4095}}) == 0);
  CHECK(steps_until({{"type", "spectrum"}, {"id", 2}}) > 0);
  harness.finish();

  harness.send({{"type", "horizon"}, {"id", 3}, {"lags", 500}});  // configure ends what is under way
  harness.configure(small_experiment());
  harness.finish();
  CHECK(!harness.has("horizon"));
}

TEST_CASE("lane probes: an answer tells how long the lane worked for it, not how long it was under way") {
  using Clock = std::chrono::steady_clock;
  Harness harness;
  harness.configure(small_experiment());
  const Clock::time_point begin = Clock::now();
  harness.send({{"type", "sample"}, {"id", 9}, {"prompt", "a"}, {"length", 100000}});
  REQUIRE(harness.lane.work());
  const Clock::time_point rest = Clock::now();
  while (Clock::now() - rest < std::chrono::milliseconds(100)) continue;
  const double rested = std::chrono::duration<double>(Clock::now() - rest).count();
  harness.send({{"type", "predict"}, {"id", 1}, {"prefix", "abc"}});
  const double predicted = harness.last("prediction").header["took"];
  harness.finish();
  const double elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
  const double took = harness.last("sample").header["took"];
  CHECK(took > 0);
  CHECK(predicted >= 0);  // clocks of browsers are coarse
  CHECK(took + predicted + rested <= elapsed + 0.001);
}

TEST_CASE("lane probes: an unfitting command is answered by an error that says where") {
  Harness harness;
  harness.send({{"type", "blocks"}, {"id", 1}});
  CHECK(harness.last("error").header["command"] == "blocks");
  harness.configure(small_experiment());
  const std::string text = "abcabc", long_text(CommandLimits::text_characters + 1, 'a'),
                    long_check(CommandLimits::checked_characters + 1, 'a');
  const Json ablate = {{"kind", "ablate"}};
  const struct {
    Json command;
    const char* where;
  } cases[] = {
      {{{"type", "activations"}, {"text", text}, {"which", {"h"}}, {"layer", 1}}, "layer"},
      {{{"type", "activations"}, {"text", text}, {"which", {"h"}}, {"layer", 4}}, "layer"},
      {{{"type", "activations"}, {"text", text}, {"which", {"h", "r"}}}, "which[1]"},
      {{{"type", "activations"}, {"text", text}, {"which", {"h_prev"}}}, "which[0]"},
      {{{"type", "activations"}, {"text", text}, {"which", {"h", 1}}}, "which[1]"},
      {{{"type", "activations"}, {"text", text}, {"which", "h"}}, "which"},
      {{{"type", "activations"}, {"text", text}, {"which", Json::array()}}, "which"},
      {{{"type", "activations"}, {"text", text}, {"which", std::vector<std::string>(9, "h")}}, "which"},
      {{{"type", "activations"}, {"text", text}}, "which"},
      {{{"type", "activations"}, {"text", long_text}, {"which", {"h"}}}, "text"},
      {{{"type", "cell"}, {"text", text}}, "position"},
      {{{"type", "cell"}, {"text", text}, {"position", 6}}, "position"},
      {{{"type", "cell"}, {"text", "XYZ"}, {"position", 0}}, "position"},
      {{{"type", "cell"}, {"text", text}, {"position", -1}}, "position"},
      {{{"type", "cell"}, {"text", text}, {"position", 4}, {"count", 3}}, "count"},
      {{{"type", "cell"}, {"text", text}, {"position", 0}, {"count", 0}}, "count"},
      {{{"type", "cell"}, {"text", text}, {"position", 0}, {"count", 65}}, "count"},
      {{{"type", "cell"}, {"text", text}, {"position", 0}, {"layer", 1}}, "layer"},
      {{{"type", "intervene"}}, "set"},
      {{{"type", "intervene"}, {"set", "none"}}, "set"},
      {{{"type", "intervene"}, {"set", {1}}}, "set[0]"},
      {{{"type", "intervene"}, {"set", {Json::object()}}}, "set[0].kind"},
      {{{"type", "intervene"}, {"set", {{{"kind", "hold"}}}}}, "set[0].kind"},
      {{{"type", "intervene"}, {"set", {ablate, {{"kind", "ablate"}, {"units", 1}}}}}, "set[1].units"},
      {{{"type", "intervene"}, {"set", {ablate, {{"kind", "ablate"}, {"unit", 12}}}}}, "set[1].unit"},
      {{{"type", "intervene"}, {"set", {ablate, {{"kind", "ablate"}, {"layer", 1}}}}}, "set[1].layer"},
      {{{"type", "intervene"}, {"set", {{{"kind", "freeze"}, {"first", 5}, {"last", 4}}}}}, "set[0].last"},
      {{{"type", "intervene"}, {"set", {{{"kind", "set"}, {"what", "c"}, {"value", 101}}}}}, "set[0].value"},
      {{{"type", "intervene"}, {"set", {{{"kind", "clamp"}, {"what", "f"}, {"value", -1}}}}}, "set[0].value"},
      {{{"type", "intervene"}, {"set", {{{"kind", "clamp"}, {"what", "r"}}}}}, "set[0].what"},
      {{{"type", "intervene"}, {"set", {{{"kind", "clamp"}}}}}, "set[0].what"},
      {{{"type", "intervene"}, {"set", {{{"kind", "set"}, {"what", "f"}}}}}, "set[0].what"},
      {{{"type", "intervene"}, {"set", {{{"kind", "freeze"}, {"what", 7}}}}}, "set[0].what"},
      {{{"type", "intervene"}, {"set", std::vector<Json>(65, ablate)}}, "set"},
      {{{"type", "flow"}, {"text", text}}, "position"},
      {{{"type", "flow"}, {"text", text}, {"position", 0}}, "position"},
      {{{"type", "flow"}, {"text", text}, {"position", 6}}, "position"},
      {{{"type", "flow"}, {"text", "aXYZ"}, {"position", 1}}, "text"},
      {{{"type", "flow"}, {"text", text}, {"position", 2}, {"lags", -1}}, "lags"},
      {{{"type", "horizon"}, {"text", "a"}}, "text"},
      {{{"type", "horizon"}, {"text", 5}}, "text"},
      {{{"type", "horizon"}, {"lags", 0}}, "lags"},
      {{{"type", "horizon"}, {"positions", 65}}, "positions"},
      {{{"type", "spectrum"}, {"layer", 1}}, "layer"},
      {{{"type", "spectrum"}, {"layer", "0"}}, "layer"},
      {{{"type", "blocks"}, {"layer", 0}}, "layer"},
      {{{"type", "block_history"}, {"block", "decoder.bias"}}, "block"},
      {{{"type", "gradient_check"}, {"text", "a"}}, "text"},
      {{{"type", "gradient_check"}, {"text", long_check}}, "text"},
      {{{"type", "gradient_check"}, {"text", text}, {"samples", 0}}, "samples"},
      {{{"type", "gradient_check"}, {"text", text}, {"seed", -1}}, "seed"},
  };
  for (const auto& [command, where] : cases) harness.expect_refused(command, where);
  harness.send({{"type", "blocks"}});
  CHECK(harness.last("error").header["where"] == "id");

  Json wide = small_experiment();
  wide["lanes"][0] = {{"cell", "lstm"}, {"hidden", 600}, {"layers", 4}};
  harness.configure(wide, 0);
  harness.send({{"type", "spectrum"}, {"id", 1}});
  CHECK(harness.last("error").header["hint"] == "at most 512");
  harness.send({{"type", "gradient_check"}, {"id", 1}, {"text", text}});
  CHECK(harness.last("error").header["hint"] == "at most 4000000");
  harness.send({{"type", "intervene"}, {"id", 1}, {"set", {ablate}}});
  CHECK(harness.last("error").header["hint"] == "at most 4000000");
  harness.send({{"type", "activations"},
                {"id", 1},
                {"text", some_text(4096)},
                {"which", std::vector<std::string>(8, "h")}});
  CHECK(harness.last("error").header["hint"].get<std::string>().find("3495 characters") == 8);
  harness.send({{"type", "flow"}, {"id", 1}, {"text", some_text(4096)}, {"position", 4095}});
  CHECK(harness.last("error").header["what"].get<std::string>().find("MiB") != std::string::npos);
}

TEST_CASE("lane probes: empty and unknown text have activations too, none") {
  Harness harness;
  harness.configure(small_experiment());
  for (const char* text : {"", "XYZ"}) {
    harness.events.clear();
    harness.send({{"type", "activations"}, {"id", 1}, {"text", text}, {"which", {"c"}}});
    harness.finish();
    CHECK(harness.last("activations").payload.empty());
    CHECK(harness.last("activations").header["unknown"] == text);
  }
}
