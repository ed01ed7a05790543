// The pen: points at equal distances, what a network reads of a drawing, the font, and the nearest neighbours beside whom it
// stands.
#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "engine/tasks/pen_font.h"
#include "engine/tasks/pen_own.h"
#include "engine/tasks/pen_strokes.h"
#include "tests/engine/puzzle_fixture.h"

using namespace unroll;
using namespace unroll::puzzle;

namespace {

PenReading read(const char* text) { return read_pen(read_drawing(text)); }

bool all_finite(const std::vector<float>& numbers) {
  return std::ranges::all_of(numbers, [](float number) { return std::isfinite(number); });
}

}  // namespace

TEST_CASE("pen: (0,0)–(3,0)–(3,4) at 8 points lies on whole numbers") {
  const Stroke points = resampled({{0, 0}, {3, 0}, {3, 4}}, 8);
  const Stroke right = {{0, 0}, {1, 0}, {2, 0}, {3, 0}, {3, 1}, {3, 2}, {3, 3}, {3, 4}};
  REQUIRE(points.size() == right.size());
  for (size_t n = 0; n < right.size(); ++n) {
    CHECK(points[n].x == doctest::Approx(right[n].x));
    CHECK(points[n].y == doctest::Approx(right[n].y));
  }
}

TEST_CASE("pen: where it is drawn and how large changes nothing that is read, to 1e-6") {
  Drawing drawing = read_drawing("50 50 38 40 20 40 5 55 3 72 10 92 25 100 42 92 50 78 ; 50 40 50 100");
  const PenReading before = read_pen(drawing);
  for (Stroke& stroke : drawing)
    for (PenPoint& point : stroke) point = {1234.5 + 1.7 * point.x, 0.3 + 1.7 * point.y};
  const PenReading after = read_pen(drawing);
  REQUIRE(before.size() == after.size());
  CHECK(before.stroke_of == after.stroke_of);
  for (size_t n = 0; n < before.reals.size(); ++n) CHECK(std::abs(before.reals[n] - after.reals[n]) <= 1e-6f);
}

TEST_CASE("pen: a dot and two equal points are one point; nothing is no point; no number is missing") {
  for (const char* text : {"7 9", "7 9 7 9", "7 9 ; 7 9"}) {
    const PenReading dot = read(text);
    CHECK(dot.size() == static_cast<size_t>(1 + std::ranges::count(std::string(text), ';')));
    CHECK(dot.reals[0] == 0);
    CHECK(dot.reals[1] == 0);
    CHECK(dot.reals[2] == 1);
    CHECK(all_finite(dot.reals));
  }
  CHECK(read("").size() == 0);
  CHECK(read(" ; ;; x").size() == 0);
  CHECK(all_finite(read("0 0 900 0").reals));  // no height
  CHECK(all_finite(read("5 40 5 100 ; 5 20 5 20").reals));
}

TEST_CASE("pen: a text of points is read whatever stands there, and never more than there is room for") {
  CHECK(read_drawing("1 2 3 4;5 6").size() == 2);
  CHECK(read_drawing("1,2 -3x4 ; 5").size() == 1);  // half a point is none
  CHECK(read_drawing("1 2 3 ; 4 5").back().front().x == 4);
  CHECK(read_drawing("99999999999999999999 2").front().front().x == 9999);
  std::string many, dots;
  for (int n = 0; n < 3000; ++n) {
    many += std::to_string(n * 37 % 1000) + " " + std::to_string(n * 61 % 1000) + " ";
    dots += std::to_string(n) + " 5 ; ";
  }
  CHECK(read(many.c_str()).size() <= PenReading::most_points);
  CHECK(read(dots.c_str()).size() == PenReading::most_points);
}

TEST_CASE("pen: steps are a tenth of the height, and the pen is lifted where a stroke begins") {
  const PenReading cross = read("50 0 50 100 ; 0 50 100 50");
  REQUIRE(cross.size() == 22);
  CHECK(cross.reals[0] == doctest::Approx(0));  // from the middle of the box up to its edge
  CHECK(cross.reals[1] == doctest::Approx(-5));
  for (size_t n = 0; n < 22; ++n) CHECK(cross.reals[3 * n + 2] == (n % 11 == 0 ? 1 : 0));
  for (size_t n = 1; n < 11; ++n) {
    CHECK(cross.reals[3 * n] == doctest::Approx(0));
    CHECK(cross.reals[3 * n + 1] == doctest::Approx(1));
    CHECK(cross.reals[3 * (11 + n)] == doctest::Approx(1));
  }
  CHECK(cross.reals[33] == doctest::Approx(-5));
  CHECK(cross.reals[34] == doctest::Approx(-5));
}

