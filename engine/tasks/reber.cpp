// Embedded Reber grammar: B, T or P, a string of the inner grammar, the same T or P again, E; the next letter is to be
// predicted. Hochreiter & Schmidhuber 1997, section 5.1. Two ways lead on from every inner state, equally likely, so the
// generator's own code length of a string is known: its free choices times ln 2. The score is what a network needs more than
// that. `inner` repeats the inner part, each time anew, so that the first letter must be kept longer.
#include <array>

#include "engine/tasks/puzzles.h"
#include "engine/tasks/settings.h"

namespace unroll {
namespace {

constexpr TaskField reber_fields[] = {
    {"inner", TaskFieldType::integer, 1, 64, 1, {}, "inner strings between the two letters that must agree"}};

enum Letter : int32_t { letter_B, letter_T, letter_P, letter_S, letter_X, letter_V, letter_E, letters };

/// The inner grammar between its B and its E: from each state two letters, each to a state; `inner_end` is the last.
struct Way {
  Letter letter;
  int to;
};
constexpr int inner_end = 5;
constexpr std::array<std::array<Way, 2>, 5> ways = {{{{{letter_T, 1}, {letter_P, 2}}},
                                                     {{{letter_S, 1}, {letter_X, 3}}},
                                                     {{{letter_T, 2}, {letter_V, 4}}},
                                                     {{{letter_X, 2}, {letter_S, inner_end}}},
                                                     {{{letter_P, 3}, {letter_V, inner_end}}}}};

/// An inner string has 8 letters in the mean, with a deviation of 3.4. Of a million strings less than one is longer than
/// this; it is drawn again, which changes no code length by more than a millionth.
int longest_string(int inner) { return 24 + 8 * inner + static_cast<int>(20 * std::sqrt(inner)); }

}  // namespace

const TaskKind reber_kind = {.name = "reber",
                             .title = "Embedded Reber grammar",
                             .family = "Puzzles of memory",
                             .about =
                                 "Strings of a small grammar. The last letter but one, T or P, is the second "
                                 "letter again: all between must pass.",
                             .source = "Hochreiter & Schmidhuber 1997, section 5.1; Cleeremans et al. 1989",
                             .fields = reber_fields,
                             .looks = {.column = "letter", .prediction = "next letter"},
                             .start = R"({"unroll": 1, "data": {"task": {"name": "reber", "inner": 4}},
      "train": {"batch": 32, "rate": 0.01},
      "lanes": [{"cell": "rnn", "hidden": 32}, {"cell": "lstm", "hidden": 16}]})"};

namespace {

class Reber final : public SequenceTask {
 public:
  explicit Reber(const Experiment& experiment)
      : SequenceTask(experiment, longest_string(TaskSettings(experiment).whole("inner")) - 1, 1000),
        inner_(TaskSettings(experiment).whole("inner")) {}

  const TaskKind& kind() const override { return reber_kind; }
  TaskShape shape() const override { return {.inputs = letters, .outputs = letters}; }
  std::vector<std::string> input_names() const override { return puzzles::names("BTPSXVE"); }
  std::vector<std::string> output_names() const override { return input_names(); }
  Measure measure() const override {
    return {.name = "excess over the grammar",
            .higher_is_better = false,
            .unit = "nats a string",
            .curve = "last letter right"};
  }

  void draw(Random& random, Sequence& sequence) const override {
    const size_t longest = static_cast<size_t>(seq_length()) + 1;
    std::vector<int32_t>& string = sequence.symbols;
    do {
      const Letter agreed = puzzles::between(random, 0, 1) == 0 ? letter_T : letter_P;
      string.assign({letter_B, agreed});
      for (int inner = 0; inner < inner_; ++inner) {
        string.push_back(letter_B);
        for (int state = 0; state != inner_end;) {
          const Way& way = ways[static_cast<size_t>(state)][random.below(2)];
          string.push_back(way.letter);
          state = way.to;
        }
        string.push_back(letter_E);
      }
      string.insert(string.end(), {agreed, letter_E});
    } while (string.size() > longest);
    sequence.classes.assign(string.begin() + 1, string.end());
    string.pop_back();
    sequence.length = static_cast<int>(string.size());
    sequence.marks.push_back({Mark::Kind::enters, 1, "T or P"});
    sequence.marks.push_back({Mark::Kind::needed, sequence.length - 2, "the same again"});
  }

  void judge(const Sequence& sequence, std::span<const float> outputs, Tally& tally) const override {
    double nats = 0;
    for (int t = 0; t < sequence.length; ++t)
      nats += puzzles::surprise(
          puzzles::row(outputs, t, letters)[static_cast<size_t>(sequence.classes[static_cast<size_t>(t)])]);
    const int last = sequence.length - 2;
    const std::span<const float> output = puzzles::row(outputs, last, letters);
    const Letter right = static_cast<Letter>(sequence.symbols[1]),
                 wrong = right == letter_T ? letter_P : letter_T;
    const double agrees = output[right] > output[wrong] ? 1 : 0;
    tally.add(nats - code_length(sequence));
    tally.add_other("last T or P right", agrees);
    puzzles::add_to_curve(tally, agrees, puzzles::grouped(last - 1, seq_length()));
  }

  std::vector<Baseline> baselines() const override {
    constexpr int64_t counted = 2000;
    std::array<std::array<double, letters>, letters> pairs = {};
    for (int64_t number = 0; number < counted; ++number) {
      const Sequence sequence = training(number);
      for (size_t t = 0; t < sequence.symbols.size(); ++t)
        pairs[static_cast<size_t>(sequence.symbols[t])][static_cast<size_t>(sequence.classes[t])] += 1;
    }
    double code = 0, bigram = 0, rows = 0;
    for (int64_t index = 0; index < held_out(); ++index) {
      const Sequence sequence = held_out(index);
      code += code_length(sequence);
      rows += sequence.length;
      for (size_t t = 0; t < sequence.symbols.size(); ++t) {
        const auto& seen = pairs[static_cast<size_t>(sequence.symbols[t])];
        double all = 0;
        for (const double count : seen) all += count;
        bigram += std::log(all / seen[static_cast<size_t>(sequence.classes[t])]);
      }
    }
    const double strings = static_cast<double>(held_out()), forgotten = std::log(2);
    return {{.name = "memoryless",
             .value = forgotten,
             .about = "knows the grammar, but not the first T or P any more",
             .loss = (code + strings * forgotten) / rows},
            {.name = "bigram",
             .value = (bigram - code) / strings,
             .about = "the next letter from the one before, counted in 2,000 strings",
             .loss = bigram / rows}};
  }

 private:
  /// What the generator chose freely, in nats: the first T or P, and every letter of an inner string.
  static double code_length(const Sequence& sequence) {
    int choices = 1;
    for (size_t t = 2; t < sequence.symbols.size(); ++t) {
      const int32_t letter = sequence.symbols[t];
      if (letter != letter_B && letter != letter_E && t + 1 != sequence.symbols.size()) ++choices;
    }
    return choices * std::log(2);
  }

  int inner_;
};

}  // namespace

Result<std::shared_ptr<const Task>> create_reber(const Experiment& experiment, const Json&) {
  return std::shared_ptr<const Task>(std::make_shared<Reber>(experiment));
}

}  // namespace unroll
