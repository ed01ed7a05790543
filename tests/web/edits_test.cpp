#include "web/session/edits.h"

#include <doctest/doctest.h>

#include "engine/base/random.h"

using namespace unroll;

namespace {

Document start() {
  Document document{default_experiment(), "", {{}, {}}, 1};
  document.experiment.data.text = "The quick brown fox jumps over the lazy dog. ";
  return document;
}

/// All of a document as bytes.
std::string bytes_of(const Document& document) {
  std::string bytes = to_json(document.experiment) + document.example + std::to_string(document.generation);
  for (const InterventionSet& set : document.interventions)
    for (const Intervention& one : set)
      bytes += "|" + one.what + std::to_string(one.unit) + "," + std::to_string(one.value);
  return bytes;
}

/// One of the edits that a person can make, at random; another one each time.
void edit(Document& document, Random& random, int number) {
  Experiment& e = document.experiment;
  auto& lanes = e.lanes;
  const auto any = [&] { return random.below(static_cast<uint32_t>(lanes.size())); };
  switch (random.below(12)) {
    case 0:
      e.data.text += "word " + std::to_string(number) + " ";
      break;
    case 1:
      e.data.text.erase(0, 1 + random.below(5));
      e.data.text += std::to_string(number);
      break;
    case 2:
      e.train.rate = 1e-4 * (1 + number);
      break;
    case 3:
      e.train.seed = static_cast<uint64_t>(1000 + number);
      ++document.generation;
      break;
    case 4:
      lanes[any()].hidden = 1 + number;
      break;
    case 5:
      lanes[any()].name = "lane " + std::to_string(number);
      break;
    case 6:
      if (lanes.size() < 8) {
        lanes.push_back({.cell = "gru", .hidden = 1 + number});
        document.interventions.emplace_back();
        break;
      }
      [[fallthrough]];
    case 7:
      if (lanes.size() > 1) {
        const auto at = static_cast<std::ptrdiff_t>(any());
        lanes.erase(lanes.begin() + at);
        document.interventions.erase(document.interventions.begin() + at);
        break;
      }
      [[fallthrough]];
    case 8:
      e.view.probe = "probe " + std::to_string(number);
      break;
    case 9:
      e.view.temperature = 0.001 * number;
      break;
    case 10:
      document.interventions[any()].push_back({.unit = number, .what = "c", .value = 0.5});
      break;
    case 11:
      document.example = document.example == "story" ? "" : "story";
      e.train.warmup = number;
      break;
  }
}

}  // namespace

TEST_CASE("edits: 200 random ones undone and redone give the same bytes") {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    Random random(seed);
    Edits edits;
    Document now = start();
    std::vector<std::string> all = {bytes_of(now)};
    edits.note(now, 0);
    for (int number = 1; number <= 200; ++number) {
      edit(now, random, number);
      edits.note(now, 10.0 * number);
      all.push_back(bytes_of(now));
      CHECK(!edits.can_redo());
    }
    for (int round = 0; round < 2; ++round) {
      for (size_t i = 200; i-- > 0;) {
        const auto document = edits.undo();
        REQUIRE(document);
        REQUIRE(bytes_of(*document) == all[i]);
      }
      CHECK(!edits.can_undo());
      CHECK(!edits.undo());
      for (size_t i = 1; i <= 200; ++i) {
        const auto document = edits.redo();
        REQUIRE(document);
        REQUIRE(bytes_of(*document) == all[i]);
      }
      CHECK(!edits.redo());
    }
  }
}

TEST_CASE("edits: what is typed in one go is one, and a pause, another place or undo ends it") {
  Edits edits;
  Document now = start();
  const Document begun = now;
  edits.note(now, 0);
  for (int i = 0; i < 20; ++i) {
    now.experiment.data.text += 'x';
    edits.note(now, 5 + 0.2 * i);
  }
  now.experiment.data.text += "y";
  const Document typed = now;
  edits.note(now, 30);  // after a pause
  now.experiment.view.prefix = "once";
  edits.note(now, 30.1);
  CHECK(edits.undo()->experiment == typed.experiment);
  CHECK(edits.undo()->experiment.data.text == begun.experiment.data.text + std::string(20, 'x'));
  CHECK(*edits.undo() == begun);
  CHECK(!edits.can_undo());
  CHECK(edits.can_redo());
  edits.note(begun, 31);  // nothing new
  CHECK(edits.can_redo());
  now = begun;
  now.experiment.train.rate = 0.5;
  edits.note(now, 32);
  CHECK(!edits.can_redo());
  CHECK(*edits.undo() == begun);
}

TEST_CASE("edits: their number and their bytes are bounded, and a text that several have counts once") {
  Edits edits;
  Document now = start();
  for (int i = 0; i < 1000; ++i) {
    now.experiment.train.warmup = i;
    edits.note(now, 10.0 * i);
  }
  size_t steps = 0;
  while (edits.undo()) ++steps;
  CHECK(steps == Edits::most_steps);

  Edits large;
  now.experiment.data.text.assign(Edits::most_bytes / 8, 'a');
  for (int i = 0; i < 40; ++i) {
    now.experiment.train.warmup = i;
    large.note(now, 1000.0 * i);
  }
  for (steps = 0; large.undo();) ++steps;
  CHECK(steps == 39);
  while (large.redo()) {
  }
  for (int i = 0; i < 20; ++i) {
    now.experiment.data.text += std::to_string(i);
    large.note(now, 1e6 + 1000.0 * i);
  }
  for (steps = 0; large.undo();) ++steps;
  CHECK(steps < 9);
  CHECK(steps > 4);
}

TEST_CASE("edits: the place of one") {
  const Document a = start();
  Document b = a;
  CHECK(edited_place(a, b) == "");
  b.experiment.lanes[1].hidden = 7;
  CHECK(edited_place(a, b) == "lanes[1].hidden");
  b.experiment.train.rate = 0.5;
  CHECK(edited_place(a, b) == "");
  b = a;
  b.experiment.data.text += "x";
  CHECK(edited_place(a, b) == "data.text");
  b.generation = 2;
  CHECK(edited_place(a, b) == "");
}