TEST_CASE("pen: without distortion a glyph stays what it is, corners sharp and bows round") {
  Random random(1);
  const Drawing corner = drawn_by_hand(read_drawing("0 0 0 100 50 100"), 0, random);
  const auto is_corner = [](PenPoint point) {
    return std::abs(point.x + 0.5) + std::abs(point.y - 0.5) < 0.03;
  };
  CHECK(std::ranges::any_of(corner.front(), is_corner));
  const Drawing bow = drawn_by_hand(read_drawing("0 0 0 60 28 88 88 100"), 0, random);
  CHECK(std::ranges::none_of(bow.front(), [](PenPoint point) {  // the bend at 0 60
    return std::abs(point.x + 0.5) + std::abs(point.y - 0.1) < 0.01;
  }));
}

TEST_CASE("pen: every style has every glyph, and all are read whole") {
  CHECK(pen_letters().size() == 26);
  CHECK(pen_digits().size() == 10);
  for (const auto& glyphs : {pen_letters(), pen_digits()})
    for (const PenGlyph& glyph : glyphs) {
      CAPTURE(glyph.name);
      CHECK(glyph.name == (glyphs.size() == 26 ? 'a' : '0') + (&glyph - glyphs.data()));
      std::set<std::string> different;
      for (const char* strokes : glyph.strokes) {
        different.insert(strokes);
        const PenReading reading = read(strokes);
        CHECK(reading.size() >= 10);
        CHECK(reading.size() < PenReading::most_points);
      }
      CHECK(different.size() == pen_style_count);
    }
}

