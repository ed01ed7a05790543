// What holds for every puzzle of memory, and what each of adding, copying, temporal order, parity and echo asks.
#include <algorithm>
#include <cmath>
#include <set>

#include "engine/document/experiment.h"
#include "tests/engine/puzzle_fixture.h"

using namespace unroll;
using namespace unroll::puzzle;

namespace {

std::vector<std::string> all_puzzles() {
  std::vector<std::string> names;
  for (const TaskKind* kind : task_kinds())
    if (std::string(kind->family) == "Puzzles of memory") names.push_back(kind->name);
  return names;
}

void be_sure(std::span<float> outputs, int32_t answer) { outputs[static_cast<size_t>(answer)] = 1.0f; }
void be_even(std::span<float> outputs) {
  for (float& output : outputs) output = 1.0f / static_cast<float>(outputs.size());
}

}  // namespace

TEST_CASE("every puzzle draws what its shape allows, with weights, marks and names that fit") {
  const std::vector<std::string> puzzles = all_puzzles();
  CHECK(puzzles.size() == 8);
  for (const std::string& name : puzzles) {
    INFO(name);
    const Puzzle puzzle = make(name);
    const TaskShape shape = puzzle->shape();
    const size_t I = static_cast<size_t>(shape.inputs), O = static_cast<size_t>(shape.outputs);
    CHECK(puzzle->input_names().size() == (shape.reals ? 0 : I));
    CHECK(puzzle->output_names().size() == (shape.head == Head::softmax ? O : 0));
    for (int64_t number = 0; number < 60; ++number) {
      const Sequence sequence = number % 2 == 0 ? puzzle->training(number) : puzzle->held_out(number);
      const size_t T = static_cast<size_t>(sequence.length);
      REQUIRE(sequence.length >= 1);
      REQUIRE(sequence.length <= puzzle->seq_length());
      REQUIRE(sequence.symbols.size() == (shape.reals ? 0 : T));
      REQUIRE(sequence.reals.size() == (shape.reals ? T * I : 0));
      REQUIRE(sequence.classes.size() == (shape.head == Head::softmax ? T : 0));
      REQUIRE(sequence.values.size() == (shape.head == Head::linear ? T * O : 0));
      REQUIRE((sequence.weights.empty() || sequence.weights.size() == T));
      if (!sequence.weights.empty()) CHECK(*std::ranges::max_element(sequence.weights) == 1.0f);
      for (const int32_t symbol : sequence.symbols) REQUIRE((symbol >= 0 && symbol < shape.inputs));
      for (const int32_t target : sequence.classes) REQUIRE((target >= 0 && target < shape.outputs));
      int enters = -1, needed = -1;
      for (const Mark& mark : sequence.marks) {
        CHECK((mark.position >= 0 && mark.position < sequence.length));
        CHECK(!mark.label.empty());
        (mark.kind == Mark::Kind::enters ? enters : needed) = mark.position;
      }
      CHECK(enters >= 0);
      CHECK(needed >= enters);
    }
    for (const std::string& column : puzzle->example(3).columns) CHECK(!column.empty());
    CHECK(puzzle->example(3).columns.size() ==
          (shape.reals ? static_cast<size_t>(puzzle->held_out(3).length) : 0));
    CHECK(!puzzle->baselines().empty());
  }
}

TEST_CASE("training goes on with fresh sequences; held-out ones are a stream of their own, by the seed") {
  for (const std::string& name : all_puzzles()) {
    INFO(name);
    const Puzzle puzzle = make(name, name == "reber" ? Fields{{"inner", 8}} : Fields{});
    const auto content = [](const Sequence& sequence) {
      return std::tuple(sequence.symbols, sequence.reals, sequence.values, sequence.classes);
    };
    CHECK(content(puzzle->held_out(7)) ==
          content(make(name, name == "reber" ? Fields{{"inner", 8}} : Fields{})->held_out(7)));
    CHECK(content(puzzle->held_out(7)) !=
          content(make(name, name == "reber" ? Fields{{"inner", 8}} : Fields{}, 2)->held_out(7)));
    if (name == "parity") continue;  // short strings of bits come again
    std::set<decltype(content(Sequence{}))> training;
    for (int64_t number = 0; number < 200; ++number) training.insert(content(puzzle->training(number)));
    CHECK(training.size() == 200);
    for (int64_t index = 0; index < 200; ++index) CHECK(!training.contains(content(puzzle->held_out(index))));
  }
}

