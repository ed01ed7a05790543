// Numbers and their words: "73" and "seventy-three", either way. The order of the words is the language's own: German has units
// before tens, French counts from 60 and from four times twenty.
#include <algorithm>
#include <map>

#include "engine/document/experiment.h"
#include "engine/tasks/held_out_number.h"
#include "engine/tasks/number_words.h"
#include "engine/tasks/settings.h"
#include "engine/tasks/translation_task.h"

namespace unroll {
namespace {

constexpr const char* language_words[] = {"english", "french", "german"};
constexpr const char* direction_words[] = {"to_words", "to_digits"};
constexpr const char* symbol_words[] = {"characters", "words"};

constexpr TaskField numbers_fields[] = {
    {"language", TaskFieldType::choice, 0, 2, 0, language_words, "of the words"},
    {"direction", TaskFieldType::choice, 0, 1, 0, direction_words,
     "what is written: words for the digits, or digits for the words"},
    {"largest",
     TaskFieldType::integer,
     99,
     999999,
     999,
     {},
     "numbers from 0 to this one; every tenth is held out"},
    {"symbols", TaskFieldType::choice, 0, 1, 0, symbol_words, "how the words are read or written"},
    {"reversed", TaskFieldType::boolean, 0, 1, 0, {}, "the source is read from its end"},
    {"attention",
     TaskFieldType::boolean,
     0,
     1,
     0,
     {},
     "while it writes, the network looks back at every symbol of the source"}};

class NumbersTask final : public TranslationTask {
 public:
  explicit NumbersTask(const Experiment&);

  const TaskKind& kind() const override;
  Pair training_pair(Random&) const override;
  Pair held_out_pair(int64_t index) const override;
  std::vector<Pair> known_pairs(int64_t most) const override;
  Symbols split(std::string_view text) const override;

 private:
  static Settings settings_of(const Experiment&);
  Pair pair(int number) const;
  /// The words of a number, in symbols.
  Symbols words(int number) const;

  Language language_;
  bool to_words_, by_words_;
  int largest_;
};

constexpr int64_t most_held_out = 1000;
constexpr int whole_thousand = 1000;

/// Blocks of ten numbers, all below or at the largest one.
int64_t blocks(int largest) { return (int64_t{largest} + 1) / 10; }

}  // namespace

const TaskKind numbers_kind = {
    .name = "numbers",
    .title = "Numbers in words",
    .family = "Translation",
    .about =
        "73 is \"seventy-three\": one network reads a number, and hands its last state to another, which "
        "writes it in "
        "words. What is not in that state is lost.",
    .source = "Sutskever et al. 2014, arXiv 1409.3215",
    .fields = numbers_fields,
    .looks = {.column = "symbol",
              .prediction = "translation",
              .own_sequence = "a number",
              .own_sequence_start = "73",
              .translates = true},
    .start = R"({"unroll": 1, "data": {"task": {"name": "numbers"}}, "train": {"batch": 32, "rate": 0.005},
      "lanes": [{"cell": "rnn", "hidden": 128}, {"cell": "lstm", "hidden": 64}]})"};

Result<std::shared_ptr<const Task>> create_numbers(const Experiment& experiment, const Json&) {
  return std::shared_ptr<const Task>(std::make_shared<const NumbersTask>(experiment));
}

TranslationTask::Settings NumbersTask::settings_of(const Experiment& experiment) {
  const TaskSettings settings(experiment);
  const bool to_words = settings.whole("direction") == 0, by_words = settings.whole("symbols") == 1;
  const int largest = settings.whole("largest");
  // The longest number in words is among those of all hundreds, before and after a thousand.
  int longest = 0;
  const auto language = settings.choice<Language>("language");
  const auto length = [&](int number) {
    std::string text = number_words(language, number);
    if (by_words)
      return static_cast<int>(
                 std::ranges::count_if(text, [](char c) { return c == ' ' || c == '-' || c == '|'; })) +
             1;
    std::erase(text, '|');
    return static_cast<int>(characters(text).size());
  };
  int longest_small = 0;
  for (int number = 0; number <= std::min(largest, whole_thousand - 1); ++number)
    longest_small = std::max(longest_small, length(number));
  longest = longest_small;
  for (int count = 1; count <= largest / whole_thousand; ++count)
    longest = std::max(longest, length(count * whole_thousand) + 1 + longest_small);
  const int digits = static_cast<int>(std::to_string(largest).size());
  return {.longest_source = to_words ? digits : longest,
          .longest_target = to_words ? longest : digits,
          .held_out = std::min(most_held_out, blocks(largest)),
          .reversed = settings.is_on("reversed"),
          .attention = settings.is_on("attention"),
          .words = by_words && to_words,
          .rule = "the rules of the language, by which the pairs are made: all right by construction"};
}

NumbersTask::NumbersTask(const Experiment& experiment)
    : TranslationTask(experiment, settings_of(experiment)),
      language_(TaskSettings(experiment).choice<Language>("language")),
      to_words_(TaskSettings(experiment).whole("direction") == 0),
      by_words_(TaskSettings(experiment).whole("symbols") == 1),
      largest_(TaskSettings(experiment).whole("largest")) {
  std::vector<Symbols> digits = {characters("0123456789")}, all_words;
  for (int number = 0; number <= std::min(largest_, 1999); ++number) all_words.push_back(words(number));
  if (to_words_)
    set_symbols(digits, all_words);
  else
    set_symbols(all_words, digits);
}

const TaskKind& NumbersTask::kind() const { return numbers_kind; }

TranslationTask::Symbols NumbersTask::words(int number) const {
  std::string text = number_words(language_, number);
  if (by_words_) {
    Symbols symbols(1);
    for (const char c : text)
      if (c == ' ' || c == '-' || c == '|')
        symbols.emplace_back();
      else
        symbols.back() += c;
    return symbols;
  }
  std::erase(text, '|');
  return characters(text);
}

TranslationTask::Pair NumbersTask::pair(int number) const {
  Pair made{characters(std::to_string(number)), words(number)};
  if (!to_words_) std::swap(made.source, made.target);
  return made;
}

TranslationTask::Pair NumbersTask::training_pair(Random& random) const {
  for (;;)
    if (const uint32_t number = random.below(static_cast<uint32_t>(largest_) + 1); !is_held_out(number))
      return pair(static_cast<int>(number));
}

/// All of them where they are few, else spread over the blocks.
TranslationTask::Pair NumbersTask::held_out_pair(int64_t index) const {
  const int64_t all = blocks(largest_), count = held_out(), one = index % count;
  return pair(static_cast<int>(held_out_of(one * all / count)));
}

std::vector<TranslationTask::Pair> NumbersTask::known_pairs(int64_t most) const {
  if (largest_ > most) return TranslationTask::known_pairs(most);
  std::vector<Pair> pairs;
  for (int number = 0; number <= largest_; ++number)
    if (!is_held_out(number)) pairs.push_back(pair(number));
  return pairs;
}

TranslationTask::Symbols NumbersTask::split(std::string_view text) const {
  if (to_words_ || !by_words_) return characters(text);
  Symbols symbols(1);
  for (const char c : text) {
    if (c != ' ' && c != '-')
      symbols.back() += c;
    else if (!symbols.back().empty())
      symbols.emplace_back();
  }
  if (symbols.back().empty()) symbols.pop_back();
  return symbols;
}

}  // namespace unroll
