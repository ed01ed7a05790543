#include "engine/document/experiment.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/json.h"
#include "engine/base/random.h"
#include "engine/base/utf8.h"
#include "engine/document/views.h"
#include "engine/text/text.h"

using namespace unroll;

namespace {

std::string error_of(std::string_view json) {
  const auto experiment = parse_experiment(json);
  return experiment ? "accepted" : experiment.error().text();
}

/// "rnn, lstm, …"
std::string shipped_names() {
  std::string names;
  for (const char* name : field("lanes", "cell").words)
    names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

/// An experiment in which no field is at its default.
Experiment far_from_default() {
  Experiment e;
  e.data.text = "To be, or not to be: \"that\" is\tthe question.\n\xE2\x80\x94 \xF0\x9F\x8E\xAD\n";
  e.data.valid = 0.25;
  e.train = {.batch = 3,
             .seq_length = 17,
             .optimizer = OptimizerKind::adamw,
             .rate = 0.0123456789012345,
             .momentum = 0.5,
             .beta1 = 0.8,
             .beta2 = 0.99,
             .weight_decay = 0.01,
             .clip = 0,
             .schedule = Schedule::cosine,
             .warmup = 10,
             .steps = 3000,
             .seed = (uint64_t{1} << 53)};
  e.lanes = {{"gru", 31, 3, 7, 0.1, Nonlinearity::relu, Init::orthogonal, -0.5, 40, 0.02, "another name"},
             {"rnn", 64, 2, 0, 0, Nonlinearity::relu, Init::uniform, std::nullopt, 0, 0, "a name"}};
  e.cells = {{"mine",
              "cell mine \"With a memory\"\nstate c, h\nf = sigmoid(lin(x) + lin(h[t-1]))\n"
              "c = f * c[t-1] + (1 - f) * lin(x)\nh = tanh(c)\n"},
             {"other", "cell other \"\"\nstate h\nh = tanh(lin(x) + diag(h[t-1]))\n"}};
  e.lanes.push_back({.cell = "mine", .hidden = 8, .equations = e.cells[0].text});
  e.view = {.theme = "dark",
            .show = {"header", "curves", "cell"},
            .hide = {"curves", "predict"},
            .lock = {"data", "inside"},
            .tab = "weights",
            .tracks = {"flow", "c"},
            .probe = "a probe",
            .prefix = "a prefix",
            .units = "bits",
            .log = true,
            .autoplay = true,
            .temperature = 1.25,
            .top_k = 12,
            .top_p = 0.9,
            .neatness = 2.5,
            .keep = "on",
            .lesson = "gates",
            .lesson_step = 3,
            .lesson_lock = {"next", "hints"}};
  return e;
}

}  // namespace

TEST_CASE("experiment: the shortest document is the default") {
  const auto experiment = parse_experiment(R"({"unroll": 1})");
  REQUIRE(experiment);
  CHECK(*experiment == default_experiment());
  CHECK(experiment->lanes.size() == 2);
  CHECK(validate(*experiment));
  const int64_t rnn = parameter_count(experiment->lanes[0], 65),
                lstm = parameter_count(experiment->lanes[1], 65);
  CHECK(std::abs(static_cast<double>(rnn - lstm)) < 0.1 * static_cast<double>(lstm));
}

TEST_CASE("experiment: what is written is read back as it was") {
  for (const Experiment& e : {default_experiment(), far_from_default()}) {
    REQUIRE(validate(e));
    const auto back = parse_experiment(to_json(e));
    REQUIRE(back);
    CHECK(*back == e);
  }
  CHECK(
      to_json(default_experiment()) ==
      R"({"unroll":1,"data":{"example":"tale"},"train":{"rate":0.006},"lanes":[{"cell":"rnn","hidden":256,"rate":0.002},{"cell":"lstm","hidden":128}]})");
}

TEST_CASE("experiment: what names neither data nor lanes is the default but for what it says") {
  const auto seeded = parse_experiment(
      R"({"unroll": 1, "data": {"valid": 0.2}, "train": {"seed": 5}, "view": {"autoplay": true}})");
  REQUIRE(seeded);
  Experiment expected = default_experiment();
  expected.data.valid = 0.2;
  expected.train.seed = 5;
  expected.view.autoplay = true;
  CHECK(*seeded == expected);
  // A text of one's own, another task, or lanes: fields that are left out are the table's.
  for (const char* document :
       {R"({"unroll": 1, "data": {"text": "abc abc"}})", R"({"unroll": 1, "data": {"example": "recall"}})",
        R"({"unroll": 1, "data": {"task": {"name": "adding"}}})", R"({"unroll": 1, "lanes": [{}]})"}) {
    CAPTURE(document);
    const auto other = parse_experiment(document);
    REQUIRE(other);
    CHECK(other->train == TrainSpec());
  }
  CHECK(parse_experiment(R"({"unroll": 1, "lanes": [{}]})")->data == default_experiment().data);
  CHECK(parse_experiment(R"({"unroll": 1, "data": {"task": {"name": "adding"}}})")->data.example.empty());
}

TEST_CASE("experiment: a text is learned where no other task is named") {
  CHECK(learns_text(default_experiment().data.task));
  CHECK(!learns_text({.name = "adding"}));
}

TEST_CASE("experiment: every field can be set from text, and its default is in the table") {
  for (const Field& f : fields()) {
    CAPTURE(std::string(f.name));
    CHECK(&field(f.section, f.name) == &f);
    Experiment before = far_from_default();
    before.data.example = "beside the text, for this test only";
    const std::string value = default_text(f);
    Experiment e = before;
    REQUIRE(set_field(e, f, 0, value));
    CHECK(e != before);
    CHECK_FALSE(allowed(f).empty());
    CHECK(std::string_view(f.help).size() > 5);
    Experiment defaults;
    defaults.lanes.emplace_back();
    Experiment same = defaults;
    REQUIRE(set_field(same, f, 0, value));
    CHECK(same == defaults);
  }
  Experiment e = default_experiment();
  CHECK(set_field(e, field("lanes", "forget_bias"), 1, "torch"));
  CHECK_FALSE(e.lanes[1].forget_bias.has_value());
  CHECK(set_field(e, field("train", "rate"), 0, "1e-2"));
  CHECK(e.train.rate == 0.01);
  for (const auto& [text, value] : {std::pair{".5", 0.5}, {"5.", 5.0}, {"+0.01", 0.01}, {"1E-3", 1e-3}}) {
    REQUIRE(set_field(e, field("train", "rate"), 0, text));
    CHECK(e.train.rate == value);
  }
  REQUIRE(set_field(e, field("lanes", "hidden"), 1, "1e2"));
  CHECK(e.lanes[1].hidden == 100);
  REQUIRE(set_field(e, field("train", "seed"), 0, "9007199254740992"));
  CHECK(e.train.seed == uint64_t{1} << 53);
  for (const char* none : {"0x1", "inf", "-nan", "0.1x", "0.1 ", "1e", "null"}) {
    CAPTURE(std::string(none));
    CHECK_FALSE(set_field(e, field("train", "rate"), 0, none));
  }
  CHECK(set_field(e, field("lanes", "hidden"), 1, "many").error().text() ==
        "lanes[1].hidden: found \"many\" (allowed: whole numbers from 1 to 2048)");
  CHECK_FALSE(set_field(e, field("train", "rate"), 0, "1e400"));
  CHECK_FALSE(set_field(e, field("train", "rate"), 0, "nan"));
  CHECK_FALSE(set_field(e, field("train", "rate"), 0, ""));
}

TEST_CASE("experiment: errors say where, what and what is allowed") {
  // What follows are the words of the JSON library, which differ from version to version.
  CHECK(error_of("").starts_with("not valid JSON: parse error at line 1, column 1: "));
  CHECK(error_of("[]") == "found a list (an experiment is an object: {\"unroll\": 1, …})");
  CHECK(error_of("{}") == "unroll: is missing (an experiment starts with \"unroll\": 1)");
  CHECK(error_of(R"({"unroll":2})") == "unroll: found 2 (this program reads version 1)");
  CHECK(error_of(R"({"unroll":1,"lane":[]})") ==
        "lane: unknown field (did you mean \"lanes\"? allowed: unroll, data, train, cells, lanes, view)");
  CHECK(error_of(R"({"unroll":1,"lanes":[{"cell":"lstm","hiden":9}]})") ==
        "lanes[0].hiden: unknown field (did you mean \"hidden\"? allowed: cell, hidden, layers, embedding, "
        "dropout, "
        "nonlinearity, init, forget_bias, chrono, rate, name)");
  CHECK(error_of(R"({"unroll":1,"lanes":[{},{"hidden":9000}]})") ==
        "lanes[1].hidden: found 9000 (allowed: whole numbers from 1 to 2048)");
  CHECK(error_of(R"({"unroll":1,"lanes":[{"hidden":1.5}]})") ==
        "lanes[0].hidden: found 1.5 (allowed: whole numbers from 1 to 2048)");
  CHECK(error_of(R"({"unroll":1,"lanes":[{"cell":"LSTM"}]})") ==
        "lanes[0].cell: found \"LSTM\" (allowed: " + shipped_names() + ")");
  CHECK(error_of(R"({"unroll":1,"lanes":[{"cell":"lsm"}]})")
            .starts_with("lanes[0].cell: found \"lsm\" (did you mean \"lstm\"? allowed: rnn, "));
  CHECK(error_of(R"({"unroll":1,"train":{"rate":"fast"}})") ==
        "train.rate: found \"fast\" (allowed: 0 to 10)");
  CHECK(error_of(R"({"unroll":1,"train":{"schedule":"cosine"}})") ==
        "train.steps: found 0 (the cosine schedule needs an end: allowed: 1 and more)");
  CHECK(error_of(R"({"unroll":1,"train":{"steps":5,"warmup":6}})") ==
        "train.warmup: found 6 (allowed: at most train.steps, 5)");
  CHECK(error_of(R"({"unroll":1,"data":{"text":""}})") ==
        "data.text: is empty (give a text, or the name of a built-in one in data.example)");
  CHECK(error_of(R"({"unroll":1,"data":{"text":"a","example":"b"}})") ==
        "data.example: stands beside data.text (give only one of the two)");
  CHECK(error_of(R"({"unroll":1,"view":{"hide":["curves","lane"]}})") ==
        "view.hide[1]: found \"lane\" (allowed: header, data, lanes, training, curves, samples, timeline, "
        "predict, memory, cell, gates, weights, step or inside)");
  CHECK(error_of(R"({"unroll":1,"view":{"tab":"inside"}})") ==
        "view.tab: found \"inside\" (allowed: learn, memory, cell, gates, weights, step, timeline, predict, "
        "text or lanes)");
  CHECK(error_of(R"({"unroll":1,"view":{"hide":["data","data"]}})") ==
        "view.hide[0]: found \"data\" twice (each at most once)");
  CHECK(error_of(R"({"unroll":1,"view":{"log":1}})") == "view.log: found 1 (allowed: true or false)");
  CHECK(error_of(R"({"unroll":1,"lanes":[]})") ==
        "lanes: found a list of 0 (allowed: a list of 1 to 8 lanes)");
  CHECK(error_of(R"({"unroll":1,"lanes":[{},{},{},{},{},{},{},{},{}]})") ==
        "lanes: found a list of 9 (allowed: a list of 1 to 8 lanes)");
  CHECK(error_of(R"({"unroll":1,"lanes":[{"hidden":2048,"layers":4}]})") ==
        "lanes[0]: 117516289 parameters and more are too many (allowed: up to 64000000; make hidden or "
        "layers smaller)");
  CHECK(error_of(R"({"unroll":1,"train":7})") == "train: found 7 (allowed: an object of fields)");
  CHECK(error_of(R"({"unroll":1,"train":{"seed":1,"seed":2}})") == "\"seed\" stands twice in one object");
  CHECK(error_of(std::string(100000, '[')) == "nested deeper than 8 levels");
  CHECK(error_of(R"({"unroll":1,"train":{"seed":9007199254740993}})") ==
        "train.seed: found 9007199254740993 (allowed: whole numbers from 0 to 9007199254740992)");
  CHECK(error_of(R"({"unroll":1,"train":{"seed":9007199254740992}})") == "accepted");
  CHECK(error_of(R"({"unroll":1,"train":{"batch":16.0}})") == "accepted");
  CHECK(error_of(R"({"unroll":1,"view":{"prefix":")" + std::string(2001, 'x') + R"("}})") ==
        "view.prefix: found \"" + std::string(40, 'x') +
            "…\" (2001 bytes) (allowed: text of up to 2000 bytes of UTF-8)");
}

TEST_CASE("experiment: one's own cells stand in it as texts, and a lane that names one carries its text") {
  const std::string plain = R"(cell plain \"\"\nstate h\nh = tanh(lin(x) + lin(h[t-1]))\n)";
  const auto with = [&](const std::string& cells, const std::string& lane = "{}") {
    return R"({"unroll":1,"cells":[)" + cells + R"(],"lanes":[)" + lane + "]}";
  };
  const auto e = parse_experiment(with('"' + plain + '"', R"({"cell":"plain"},{"cell":"gru"})"));
  REQUIRE(e);
  REQUIRE(e->cells.size() == 1);
  CHECK(e->cells[0].name == "plain");
  CHECK(e->lanes[0].equations == e->cells[0].text);
  CHECK(e->lanes[1].equations.empty());
  CHECK(graph_of(e->lanes[0])->name == "plain");
  CHECK(graph_of(e->lanes[0]) == graph_of(e->lanes[0]));

  CHECK(error_of(with("7")) == "cells[0]: found 7 (allowed: a text, the equations of a cell)");
  CHECK(
      error_of(R"({"unroll":1,"cells":{}})").starts_with("cells: found an object (allowed: a list of texts"));
  const std::string broken = R"("cell broken \"\"\nstate h\nh = tanh(lin(x) + lin(hh[t-1]))\n")";
  CHECK(error_of(with(broken)).starts_with("cells[0], line 3, column 23: "));
  CHECK(error_of(with('"' + plain + "\",\"" + plain + '"')) ==
        "cells[1]: its name is plain, as of cells[0] (give it another name)");
  CHECK(error_of(with(R"("cell lstm \"\"\nstate h\nh = tanh(lin(x) + lin(h[t-1]))\n")")) ==
        "cells[0]: its name is lstm, as of the cell that ships, and its equations are others (give it "
        "another name)");
  CHECK(error_of(with('"' + plain + '"', R"({"cell":"plane"})"))
            .starts_with("lanes[0].cell: found \"plane\" (did you mean \"plain\"? "));
  CHECK(error_of(with(R"("cell two \"\"\nstate h\nh = tanh(lin(x) + heads(4, mat(h[t-1])))\n")",
                      R"({"cell":"two","hidden":10})")) ==
        "lanes[0].hidden: found 10 (the cell two has heads: allowed: multiples of 4)");
  std::string many;
  for (int i = 0; i <= Limits::cells; ++i) many += (i > 0 ? ",\"" : "\"") + plain + '"';
  CHECK(error_of(with(many)) == "cells: found a list of 9 (allowed: a list of up to 8 texts)");
}