TEST_CASE("adding: the sum of the two marked numbers, one of each half; who always says 1 has 1/6") {
  const Puzzle puzzle = make("adding", {{"length", 51}});
  Rule knows(puzzle->shape(), Rule::Reals([](std::span<const float> inputs, std::span<float> outputs) {
               for (size_t t = 0; t < inputs.size(); t += 2) outputs[0] += inputs[t] * inputs[t + 1];
             }));
  const Score right = judge(puzzle, knows);
  CHECK(right.value == doctest::Approx(0).epsilon(1e-12));
  CHECK(other(right, "errors below .16") == 1);
  CHECK(!right.higher_is_better);

  Rule says_1(puzzle->shape(),
              Rule::Reals([](std::span<const float>, std::span<float> outputs) { outputs[0] = 1; }));
  const Score wrong = judge(puzzle, says_1);
  const Baseline memoryless = puzzle->baselines()[0];
  CHECK(wrong.value == doctest::Approx(memoryless.value));
  CHECK(wrong.loss == doctest::Approx(memoryless.loss));
  // The mean of 1,000 squares whose deviation is √(1/15 − 1/36) = .197.
  CHECK(memoryless.value == doctest::Approx(1.0 / 6).epsilon(4 * 0.197 / std::sqrt(1000.0) * 6));
  for (int64_t number = 0; number < 200; ++number) {
    const Sequence sequence = puzzle->training(number);
    std::vector<int> marked;
    for (int t = 0; t < 51; ++t)
      if (sequence.reals[2 * static_cast<size_t>(t) + 1] == 1.0f) marked.push_back(t);
    REQUIRE(marked.size() == 2);
    CHECK(marked[0] < 25);
    CHECK(marked[1] >= 25);
  }
}

TEST_CASE("copying: the memoryless loss is 10 ln 8 / (T + 20)") {
  const auto memoryless = [](double span) { return make("copying", {{"span", span}})->baselines()[0]; };
  CHECK(memoryless(50).value == doctest::Approx(0.29706).epsilon(1e-4));
  CHECK(memoryless(100).value == doctest::Approx(0.17329).epsilon(1e-4));
  CHECK(memoryless(500).value == doctest::Approx(0.03999).epsilon(1e-3));
  CHECK(memoryless(50).loss == doctest::Approx(memoryless(50).value));
}

TEST_CASE("copying: symbols, blanks, the sign, and the same symbols as targets at the end") {
  const Puzzle puzzle = make("copying", {{"span", 5}, {"items", 3}, {"alphabet", 4}});
  const Sequence sequence = puzzle->held_out(0);
  const std::string shown = text(puzzle, sequence);
  REQUIRE(shown.size() == 11);
  CHECK(shown.find_first_not_of("abcd") == 3);
  CHECK(shown.substr(3) == "....?...");
  std::string said;
  for (const int32_t symbol : sequence.classes) said += puzzle->output_names()[static_cast<size_t>(symbol)];
  CHECK(said == "........" + shown.substr(0, 3));

  Rule knows(puzzle->shape(), Rule::Symbols([](std::span<const int32_t> inputs, std::span<float> outputs) {
               be_sure(outputs, inputs.size() > 8 ? inputs[inputs.size() - 9] : 4);
             }));
  CHECK(judge(puzzle, knows).value == 0);
  CHECK(other(judge(puzzle, knows), "symbols said right") == doctest::Approx(1));
  Rule forgets(puzzle->shape(), Rule::Symbols([](std::span<const int32_t> inputs, std::span<float> outputs) {
                 if (inputs.size() <= 8) return be_sure(outputs, 4);
                 be_even(outputs.first(4));
               }));
  const Score score = judge(puzzle, forgets);
  CHECK(score.value == doctest::Approx(3 * std::log(4) / 11));
  CHECK(score.value == doctest::Approx(puzzle->baselines()[0].value));
  CHECK(score.loss == doctest::Approx(score.value));
}

