// A lane's answers about the inside of its cells, and under interventions.
#include "engine/cells/shipped.h"
#include "engine/model/sampler.h"
#include "engine/probes/intervened_surprise.h"
#include "engine/probes/layer_probe.h"
#include "tests/lane/lane_fixture.h"

using namespace unroll;
using namespace unroll::testing;

namespace {

const Json clamp = {{"kind", "clamp"}, {"what", "f"}, {"unit", 3}, {"layer", 1}, {"value", 0.5}};
const Json ablate = {{"kind", "ablate"}, {"unit", 7}, {"first", 5}, {"last", 60}};
const Json set_c = {{"kind", "set"}, {"what", "c"}, {"unit", 1}, {"value", -2}, {"first", 9}, {"last", 9}};

InterventionSet the_set() {
  using Kind = Intervention::Kind;
  return {{.kind = Kind::clamp, .layer = 1, .unit = 3, .what = "f", .value = 0.5},
          {.kind = Kind::ablate, .unit = 7, .first = 5, .last = 60},
          {.kind = Kind::set, .unit = 1, .what = "c", .value = -2, .first = 9, .last = 9}};
}

std::vector<Json> questions(const std::string& text) {
  return {{{"type", "probe"}, {"text", text}, {"top", 2}},
          {{"type", "predict"}, {"prefix", text}},
          {{"type", "sample"}, {"prompt", text}, {"length", 40}, {"seed", 9}},
          {{"type", "activations"}, {"text", text}, {"layer", 1}, {"which", {"f", "c"}}},
          {{"type", "cell"}, {"text", text}, {"layer", 1}, {"position", 8}, {"count", 60}}};
}

std::string answer_to(const std::string& type) { return type == "predict" ? "prediction" : type; }

/// All answers, each as one text: header, but for the time that it took, and payload.
std::vector<std::string> answers(Trained& lane, const std::string& text) {
  std::vector<std::string> all;
  for (Json question : questions(text)) {
    question["id"] = 1;
    lane.events.clear();
    lane.send(question);
    lane.finish();
    Message answer = lane.last(answer_to(question["type"]));
    CHECK(answer.header.erase("took") == 1);
    all.push_back(answer.header.dump() + std::string(answer.payload.begin(), answer.payload.end()));
  }
  return all;
}

std::vector<float> rows_of(const Model& model, const std::vector<int32_t>& ids, std::vector<CellRow> rows,
                           size_t first, size_t count, LayerMeter::Order order, InterventionSet set) {
  LayerMeter meter(model, ids, 1, std::move(rows), first, count, order, std::move(set));
  while (!meter.advance()) continue;
  return meter.values();
}

}  // namespace

TEST_CASE("lane: `cell` is the layer probe, bit for bit") {
  for (const char* cell : {"rnn", "lstm", "gru"}) {
    CAPTURE(std::string(cell));
    Trained lane(cell);
    const std::string text = some_text(200);
    const Message answer =
        lane.ask({{"type", "cell"}, {"text", "?" + text}, {"layer", 1}, {"position", 100}, {"count", 64}});
    const std::vector<CellRow> rows = cell_rows(*graph_of(lane.model().spec()));
    std::vector<std::string> names;
    for (const CellRow& row : rows) names.push_back(row.name);
    CHECK(answer.header["rows"] == Json(names));
    CHECK(answer.header["text"] == text);
    CHECK(answer.header["unknown"] == "?");
    CHECK(answer.header["position"] == 100);
    CHECK(answer.header["count"] == 64);
    CHECK(answer.header["hidden"] == 12);
    CHECK(answer.header["layer"] == 1);
    CHECK(answer.header["intervened"] == false);
    const auto ids = lane.vocabulary().encode(*decode_utf8(text)).ids;
    CHECK(floats(answer) == rows_of(lane.model(), ids, rows, 100, 64, LayerMeter::Order::by_character, {}));
  }
}