TEST_CASE("pen: sequences fit, the last verdict counts most, and held-out classes take turns") {
  const Puzzle puzzle = make("pen"), digits = make("pen", {{"classes", 1}, {"distortion", 2}});
  CHECK(puzzle->output_names().size() == 26);
  CHECK(digits->output_names() == std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"});
  std::set<int32_t> seen;
  for (int64_t number = 0; number < 400; ++number) {
    const Puzzle& one = number % 2 == 0 ? puzzle : digits;
    const Sequence drawn = number % 4 < 2 ? one->training(number) : one->held_out(number);
    REQUIRE(drawn.length <= one->seq_length());
    REQUIRE(drawn.reals.size() == static_cast<size_t>(3 * drawn.length));
    REQUIRE(drawn.columns.size() == static_cast<size_t>(drawn.length));
    REQUIRE(all_finite(drawn.reals));
    CHECK(drawn.columns[0] == "stroke 1, point 1");
    float sum = 0;
    for (const float weight : drawn.weights) sum += weight;
    CHECK(sum == doctest::Approx(1));
    CHECK(std::ranges::is_sorted(drawn.weights));
    if (number % 4 == 0) seen.insert(drawn.classes.back());
  }
  CHECK(seen.size() >= 24);  // of 100 drawn
  for (int64_t index = 0; index < 60; ++index) CHECK(puzzle->held_out(index).classes.back() == index % 26);
}

TEST_CASE("pen: a drawing of one's own is read as one of the font is, wherever it stands; nothing is none") {
  const Puzzle puzzle = make("pen");
  const auto own = puzzle->own_example("200 100 200 300 ; 100 200 300 200");
  REQUIRE(own);
  CHECK(own->batch.reals == read("50 0 50 100 ; 0 50 100 50").reals);
  CHECK(own->batch.seq_length == 22);
  CHECK(own->columns[11] == "stroke 2, point 1");
  CHECK_FALSE(puzzle->own_example(" ; 7").has_value());
}

TEST_CASE("pen: training never shows the style that is held out") {
  // Without distortion every drawing is a glyph of the font: then each can be looked up.
  for (const double unseen : {0.0, 3.0, 5.0}) {
    const Puzzle puzzle = make("pen", {{"distortion", 0}, {"unseen", unseen}});
    std::vector<std::set<std::vector<float>>> held_out(26);
    for (int64_t index = 0; index < 26; ++index)
      held_out[static_cast<size_t>(index)].insert(puzzle->held_out(index).reals);
    std::set<std::vector<float>> trained;
    for (int64_t number = 0; number < 2000; ++number) {
      const Sequence drawn = puzzle->training(number);
      CHECK_FALSE(held_out[static_cast<size_t>(drawn.classes.back())].contains(drawn.reals));
      trained.insert(drawn.reals);
    }
    CHECK(trained.size() >= 125);  // of 5 × 26
    CHECK(trained.size() <= 130);
  }
}

TEST_CASE("pen: the same bits on every machine") {
  const Puzzle puzzle = make("pen");
  uint32_t sum = 0;
  for (int64_t number = 0; number < 30; ++number)
    for (const float value : puzzle->held_out(number).reals) sum = 31 * sum + std::bit_cast<uint32_t>(value);
  CHECK(sum == 1791580860u);
}

TEST_CASE("pen: nearest neighbours know most of what is distorted little, and both see the whole drawing") {
  const auto values = [](const Fields& fields) {
    std::vector<double> all;
    for (const Baseline& baseline : make("pen", fields)->baselines()) all.push_back(baseline.value);
    return all;
  };
  const std::vector<double> letters = values({}), digits = values({{"classes", 1}});
  REQUIRE(letters.size() == 3);
  CHECK(letters[0] == doctest::Approx(1 / 26.0));
  CHECK(digits[0] == doctest::Approx(0.1));
  for (const double nearest : {letters[1], letters[2], digits[1], digits[2]}) {
    CHECK(nearest > 0.6);
    CHECK(nearest < 0.99);
  }
}

TEST_CASE("pen: a network that always says the right letter is right, and is it after half of the points") {
  const Puzzle puzzle = make("pen");
  int64_t next = 0;
  Sequence now;
  Rule knows(puzzle->shape(), [&](std::span<const float> inputs, std::span<float> outputs) {
    if (inputs.size() == 3) now = puzzle->held_out(next++);
    outputs[static_cast<size_t>(now.classes[0])] = 1;
  });
  const Score right = judge(puzzle, knows);
  CHECK(right.value == 1);
  CHECK(right.count == 780);
  CHECK(other(right, "right from half of it on") == 1);
  Rule late(puzzle->shape(), [&](std::span<const float> inputs, std::span<float> outputs) {
    if (inputs.size() == 3) now = puzzle->held_out(next++);
    const bool knows = inputs.size() > 3 * static_cast<size_t>(now.length) / 4 * 3;
    outputs[static_cast<size_t>(knows ? now.classes[0] : (now.classes[0] + 1) % 26)] = 1;
  });
  next = 0;
  const Score slow = judge(puzzle, late);
  CHECK(slow.value == 1);
  CHECK(other(slow, "right from half of it on") == 0);
}

TEST_CASE("pen: drawings of one's own are read line by line, and what is wrong is told with its line") {
  const auto told = [](const std::string& text) {
    const auto all = read_named_drawings(text);
    return all ? std::to_string(all->size()) : all.error().where + ": " + all.error().what;
  };
  CHECK(told("") == "0");
  CHECK(told("star\t0 0 50 100 ; 7 7\r\n\n  heart \t1 2 3 4\n") == "2");
  CHECK(read_named_drawings(" a heart \t1 2 3 4")->front().name == "a heart");
  CHECK(told("star\t0 0 9 9\nno tab") == "line 2: has no tab");
  CHECK(told("\t0 0 9 9") == "line 1: has no name");
  CHECK(told("star\t;;7") == "line 1: nothing is drawn");
  CHECK(told(std::string(25, 'x') + "\t1 2") == "line 1: a name of 25 bytes");
  std::string many, names;
  for (int n = 0; n < 1001; ++n) {
    many += "x\t1 2 3 4\n";
    names += std::to_string(n) + "\t1 2 3 4\n";
  }
  CHECK(told(many) == "line 1001: one drawing too many");
  CHECK(told(names) == "line 101: one name too many");
}

TEST_CASE(
    "pen: drawings of one's own are classes of the same network, or more of a letter; none is held out") {
  Experiment with = experiment("pen", {{"distortion", 0}});
  with.data.text = "star\t0 0 100 100 200 0\nstar\t0 0 100 90 210 0\na\t0 0 0 100 300 100\n";
  const auto made = create_task(with);
  REQUIRE(made);
  const auto& task = static_cast<const SequenceTask&>(**made);
  REQUIRE(task.shape().outputs == 27);
  CHECK(task.output_names().back() == "star");
  std::set<std::vector<float>> stars, as;
  int count = 0;
  for (int64_t number = 0; number < 4000; ++number) {
    const Sequence drawn = task.training(number);
    if (drawn.classes[0] == 26) stars.insert(drawn.reals);
    if (drawn.classes[0] == 0) as.insert(drawn.reals);
    count += drawn.classes[0] == 26;
  }
  CHECK(stars.size() == 2);
  CHECK(as.size() == 6);  // five styles, and one's own
  CHECK(count > 4000 / 27 / 2);
  CHECK(count < 4000 / 27 * 2);
  for (int64_t index = 0; index < 100; ++index) CHECK(task.held_out(index).classes[0] < 26);

  with.data.text = "star\t0 0 9 9\noh";
  const auto refused = create_task(with);
  REQUIRE(!refused);
  CHECK(refused.error().where == "data.text, line 2");
}
