// Words by pen: the line that is read, which words there are, and how strings are judged.
#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "engine/base/ctc.h"
#include "engine/model/trainer.h"
#include "engine/tasks/pen_font.h"
#include "engine/tasks/pen_words.h"
#include "tests/engine/puzzle_fixture.h"

using namespace unroll;
using namespace unroll::puzzle;

namespace {

PenReading read(const char* text) { return read_pen_line(read_drawing(text)); }

std::string word_of(const Puzzle& puzzle, std::span<const int32_t> labels) {
  std::string word;
  for (const int32_t label : labels) word += puzzle->output_names()[static_cast<size_t>(label)];
  return word;
}

/// One letter of a style without distortion, as it is read.
std::vector<float> glyph_as_read(size_t letter, size_t style) {
  const Drawing glyph = read_drawing(pen_letters()[letter].strokes[style]);
  const Drawing* only[] = {&glyph};
  Random random(1);
  return read_pen_line(written_by_hand(only, 0, random)).reals;
}

}  // namespace

TEST_CASE("words: where a line is written and how large changes nothing that is read, to 1e-6") {
  Drawing line = read_drawing(
      "50 50 38 40 20 40 5 55 3 72 10 92 25 100 42 92 50 78 ; 50 40 50 100 90 40 ; 120 0 120 100");
  const PenReading before = read_pen_line(line);
  CHECK(before.size() > 12);
  for (Stroke& stroke : line)
    for (PenPoint& point : stroke) point = {1234.5 + 1.7 * point.x, 0.3 + 1.7 * point.y};
  const PenReading after = read_pen_line(line);
  REQUIRE(before.size() == after.size());
  for (size_t n = 0; n < before.reals.size(); ++n) CHECK(std::abs(before.reals[n] - after.reals[n]) <= 1e-6f);
  // A point is a unit from the one before along the line, so no more in the straight.
  for (size_t n = 1; n < before.size(); ++n)
    if (before.reals[3 * n + 2] == 0) CHECK(std::hypot(before.reals[3 * n], before.reals[3 * n + 1]) < 1.2f);
}

TEST_CASE("words: dots, flat lines and far too much are read without a number that is none") {
  for (const char* text : {"7 9", "7 9 7 9", "7 9 ; 7 9", "0 0 900 0", "5 5 5 900"}) {
    const PenReading reading = read(text);
    CHECK(reading.size() >= 1);
    CHECK(std::ranges::all_of(reading.reals, [](float number) { return std::isfinite(number); }));
  }
  CHECK(read("").size() == 0);
  std::string many;
  for (int n = 0; n < 3000; ++n)
    many += std::to_string(n * 37 % 1000) + " " + std::to_string(n * 61 % 1000) + " ";
  CHECK(read(many.c_str()).size() == most_line_points);
}

TEST_CASE(
    "words: those that are held out are words of three to six letters, and what is made up is none of them") {
  const auto words = pen_words();
  CHECK(words.size() == 369);
  CHECK(std::ranges::is_sorted(words));
  std::set<char> letters;
  for (const std::string_view word : words) {
    CHECK((word.size() >= 3 && word.size() <= 6));
    for (const char letter : word) {
      CHECK((letter >= 'a' && letter <= 'z'));
      letters.insert(letter);
    }
  }
  CHECK(letters.size() == 26);
  CHECK(std::set<std::string_view>(words.begin(), words.end()).size() == words.size());
  Random random(3);
  std::set<std::string> made;
  for (int n = 0; n < 3000; ++n) {
    const std::string word = made_up_word(3, random);
    CHECK(word.size() == 3);
    CHECK_FALSE(std::ranges::binary_search(words, std::string_view(word)));
    made.insert(word);
  }
  CHECK(made.size() > 1500);
}