TEST_CASE("lane: under interventions answers are those of the intervened model, and an empty set restores") {
  Trained lane("lstm");
  const std::string text = some_text(90);
  const std::u32string symbols = *decode_utf8(text);
  const auto ids = lane.vocabulary().encode(symbols).ids;
  const std::vector<std::string> before = answers(lane, text);

  lane.send({{"type", "intervene"}, {"id", 5}, {"set", {clamp, ablate, set_c}}});
  CHECK(lane.last("intervened").header["count"] == 3);
  CHECK(lane.last("intervened").header["id"] == 5);
  const std::vector<Json> asked = questions(text);

  const SurpriseProbe expected = probe_surprise(lane.model(), lane.vocabulary(), symbols, 2, the_set());
  const Message probe = lane.ask(asked[0]);
  const std::vector<float> losses = floats(probe);
  CHECK(std::ranges::equal(std::span(losses).subspan(1, 89), std::span(expected.loss).subspan(1)));
  CHECK(probe.header["top"] == 2);
  CHECK(losses.size() == 90 * 5);

  Sampler sampler(lane.model(), lane.vocabulary(), 9, the_set());
  sampler.feed(symbols);
  lane.send({{"type", "predict"}, {"id", 1}, {"prefix", text + "?"}});
  lane.finish();
  const Message prediction = lane.last("prediction");
  CHECK(std::ranges::equal(floats(prediction), sampler.distribution()));
  CHECK(prediction.header["prefix_length"] == 90);
  CHECK(prediction.header["unknown"] == "?");

  std::u32string written;
  for (int n = 0; n < 40; ++n) written += sampler.write({});
  const Message sample = lane.ask(asked[2]);
  CHECK(sample.header["text"] == encode_utf8(written));

  const std::vector<CellRow> rows = cell_rows(*graph_of("lstm"));
  const auto row = [&](const char* name) { return *std::ranges::find(rows, name, &CellRow::name); };
  const Message activations = lane.ask(asked[3]);
  CHECK(floats(activations) ==
        rows_of(lane.model(), ids, {row("f"), row("c")}, 0, 90, LayerMeter::Order::by_row, the_set()));
  const Message inside = lane.ask(asked[4]);
  CHECK(floats(inside) ==
        rows_of(lane.model(), ids, rows, 8, 60, LayerMeter::Order::by_character, the_set()));
  const auto f = static_cast<size_t>(std::ranges::find(rows, "f", &CellRow::name) - rows.begin());
  CHECK(floats(inside).at(f * 12 + 3) == 0.5f);  // of unit 3 at the first character
  for (const Message* event : {&probe, &prediction, &sample, &activations, &inside})
    CHECK(event->header["intervened"] == true);

  const std::vector<std::string> under = answers(lane, text);
  for (size_t n = 0; n < under.size(); ++n) CHECK(under[n] != before[n]);
  lane.send({{"type", "intervene"}, {"id", 6}, {"set", Json::array()}});
  CHECK(lane.last("intervened").header["count"] == 0);
  CHECK(answers(lane, text) == before);

  // An intervention that is refused leaves the set as it was; configure clears it.
  lane.send({{"type", "intervene"}, {"id", 7}, {"set", {clamp}}});
  lane.send({{"type", "intervene"}, {"id", 8}, {"set", {{{"kind", "ablate"}, {"unit", 12}}}}});
  CHECK(lane.last("error").header["id"] == 8);
  lane.send({{"type", "probe"}, {"id", 1}, {"text", text}});
  lane.finish();
  CHECK(lane.last("probe").header["intervened"] == true);
  lane.configure(deep_experiment("lstm"));
  lane.send({{"type", "probe"}, {"id", 1}, {"text", text}});
  CHECK(lane.last("probe").header["intervened"] == false);
}

TEST_CASE(
    "lane: under interventions long answers come in slices, and the continuous sample follows the weights") {
  Json experiment = small_experiment();
  experiment["lanes"][1] = {{"cell", "gru"}, {"hidden", 128}};
  Harness harness;
  harness.configure(experiment);
  harness.send({{"type", "intervene"}, {"id", 1}, {"set", {{{"kind", "freeze"}, {"unit", 5}}}}});
  for (const Json& question : questions(some_text(4000))) {
    Json command = question;
    command["id"] = 2;
    command.erase("layer");
    if (command.contains("which")) command["which"] = {"z", "h"};
    harness.events.clear();
    harness.send(command);
    CHECK(harness.events.empty());
    CHECK(harness.finish() >= 2);
    CHECK(harness.last(answer_to(command["type"])).header["intervened"] == true);
  }

  harness.send({{"type", "write"}, {"on", true}, {"rate", 2000}});
  const auto written = [&](bool intervened) {
    harness.events.clear();
    harness.send({{"type", "run"}});
    for (int n = 0; n < 10000 && harness.all("written").size() < 3; ++n) harness.lane.work();
    harness.send({{"type", "pause"}});
    for (const Message& event : harness.all("written")) {
      CHECK(event.header["intervened"] == intervened);
      CHECK(!event.header["text"].get<std::string>().empty());
    }
    CHECK(harness.all("written").size() == 3);
  };
  written(true);
  harness.send({{"type", "intervene"}, {"id", 1}, {"set", Json::array()}});
  written(false);
}
