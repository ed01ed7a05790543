// The two grammars among the puzzles: strings are accepted by automata written here once more, and code lengths are those
// computed by hand.
#include <cmath>
#include <map>
#include <string>

#include "tests/engine/puzzle_fixture.h"

using namespace unroll;
using namespace unroll::puzzle;

namespace {

/// The free choices of an inner Reber string ("BTXSE": 3), by the diagram of Cleeremans et al. 1989; −1: it is none.
int inner_choices(const std::string& text) {
  static const std::map<std::pair<int, char>, int> diagram = {
      {{0, 'T'}, 1}, {{0, 'P'}, 2}, {{1, 'S'}, 1}, {{1, 'X'}, 3}, {{2, 'T'}, 2},
      {{2, 'V'}, 4}, {{3, 'X'}, 2}, {{3, 'S'}, 5}, {{4, 'P'}, 3}, {{4, 'V'}, 5}};
  if (text.size() < 3 || text.front() != 'B' || text.back() != 'E') return -1;
  int state = 0, choices = 0;
  for (size_t at = 1; at + 1 < text.size(); ++at) {
    const auto next = diagram.find({state, text[at]});
    if (next == diagram.end()) return -1;
    state = next->second;
    ++choices;
  }
  return state == 5 ? choices : -1;
}

/// Of an embedded string with so many inner ones; −1: it is none.
int choices(const std::string& text, int inner) {
  const size_t size = text.size();
  if (size < 6 || text[0] != 'B' || text[size - 1] != 'E' || (text[1] != 'T' && text[1] != 'P') ||
      text[1] != text[size - 2])
    return -1;
  int sum = 1;
  size_t begin = 2;
  for (int part = 0; part < inner; ++part) {
    const size_t end = text.find('E', begin);
    if (end == std::string::npos || end + 2 >= size) return -1;
    const int found = inner_choices(text.substr(begin, end + 1 - begin));
    if (found < 0) return -1;
    sum += found;
    begin = end + 1;
  }
  return begin == size - 2 ? sum : -1;
}

std::string whole(const Puzzle& puzzle, const Sequence& sequence) {
  return text(puzzle, sequence) + puzzle->output_names()[static_cast<size_t>(sequence.classes.back())];
}

/// A sequence whose targets are the next symbols.
Sequence sequence_of(const Puzzle& puzzle, const std::string& text) {
  Sequence sequence;
  sequence.symbols = symbols(puzzle->input_names(), text);
  sequence.classes.assign(sequence.symbols.begin() + 1, sequence.symbols.end());
  sequence.symbols.pop_back();
  sequence.length = static_cast<int>(sequence.symbols.size());
  return sequence;
}

}  // namespace

TEST_CASE("the acceptor of Reber strings in this test knows right from wrong") {
  CHECK(choices("BTBTXSETE", 1) == 4);
  CHECK(choices("BPBPTTVPXVVEPE", 1) == 9);
  CHECK(choices("BTBTXSEPE", 1) == -1);
  CHECK(choices("BTBTSVETE", 1) == -1);
  CHECK(choices("BTBTXSEBPVVETE", 2) == 7);
  CHECK(choices("BTBTXSEBPVVETE", 1) == -1);
}

TEST_CASE("reber: every string is of the grammar; mean length 12.0, mean code length 7 ln 2") {
  const Puzzle puzzle = make("reber");
  double length = 0, code = 0;
  constexpr int strings = 10000;
  for (int64_t number = 0; number < strings; ++number) {
    const Sequence sequence = puzzle->training(number);
    const int found = choices(whole(puzzle, sequence), 1);
    REQUIRE_MESSAGE(found > 0, whole(puzzle, sequence));
    length += sequence.length + 1;
    code += found * std::log(2);
  }
  // A string deviates by 3.36 letters.
  CHECK(length / strings == doctest::Approx(12.0).epsilon(4 * 3.36 / std::sqrt(strings) / 12));
  CHECK(code / strings == doctest::Approx(4.852).epsilon(4 * 2.33 / std::sqrt(strings) / 4.852));
  const Puzzle longer = make("reber", {{"inner", 5}});
  for (int64_t number = 0; number < 300; ++number)
    CHECK(choices(whole(longer, longer->training(number)), 5) > 0);
}

TEST_CASE("reber: the score is what a network needs more than the generator's own code length") {
  const Puzzle puzzle = make("reber");
  const Sequence sequence = sequence_of(puzzle, "BTBTXSETE");  // T, T, X and S were free: 4 ln 2
  const auto excess = [&](const std::vector<float>& outputs) {
    Tally tally;
    puzzle->judge(sequence, outputs, tally);
    CHECK(tally.count == 1);
    return tally.sum;
  };
  CHECK(excess(std::vector<float>(8 * 7, 1.0f)) == doctest::Approx(-4 * std::log(2)));
  CHECK(excess(std::vector<float>(8 * 7, 1.0f / 7)) == doctest::Approx(8 * std::log(7) - 4 * std::log(2)));
}