TEST_CASE("copying with spans of its own for every sequence gives accuracy against lag") {
  const Puzzle puzzle = make("copying", {{"span", 30}, {"items", 2}, {"varied", 1}});
  std::set<int> lengths;
  for (int64_t number = 0; number < 300; ++number) lengths.insert(puzzle->training(number).length);
  CHECK(*lengths.begin() == 5);
  CHECK(*lengths.rbegin() == 34);
  // Remembers up to a span of about 15.
  Rule knows(puzzle->shape(), Rule::Symbols([](std::span<const int32_t> inputs, std::span<float> outputs) {
               const auto sign = std::ranges::find(inputs, 9);
               const auto position = static_cast<size_t>(sign - inputs.begin());
               if (position >= inputs.size() - 1) return be_sure(outputs, 8);
               be_sure(outputs, position > 18 ? 8 : inputs[inputs.size() - position - 2]);
             }));
  const Score score = judge(puzzle, knows);
  REQUIRE(score.curves.size() == 1);
  for (size_t at = 0; at < score.curves[0].at.size(); ++at)
    if (!std::isnan(score.curves[0].value[at]) &&
        (score.curves[0].at[at] < 16 || score.curves[0].at[at] > 21))
      CHECK(score.curves[0].value[at] == doctest::Approx(score.curves[0].at[at] < 18 ? 1 : 0));
}

TEST_CASE("temporal order: the paper's lengths and places; the class is the order of X and Y") {
  for (const int variant : {0, 1}) {
    const Puzzle puzzle = make("temporal_order", {{"variant", variant}});
    const std::vector<std::pair<int, int>> places =
        variant == 0 ? std::vector<std::pair<int, int>>{{10, 20}, {50, 60}}
                     : std::vector<std::pair<int, int>>{{10, 20}, {33, 43}, {66, 76}};
    std::set<int> lengths;
    std::set<std::string> orders;
    for (int64_t number = 0; number < 400; ++number) {
      const Sequence sequence = puzzle->training(number);
      const std::string shown = text(puzzle, sequence);
      lengths.insert(sequence.length);
      REQUIRE(shown.front() == 'E');
      REQUIRE(shown.back() == 'B');
      REQUIRE(shown.substr(1, shown.size() - 2).find_first_not_of("abcdXY") == std::string::npos);
      std::string order;
      for (size_t t = 0; t < shown.size(); ++t) {
        if (shown[t] != 'X' && shown[t] != 'Y') continue;
        REQUIRE(order.size() < places.size());
        CHECK(static_cast<int>(t) >= places[order.size()].first);
        CHECK(static_cast<int>(t) <= places[order.size()].second);
        order += shown[t];
      }
      CHECK(puzzle->output_names()[static_cast<size_t>(sequence.classes.back())] == order);
      orders.insert(order);
    }
    CHECK(*lengths.begin() == 100);
    CHECK(*lengths.rbegin() == 110);
    CHECK(orders.size() == (variant == 0 ? 4 : 8));
    CHECK(puzzle->baselines()[0].loss == doctest::Approx(variant == 0 ? 1.386294 : 2.079442));
    CHECK(puzzle->baselines()[0].value == doctest::Approx(variant == 0 ? 0.75 : 0.875).epsilon(0.06));
  }
}