TEST_CASE("experiment: a new text for a cell of one's own reaches the lanes that have it") {
  Experiment e = default_experiment();
  const std::string before = "cell mine \"\"\nstate h\nh = tanh(lin(x) + lin(h[t-1]))\n",
                    after = "cell mine \"\"\nstate h\nh = relu(lin(x) + lin(h[t-1]))\n";
  REQUIRE(set_cell(e, before));
  REQUIRE(set_field(e, field("lanes", "cell"), 1, "mine"));
  CHECK(e.lanes[1].equations == before);
  REQUIRE(validate(e));
  const auto name = set_cell(e, after);
  REQUIRE(name);
  CHECK(*name == "mine");
  CHECK(e.cells.size() == 1);
  CHECK(e.lanes[1].equations == after);
  CHECK(e.lanes[0].equations.empty());
  REQUIRE(validate(e));
  REQUIRE(set_field(e, field("lanes", "cell"), 1, "gru"));
  CHECK(e.lanes[1].equations.empty());

  CHECK(set_cell(e, "cell mine").error().where.starts_with("line "));
  CHECK(set_cell(e, "cell gru \"\"\nstate h\nh = tanh(lin(x))\n").error().hint == "give it another name");
  CHECK(e.cells[0].text == after);
  e.lanes[1].cell = "mine";  // without its text
  CHECK(validate(e).error().where == "lanes[1].equations");
}