TEST_CASE("words: every line fits and can be said, and each word is held out once") {
  const Puzzle puzzle = make("words", {{"letters", 6}}),
               shaken = make("words", {{"letters", 6}, {"distortion", 2}, {"unseen", 2}});
  CHECK(puzzle->shape().head == Head::ctc);
  CHECK(puzzle->output_names().size() == 27);
  CHECK(puzzle->held_out() == 369);
  CHECK(make("words", {{"letters", 4}})->held_out() == 208);
  std::set<std::string> seen;
  for (int64_t index = 0; index < puzzle->held_out(); ++index) {
    const Sequence line = puzzle->held_out(index);
    seen.insert(word_of(puzzle, line.classes));
    CHECK(static_cast<size_t>(line.length) >= 5 * line.classes.size());
  }
  CHECK(seen.size() == 369);
  std::set<size_t> lengths;
  for (int64_t number = 0; number < 300; ++number) {
    const Puzzle& one = number % 2 == 0 ? puzzle : shaken;
    const Sequence line = number % 4 < 2 ? one->training(number) : one->held_out(number);
    REQUIRE(line.length < one->seq_length());
    REQUIRE(line.reals.size() == static_cast<size_t>(3 * line.length));
    REQUIRE(line.columns.size() == static_cast<size_t>(line.length));
    REQUIRE(line.weights.empty());
    CHECK(std::ranges::all_of(line.reals, [](float value) { return std::isfinite(value); }));
    CHECK(ctc_least_steps(line.classes) <= static_cast<size_t>(line.length));
    for (const int32_t label : line.classes) CHECK((label >= 1 && label <= 26));
    if (number % 4 < 2) {
      lengths.insert(line.classes.size());
      CHECK_FALSE(std::ranges::binary_search(pen_words(), std::string_view(word_of(one, line.classes))));
    }
  }
  CHECK(lengths == std::set<size_t>{1, 2, 3, 4, 5, 6});
  CHECK(puzzle->held_out(7).reals == make("words", {{"letters", 6}})->held_out(7).reals);
  CHECK(puzzle->held_out(7).reals != make("words", {{"letters", 6}}, 2)->held_out(7).reals);
}

TEST_CASE("words: training never shows the style that is held out") {
  for (const double unseen : {0.0, 3.0, 5.0}) {
    const Puzzle puzzle = make("words", {{"distortion", 0}, {"unseen", unseen}});
    int single = 0;
    std::set<std::vector<float>> known;
    for (int64_t number = 0; number < 600; ++number) {
      const Sequence line = puzzle->training(number);
      if (line.classes.size() != 1) continue;
      ++single;
      const auto letter = static_cast<size_t>(line.classes[0]) - 1;
      CHECK(line.reals != glyph_as_read(letter, static_cast<size_t>(unseen)));
      known.insert(line.reals);
    }
    CHECK(single > 80);
    CHECK(known.size() > 50);  // of 5 × 26
  }
}

TEST_CASE("words: letters stand beside each other, and are joined where the pen is not lifted") {
  const Drawing l = read_drawing("5 0 5 100"), o = read_drawing("28 40 5 55 5 80 28 100 50 80 50 55 28 40");
  const Drawing* word[] = {&l, &o, &l};
  bool joined = false, apart = false;
  for (uint64_t seed = 1; seed < 30; ++seed) {
    Random random(seed);
    const Drawing line = written_by_hand(word, 0, random);
    joined |= line.size() == 1;
    apart |= line.size() == 3;
    if (line.size() != 3) continue;
    for (size_t s = 1; s < 3; ++s) {
      const auto x = [](const PenPoint& point) { return point.x; };
      CHECK(std::ranges::max(line[s - 1], {}, x).x < std::ranges::min(line[s], {}, x).x);
    }
    CHECK(box_of(line).size == doctest::Approx(100).epsilon(0.02));
  }
  CHECK(joined);
  CHECK(apart);
}