TEST_CASE("temporal order: right is what has every output nearer than .3 to its target") {
  const Puzzle puzzle = make("temporal_order", {{"length", 20}});
  const Sequence sequence = puzzle->held_out(0);
  const size_t wanted = static_cast<size_t>(sequence.classes.back());
  const auto wrong = [&](float sure) {
    std::vector<float> outputs(static_cast<size_t>(sequence.length) * 4, 0.0f);
    const size_t last = outputs.size() - 4;
    outputs[last + wanted] = sure;
    outputs[last + (wanted + 1) % 4] = 1 - sure;
    Tally tally;
    puzzle->judge(sequence, outputs, tally);
    return tally.sum;
  };
  CHECK(wrong(0.72f) == 0);
  CHECK(wrong(0.68f) == 1);
  CHECK(wrong(0.1f) == 1);
}

TEST_CASE("parity: of every prefix; what lies beyond the trained lengths is in the curve alone") {
  const Puzzle puzzle = make("parity", {{"length", 6}, {"beyond", 4}});
  for (int64_t number = 0; number < 100; ++number) {
    const bool trains = number % 2 == 0;
    const Sequence sequence = trains ? puzzle->training(number) : puzzle->held_out(number);
    if (trains) CHECK(sequence.length <= 6);
    if (!trains) REQUIRE(sequence.length == 10);
    for (int t = 0; t < sequence.length; ++t) {
      const auto ones = std::ranges::count(std::span(sequence.symbols).first(static_cast<size_t>(t) + 1), 1);
      CHECK(sequence.classes[static_cast<size_t>(t)] == ones % 2);
      CHECK(sequence.weights[static_cast<size_t>(t)] == (t < 6 ? 1.0f : 0.0f));
    }
  }
  // Forgets what is more than seven bits ago.
  Rule counts(puzzle->shape(), Rule::Symbols([](std::span<const int32_t> inputs, std::span<float> outputs) {
                const auto recent = inputs.size() > 7 ? inputs.last(7) : inputs;
                const int32_t odd = static_cast<int32_t>(std::ranges::count(recent, 1) % 2);
                outputs[static_cast<size_t>(odd)] = 0.75f;
                outputs[static_cast<size_t>(1 - odd)] = 0.25f;
              }));
  const Score score = judge(puzzle, counts);
  CHECK(score.value == 1);
  CHECK(score.loss == doctest::Approx(-std::log(0.75)));
  CHECK(other(score, "loss after the last trained bit") == doctest::Approx(-std::log(0.75)));
  const ScoreCurve& curve = score.curves[0];
  REQUIRE(curve.at.size() == 11);
  for (size_t bits = 1; bits <= 7; ++bits) CHECK(curve.value[bits] == 1);
  for (size_t bits = 8; bits <= 10; ++bits) CHECK(curve.value[bits] == doctest::Approx(0.5).epsilon(0.15));
  CHECK(puzzle->baselines()[0].loss == doctest::Approx(0.693147));
}

TEST_CASE("echo: what was read some steps ago, and nothing is asked before there is an answer") {
  const Puzzle puzzle = make("echo", {{"delay", 3}, {"alphabet", 5}, {"length", 10}});
  Rule knows(puzzle->shape(), Rule::Symbols([](std::span<const int32_t> inputs, std::span<float> outputs) {
               if (inputs.size() > 3) be_sure(outputs, inputs[inputs.size() - 4]);
             }));
  const Score right = judge(puzzle, knows);
  CHECK(right.value == 1);
  CHECK(right.loss == 0);
  CHECK(right.count == 10 * puzzle->held_out());
  Rule late(puzzle->shape(), Rule::Symbols([](std::span<const int32_t> inputs, std::span<float> outputs) {
              if (inputs.size() > 2) be_sure(outputs, inputs[inputs.size() - 3]);
            }));
  CHECK(judge(puzzle, late).value == doctest::Approx(puzzle->baselines()[0].value).epsilon(0.15));
  CHECK(puzzle->baselines()[0].value == doctest::Approx(0.2));
}