TEST_CASE("experiment: tracks are words, or names that an equation can have") {
  const auto of = [](const std::string& name) {
    return error_of(R"({"unroll":1,"view":{"tracks":["surprise",")" + name + R"("]}})");
  };
  for (const char* name : {"flow", "c", "m", "my_gate2"}) CHECK(of(name) == "accepted");
  for (const std::string& name : {std::string("no gate"), std::string("tanh"), std::string("_a"),
                                  std::string("2c"), std::string(), std::string(25, 'a')})
    CHECK(of(name) ==
          "view.tracks[1]: found \"" + name +
              "\" (allowed: surprise, guesses, saliency, flow or the name of an equation such as c)");
}

TEST_CASE("initial weights: the lane's fields take the place of the file's lines") {
  const auto value_of = [](const LaneSpec& lane) {
    std::vector<double> values;
    for (const CellInit& line : inits_of(lane)) {
      CHECK(line.kind == CellInit::Kind::number);
      values.push_back(line.a);
    }
    return values;
  };
  CHECK(value_of({.cell = "lstm"}) == std::vector<double>{1, 0});
  CHECK(value_of({.cell = "lstm", .forget_bias = -2.5}) == std::vector<double>{-2.5, 0});
  CHECK(value_of({.cell = "lstm", .forget_bias = std::nullopt}).empty());
  CHECK(value_of({.cell = "gru"}).empty());
  CHECK(has_forget_bias({.cell = "lstm", .forget_bias = 0.5}));
  CHECK_FALSE(has_forget_bias({.cell = "gru"}));
  CHECK(has_nonlinearity({.cell = "rnn"}));
  CHECK_FALSE(has_nonlinearity({.cell = "lstm"}));
  CHECK(graph_of({.cell = "rnn"}) != graph_of({.cell = "rnn", .nonlinearity = Nonlinearity::relu}));
  size_t orthogonal = 0;
  for (const CellInit& line : inits_of({.cell = "gru", .init = Init::orthogonal}))
    orthogonal += line.kind == CellInit::Kind::orthogonal;
  CHECK(orthogonal == 3);
}