TEST_CASE(
    "reber: who knows the grammar has no excess, who forgets the first letter has ln 2, as the baseline "
    "says") {
  const Puzzle puzzle = make("reber");
  // The probabilities of the next letter by trying: what goes on from here to an accepted string.
  const std::vector<std::string> names = puzzle->input_names();
  const auto network = [&](bool remembers) {
    return Rule(
        puzzle->shape(),
        Rule::Symbols([&names, remembers](std::span<const int32_t> inputs, std::span<float> outputs) {
          std::string so_far;
          for (const int32_t symbol : inputs) so_far += names[static_cast<size_t>(symbol)];
          const auto give = [&](const std::string& letters) {
            for (const char letter : letters)
              outputs[std::string("BTPSXVE").find(letter)] = 1.0f / static_cast<float>(letters.size());
          };
          const size_t inner_end = so_far.find('E');
          if (so_far.size() == 1) return give("TP");
          if (so_far.size() == 2) return give("B");
          if (inner_end != std::string::npos) {
            if (so_far.size() == inner_end + 2) return give("E");
            return give(remembers ? so_far.substr(1, 1) : "TP");
          }
          int state = 0;
          for (const char letter : so_far.substr(3)) {
            if (state == 0)
              state = letter == 'T' ? 1 : 2;
            else if (state == 1)
              state = letter == 'S' ? 1 : 3;
            else if (state == 2)
              state = letter == 'T' ? 2 : 4;
            else if (state == 3)
              state = letter == 'X' ? 2 : 5;
            else if (state == 4)
              state = letter == 'P' ? 3 : 5;
          }
          give(std::vector<std::string>{"TP", "SX", "TV", "XS", "PV", "E"}[static_cast<size_t>(state)]);
        }));
  };
  Rule knows = network(true), forgets = network(false);
  const Score perfect = judge(puzzle, knows), memoryless = judge(puzzle, forgets);
  CHECK(perfect.value == doctest::Approx(0).epsilon(1e-6));
  CHECK(other(perfect, "last T or P right") == 1);
  CHECK(perfect.count == 1000);
  CHECK(memoryless.value == doctest::Approx(0.693147));
  const std::vector<Baseline> baselines = puzzle->baselines();
  CHECK(baselines[0].value == doctest::Approx(memoryless.value));
  CHECK(baselines[0].loss == doctest::Approx(memoryless.loss));
  CHECK(baselines[1].name == "bigram");
  CHECK(baselines[1].value > 1.5);
}

TEST_CASE("dyck: what closes is what opened last, never more are open than allowed") {
  const Puzzle puzzle = make("dyck", {{"kinds", 3}, {"depth", 4}, {"length", 40}});
  bool reached = false;
  for (int64_t number = 0; number < 200; ++number) {
    const Sequence sequence = puzzle->training(number);
    std::string open;
    for (const char bracket : whole(puzzle, sequence)) {
      const size_t opens = std::string("([{").find(bracket), closes = std::string(")]}").find(bracket);
      if (opens != std::string::npos) {
        open += ")]}"[opens];
      } else {
        REQUIRE(closes != std::string::npos);
        REQUIRE(!open.empty());
        REQUIRE(open.back() == bracket);
        open.pop_back();
      }
      REQUIRE(open.size() <= 4);
      reached |= open.size() == 4;
    }
    CHECK(whole(puzzle, sequence).size() == 40);
  }
  CHECK(reached);
}

TEST_CASE(
    "dyck: a closing bracket is right with more than .8 of what closing ones get; marks are at the widest "
    "pair") {
  const Puzzle puzzle = make("dyck", {{"kinds", 2}, {"depth", 3}, {"length", 6}});
  const Sequence sequence = sequence_of(puzzle, "([])()");
  const auto judged = [&](float round) {
    std::vector<float> outputs;
    for (int t = 0; t < 5; ++t) outputs.insert(outputs.end(), {0.5f, 0.0f, 0.5f * round, 0.5f * (1 - round)});
    Tally tally;
    puzzle->judge(sequence, outputs, tally);
    CHECK(tally.count == 3);
    return tally.sum;
  };
  CHECK(judged(0.81f) == 2);
  CHECK(judged(0.79f) == 0);
  CHECK(judged(0.19f) == 1);

  const Sequence drawn = puzzle->training(1);
  if (drawn.marks.size() == 2) CHECK(drawn.marks[0].position <= drawn.marks[1].position);
}

TEST_CASE("dyck: who only looks one bracket back gets the baseline") {
  const Puzzle puzzle = make("dyck", {{"kinds", 3}, {"depth", 5}, {"length", 60}});
  Rule looks_back(
      puzzle->shape(), Rule::Symbols([](std::span<const int32_t> inputs, std::span<float> outputs) {
        const int32_t last = inputs.back();
        int open = 0;
        for (const int32_t symbol : inputs) open += symbol < 3 ? 1 : -1;
        const float opens = open == 0 ? 1.0f : open == 5 ? 0.0f : 0.5f;
        for (size_t kind = 0; kind < 3; ++kind) {
          outputs[kind] = opens / 3;
          const float share = last >= 3 ? 1.0f / 3 : static_cast<int32_t>(kind) == last ? 1.0f : 0.0f;
          outputs[3 + kind] = (1 - opens) * share;
        }
      }));
  const Score score = judge(puzzle, looks_back);
  const Baseline baseline = puzzle->baselines()[0];
  CHECK(score.value == doctest::Approx(baseline.value));
  CHECK(score.loss == doctest::Approx(baseline.loss));
  REQUIRE(score.curves.size() == 1);
  CHECK(score.curves[0].value[1] == 1);
  CHECK(score.curves[0].value[3] == 0);
}