TEST_CASE(
    "words: who says every letter once is right; who says nothing misses them all, as the baseline tells") {
  const Puzzle puzzle = make("words", {{"letters", 4}});
  int64_t next = 0;
  Sequence now;
  const auto network = [&](size_t most) {
    next = 0;
    return Rule(puzzle->shape(), [&, most](std::span<const float> inputs, std::span<float> outputs) {
      if (inputs.size() == 3) now = puzzle->held_out(next++);
      const size_t t = inputs.size() / 3 - 1, each = static_cast<size_t>(now.length) / now.classes.size(),
                   k = t / each;
      const bool says = t % each == 1 && k < std::min(now.classes.size(), most);
      outputs[says ? static_cast<size_t>(now.classes[k]) : 0] = 1;
    });
  };
  Rule knows = network(99), silent = network(0), hasty = network(2);
  next = 0;
  const Score right = judge(puzzle, knows);
  CHECK(right.value == 0);
  CHECK(right.loss == doctest::Approx(0));
  CHECK(right.count == 208);
  CHECK(other(right, "words right") == 1);
  CHECK(other(right, "words right along the likeliest path") == 1);
  CHECK(other(right, "blank") > 0.8);
  next = 0;
  const Score nothing = judge(puzzle, silent);
  CHECK(nothing.value == 1);
  CHECK(other(nothing, "blank") == 1);
  CHECK(other(nothing, "words right") == 0);
  const std::vector<Baseline> baselines = puzzle->baselines();
  REQUIRE(baselines.size() == 3);
  CHECK(baselines[0].value == nothing.value);
  for (const size_t nearest : {1u, 2u}) {
    CHECK(baselines[nearest].value > 0.4);
    CHECK(baselines[nearest].value < 1.2);
  }
  next = 0;
  const Score half = judge(puzzle, hasty);  // 52 words of three letters, 156 of four
  CHECK(half.value == doctest::Approx((52.0 + 156 * 2) / (52 * 3 + 156 * 4)));
}

TEST_CASE(
    "words: one's own become words of the same network, new letters too; what no path can say is left out") {
  Experiment with = experiment("words", {{"distortion", 0}});
  with.data.text = "hé\t0 0 0 100 40 100 ; 80 40 80 100 120 60\nhello\t7 7\n";
  with.lanes = {{.cell = "rnn", .hidden = 4}};
  with.train.batch = 16;
  const auto made = create_task(with);
  REQUIRE(made);
  const auto& task = static_cast<const SequenceTask&>(**made);
  REQUIRE(task.shape().outputs == 28);
  CHECK(task.output_names().back() == "é");
  int own = 0;
  for (int64_t number = 0; number < 400; ++number)
    own += task.training(number).classes == std::vector<int32_t>{8, 27};
  CHECK(own > 400 / 8 / 2);
  CHECK(own < 400 / 8 * 2);
  for (int64_t index = 0; index < 50; ++index) CHECK(std::ranges::max(task.held_out(index).classes) <= 26);
  auto trainer = Trainer::create(with, 0, *made);
  REQUIRE(trainer);
  int left_out = 0;
  for (int step = 0; step < 6; ++step) {
    const StepResult result = (*trainer)->step();
    CHECK(std::isfinite(result.loss));
    left_out += result.left_out;
  }
  CHECK(left_out > 0);
  CHECK(left_out < 6 * 16);

  const auto drawn = task.own_example("0 0 0 100 40 100 ; 80 40 80 100 120 60");
  REQUIRE(drawn);
  CHECK(drawn->batch.reals == read("0 0 0 100 40 100 ; 80 40 80 100 120 60").reals);
  CHECK_FALSE(task.own_example(" ; 7").has_value());
  with.data.text = "hi\t0 0 9 9\noh";
  const auto refused = create_task(with);
  REQUIRE(!refused);
  CHECK(refused.error().where == "data.text, line 2");
}

TEST_CASE("words: the same bits on every machine") {
  const Puzzle puzzle = make("words");
  uint32_t sum = 0;
  for (int64_t number = 0; number < 10; ++number)
    for (const Sequence& line : {puzzle->held_out(number), puzzle->training(number)})
      for (const float value : line.reals) sum = 31 * sum + std::bit_cast<uint32_t>(value);
  CHECK(sum == 2052094419u);
}