TEST_CASE(
    "initial weights: chrono takes the place of the lines about the memory's gates, beside orthogonal") {
  const LaneSpec lane{.cell = "lstm", .init = Init::orthogonal, .chrono = 50};
  const auto graph = graph_of(lane);
  double signs[2] = {};
  int zeros = 0, orthogonal = 0;
  for (const CellInit& line : inits_of(lane)) {
    const std::string& tensor = graph->tensors[static_cast<size_t>(line.tensor)].name;
    if (line.kind == CellInit::Kind::chrono) {
      CHECK(tensor == "bias_ih");
      CHECK(line.a == 50);
      REQUIRE(line.block < 2);
      signs[line.block] = line.b;
    }
    zeros += tensor == "bias_hh" && line.kind == CellInit::Kind::number && line.a == 0;
    orthogonal += line.kind == CellInit::Kind::orthogonal;
  }
  CHECK(signs[0] == -1);  // i
  CHECK(signs[1] == 1);   // f
  CHECK(zeros == 2);
  CHECK(orthogonal == 4);
  CHECK(has_forget_bias({.cell = "lstm"}));
  CHECK_FALSE(has_forget_bias(lane));
}

TEST_CASE("experiment: chrono is for cells whose memory has gates, and told elsewhere") {
  const auto of = [](const char* cell, const char* span) {
    return error_of(std::string(R"({"unroll":1,"lanes":[{"cell":")") + cell + R"(","hidden":8,"chrono":)" +
                    span + "}]}");
  };
  for (const char* cell : {"lstm", "peephole", "cifg", "lnlstm", "gru", "gru_before", "mingru", "minlstm"})
    CHECK(of(cell, "100") == "accepted");
  for (const char* cell : {"rnn", "lstm1997", "irnn", "indrnn", "slstm", "mlstm", "lru"})
    CHECK(of(cell, "100") ==
          "lanes[0].chrono: found 100 (the cell " + std::string(cell) +
              " has no gate, a sigmoid with a bias, that its memory is multiplied with: allowed: 0)");
  CHECK(of("rnn", "0") == "accepted");
  CHECK(of("lstm", "2") == "lanes[0].chrono: found 2 (allowed: 0, or from 3 on)");
  CHECK(of("lstm", "2000000") == "lanes[0].chrono: found 2000000 (allowed: whole numbers from 0 to 1000000)");
}

TEST_CASE("experiment: however long and strange what it quotes, a message is short and readable") {
  const std::string megabyte(1 << 20, 'x'), strange = R"(\u001b[2J\u202e)";
  for (const std::string& part : {megabyte, strange}) {
    for (const std::string& json :
         {R"({"unroll":1,")" + part + R"(":1})", R"({"unroll":1,"train":{")" + part + R"(":1}})",
          R"({"unroll":1,"lanes":[{")" + part + R"(":1}]})",
          R"({"unroll":1,"train":{"optimizer":")" + part + R"("}})",
          R"({"unroll":1,"train":{"rate":")" + part + R"("}})",
          R"({"unroll":1,"view":{"hide":[")" + part + R"("]}})", R"({"unroll":")" + part + R"("})",
          R"({"unroll":1,"a)" + part + R"(":1,"a)" + part + R"(":2})", R"({"unroll":1,")" + part + R"(" 7})",
          R"({"unroll":1,"x":"\x)" + part + R"("})", part + R"({"unroll":1})",
          R"({"unroll":1,"train":{"rate":9)" + std::string(part.size(), '9') + "}}"}) {
      const std::string message = error_of(json);
      CAPTURE(message);
      CHECK(message != "accepted");
      CHECK(message.size() < 500);
      CHECK(readable(message) == message);
    }
  }
  std::string many = R"({"unroll":1,"view":{"hide":[0)";
  for (int i = 0; i < 5000; ++i) many += ",0";
  CHECK(error_of(many + "]}}") == "holds more than 4096 values");
}

TEST_CASE("experiment: the same checks on one built in code") {
  Experiment e = default_experiment();
  e.train.rate = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(validate(e));
  e.train.rate = std::numeric_limits<double>::infinity();
  CHECK_FALSE(validate(e));
  e = default_experiment();
  e.lanes[1].layers = 5;
  CHECK(validate(e).error().where == "lanes[1].layers");
  e = default_experiment();
  e.lanes.clear();
  CHECK_FALSE(validate(e));
  e = default_experiment();
  e.data = {.text = "abc\xFF", .example = "", .valid = 0.1};
  CHECK(validate(e).error().text() ==
        "data.text, byte 3: 0xFF is not valid UTF-8 here (save the text as UTF-8 and try again)");
  e.data = {};
  CHECK_FALSE(validate(e));
  CHECK_FALSE(parse_experiment(to_json(e)));  // no text stays no text, not the default's
}

TEST_CASE("experiment: a text has one kind of line end and no NUL, wherever it stands") {
  const auto e = parse_experiment(
      R"({"unroll":1,"data":{"text":"one\r\ntwo\rthree"},"view":{"probe":"a\rb","prefix":"\r\n"}})");
  REQUIRE(e);
  CHECK(e->data.text == "one\ntwo\nthree");
  CHECK(e->view.probe == "a\nb");
  CHECK(e->view.prefix == "\n");
  for (const char* field : {R"("data":{"text":"abc\u0000d"})", R"("view":{"probe":"abc\u0000d"})"}) {
    const auto refused = parse_experiment(std::string(R"({"unroll":1,)") + field + "}");
    REQUIRE(!refused);
    CHECK(refused.error().where.ends_with(", byte 3"));
    CHECK(refused.error().what.find("NUL") != std::string::npos);
  }
}

TEST_CASE("experiment: whatever bytes come, an error or a valid experiment") {
  const std::string whole = to_json(far_from_default());
  const std::string_view bits[] = {
      "{",      "}",   "[",    "]",       ",",    ":",        "\"",    "null",      "-1",
      "1e999",  "0.5", "true", "\\ud800", "\xFF", "\xE2\x82", "lanes", "\"rate\":", "99999999999999999999",
      "\\u0000"};
  Random random(7);
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string json = whole;
    for (uint32_t edit = 0, edits = 1 + random.below(3); edit < edits; ++edit) {
      const size_t at = random.below(static_cast<uint32_t>(json.size()));
      switch (random.below(5)) {
        case 0:
          json[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          json.erase(at, 1 + random.below(20));
          break;
        case 2:
          json.insert(at, bits[random.below(std::size(bits))]);
          break;
        case 3:
          json.insert(at, json.substr(random.below(static_cast<uint32_t>(json.size())), random.below(40)));
          break;
        default:
          json[at] = static_cast<char>('0' + random.below(10));
      }
      if (json.empty()) json = " ";
    }
    const auto experiment = parse_experiment(json);
    if (experiment) {
      ++accepted;
      REQUIRE(validate(*experiment));
      const auto back = parse_experiment(to_json(*experiment));
      REQUIRE(back);
      REQUIRE(*back == *experiment);
    } else {
      REQUIRE_FALSE(experiment.error().what.empty());
      REQUIRE(decode_utf8_exact(experiment.error().text()));
      REQUIRE(experiment.error().text().size() < 500);
    }
  }
  CHECK(accepted > 500);    // the mutations are not all hopeless …
  CHECK(accepted < 15000);  // … and not all harmless
}

TEST_CASE("parameter count: as torch counts") {
  // sum(p.numel()) of nn.LSTM(65, 128) + nn.Linear(128, 65): 4·128·(65 + 128 + 2) + 65·129
  CHECK(parameter_count({.cell = "lstm", .hidden = 128}, 65) == 108225);
  CHECK(parameter_count({.cell = "rnn", .hidden = 256}, 65) == 99393);
  CHECK(parameter_count({.cell = "gru", .hidden = 148}, 65) == 105145);
  // nn.Embedding(65, 32) + nn.LSTM(32, 64, num_layers=2) + nn.Linear(64, 65)
  CHECK(parameter_count({.cell = "lstm", .hidden = 64, .layers = 2, .embedding = 32}, 65) == 64673);
}

TEST_CASE("every view of the table can be hidden, or opened in the room that it shares") {
  for (const ViewName& view : view_names) {
    const std::string name = view.name;
    const bool inside = view.room == Room::inside;
    CAPTURE(name);
    const bool opens = error_of(R"({"unroll":1,"view":{"tab":")" + name + R"("}})") == "accepted";
    const bool hides = error_of(R"({"unroll":1,"view":{"hide":[")" + name + R"("]}})") == "accepted";
    CHECK(opens == (inside || std::ranges::find(room_names, name) != std::end(room_names)));
    CHECK(hides);
    CHECK(error_of(R"({"unroll":1,"view":{"show":[")" + name + R"("],"lock":[")" + name + R"("]}})") ==
          "accepted");
  }
}

TEST_CASE("matching hidden: the nearest, ties to the smaller") {
  for (const std::string cell : {"rnn", "lstm", "gru"}) {
    for (const int64_t wish : {1, 1000, 99393, 108225, 5'000'000}) {
      const LaneSpec lane{.cell = cell, .layers = 2, .embedding = 16};
      const int hidden = matching_hidden(lane, 65, wish);
      const auto distance = [&](int h) {
        LaneSpec other = lane;
        other.hidden = h;
        return std::abs(parameter_count(other, 65) - wish);
      };
      if (hidden > 1) CHECK(distance(hidden) < distance(hidden - 1));
      CHECK(distance(hidden) <= distance(hidden + 1));
    }
  }
  CHECK(matching_hidden({.cell = "lstm"}, 65, 108225) == 128);
  CHECK(matching_hidden({.cell = "rnn"}, 65, 99393) == 256);
  CHECK(matching_hidden({.cell = "rnn"}, 65, int64_t{1} << 40) == Limits::hidden);
}
