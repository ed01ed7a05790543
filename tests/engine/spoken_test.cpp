// The task `spoken`: which recordings are held out, what a lane reads of them, and beside what it stands.
#include <algorithm>
#include <set>

#include "tests/engine/recordings_fixture.h"

using namespace unroll;
using namespace unroll::puzzle;

namespace {

Experiment of(const std::string& text, const Fields& fields = {}, const std::string& speaker = "") {
  return with_recordings("spoken", text, fields, speaker);
}

std::string refused(const Experiment& experiment) {
  const auto made = create_task(experiment);
  REQUIRE(!made);
  return made.error().where + ": " + made.error().what;
}

}  // namespace

TEST_CASE(
    "spoken: a share of each word, the first five of each speaker, or a speaker is held out, and never "
    "trained on") {
  for (const auto& [way, count] : {std::pair{share, 8}, {first_five, 20}, {by_speaker, 12}}) {
    CAPTURE(way);
    const Puzzle puzzle =
        make(of(recordings(), {{"held_out", way}, {"variation", 0}}, way == by_speaker ? "bob" : ""));
    REQUIRE(puzzle->held_out() == count);
    std::set<std::vector<float>> held_out, trained;
    std::vector<int> words(2);
    for (int64_t index = 0; index < count; ++index) {
      const Sequence sequence = puzzle->held_out(index);
      held_out.insert(sequence.reals);
      ++words[static_cast<size_t>(sequence.classes.back())];
    }
    CHECK(words[0] == words[1]);
    for (int64_t number = 0; number < 1000; ++number) trained.insert(puzzle->training(number).reals);
    CHECK(held_out.size() == static_cast<size_t>(count));
    CHECK(trained.size() == static_cast<size_t>(24 - count));
    for (const std::vector<float>& one : trained) CHECK_FALSE(held_out.contains(one));
  }
}

TEST_CASE(
    "spoken: words are classes in the order of the alphabet; the last verdict weighs as much as all before") {
  const Puzzle puzzle = make(of(recordings()));
  CHECK(puzzle->output_names() == std::vector<std::string>{"down", "up"});
  CHECK(puzzle->shape() == TaskShape{.inputs = 26, .reals = true, .outputs = 2});
  for (int64_t number = 0; number < 100; ++number) {
    const Sequence sequence = puzzle->training(number);
    CHECK(sequence.length <= puzzle->seq_length());
    CHECK(sequence.reals.size() == static_cast<size_t>(sequence.length) * 26);
    CHECK(std::ranges::all_of(sequence.reals, [](float number) { return std::isfinite(number); }));
    double sum = 0;
    for (const float weight : sequence.weights) sum += static_cast<double>(weight);
    CHECK(sum == doctest::Approx(1));
    CHECK(sequence.weights.back() == 0.5f);
  }
  const Example example = puzzle->example(0);
  CHECK(example.columns[2] == "40 ms");
}

TEST_CASE("spoken: said again, a recording is another one each time, and never twice the same") {
  const Puzzle puzzle = make(of(recordings()));
  std::set<std::vector<float>> all;
  for (int64_t number = 0; number < 200; ++number) all.insert(puzzle->training(number).reals);
  CHECK(all.size() == 200);
  std::set<int> lengths;
  for (const std::vector<float>& one : all) lengths.insert(static_cast<int>(one.size()) / 26);
  CHECK(lengths.size() >= 4);
}

TEST_CASE("spoken: what is wrong with the data is told, with what to do") {
  const std::string heard(2 * sound_bands, 'a');
  CHECK(refused(of("")) == "data.text: there are no recordings");
  CHECK(refused(of("yes\tme")) == "data.text, line 1: has no two tabs");
  CHECK(refused(of("yes\tme_7\t" + heard + "\nyes\tme_8\t" + heard)) ==
        "data.text: one word alone is nothing to tell from others");
  CHECK(refused(of(recordings(), {{"held_out", by_speaker}}, "eve")) ==
        "data.task.speaker: nobody is called \"eve\"");
  CHECK(refused(of(recordings(), {{"held_out", by_speaker}})) == "data.task.speaker: nobody is named");
  CHECK(refused(of("yes\tme_7\t" + heard + "\nno\tme_8\t" + heard, {{"held_out", first_five}})) ==
        "data.task.held_out: no recording has a number below 5");
  CHECK(refused(of("yes\tme_0\t" + heard + "\nno\tme_8\t" + heard, {{"held_out", first_five}})) ==
        "data.text: 1 recordings are too few to learn from");
}

TEST_CASE("spoken: one's own recording is read as those that are held out; nothing heard is nothing read") {
  const Puzzle puzzle = make(of(recordings(), {{"variation", 0}}));
  const auto first = read_named_sounds(recordings());
  const auto own = puzzle->own_example(sound_text(first->front().columns));
  REQUIRE(own);
  bool found = false;
  for (int64_t number = 0; number < 1000; ++number)
    found |= puzzle->training(number).reals == own->batch.reals;
  for (int64_t index = 0; index < puzzle->held_out(); ++index)
    found |= puzzle->held_out(index).reals == own->batch.reals;
  CHECK(found);
  CHECK_FALSE(puzzle->own_example(""));
  CHECK_FALSE(puzzle->own_example("short"));
}

TEST_CASE("spoken: nearest neighbours tell what rises from what falls, whoever says it") {
  const Puzzle puzzle = make(of(recordings(), {{"held_out", by_speaker}}, "bob"));
  const std::vector<Baseline> all = puzzle->baselines();
  REQUIRE(all.size() == 3);
  CHECK(all[0].value == 0.5);
  CHECK(all[1].value > 0.9);
  CHECK(all[2].value > 0.9);
}

TEST_CASE("spoken: the built-in start is four voices' yes and no") {
  const auto start = parse_experiment(find_task_kind("spoken")->start);
  REQUIRE(start);
  const auto sounds = read_named_sounds(start->data.text);
  REQUIRE(sounds);
  CHECK(sounds->size() == 8);
  for (const NamedSound& sound : *sounds) {
    CHECK((sound.name == "yes" || sound.name == "no"));
    CHECK(sound.columns.size() >= 15 * sound_bands);
  }
  CHECK(make(*start)->output_names() == std::vector<std::string>{"no", "yes"});
}
