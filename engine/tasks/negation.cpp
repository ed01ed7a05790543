// Sentences in which the order of the words alone decides: every bag of words is as often good as bad, by construction. Two
// things are told of, one with a good word and one with a bad one; "but" and "although" say which of them counts, and "never"
// far before a word turns it round. Swapping the two words gives the same bag and the other verdict.
#include <algorithm>

#include "engine/document/experiment.h"
#include "engine/generators/pick.h"
#include "engine/tasks/naive_bayes.h"
#include "engine/tasks/settings.h"
#include "engine/tasks/verdict_task.h"

namespace unroll {
namespace {

constexpr std::string_view good[] = {"good",   "lovely", "tasty",    "warm",
                                     "clever", "bright", "friendly", "fresh"};
constexpr std::string_view bad[] = {"bad", "awful", "bland", "cold", "silly", "gloomy", "rude", "stale"};
constexpr std::string_view things[] = {"soup",   "room",  "film",   "music",
                                       "waiter", "story", "garden", "coffee"};
constexpr std::string_view fillers[] = {"really", "in",    "truth", "to",   "my", "mind", "as",    "far",
                                        "i",      "could", "tell",  "even", "on", "this", "visit", "at"};
constexpr std::string_view slot[] = {"always", "never"};
constexpr std::string_view joints[] = {"but", "although"};
constexpr const char* labels[] = {"bad", "good"};
constexpr const char* symbol_words[] = {"words", "characters"};
constexpr const char* verdict_words[] = {"end", "mean"};

constexpr TaskField negation_fields[] = {
    {"distance",
     TaskFieldType::integer,
     0,
     60,
     10,
     {},
     "most words between \"always\" or \"never\" and the word that it is about; each number up to it is as "
     "likely"},
    {"symbols", TaskFieldType::choice, 0, 1, 0, symbol_words, "what the network reads one by one"},
    {"verdict", TaskFieldType::choice, 0, 1, 0, verdict_words,
     "what counts: the verdict after the last word, or the mean of those after each word"}};

constexpr int64_t held_out_sentences = 1000, counted_sentences = 4000;
/// Words of a sentence besides the fillers: twice "the … was always …", and what joins them.
constexpr int fixed_words = 11;

/// Symbols of the longest sentence.
int longest_of(const Experiment& experiment) {
  const TaskSettings settings(experiment);
  const int words = fixed_words + 2 * settings.whole("distance");
  constexpr int longest_word = 9;  // with the blank before it
  return settings.choice<VerdictTask::Symbols>("symbols") == VerdictTask::Symbols::words
             ? words
             : words * longest_word;
}

class NegationTask final : public VerdictTask {
 public:
  explicit NegationTask(const Experiment&);

  const TaskKind& kind() const override;
  std::vector<Baseline> baselines() const override;
  void draw(Random&, Sequence&) const override;
  Sequence held_out(int64_t index) const override;

 protected:
  int lag(const Sequence& sequence) const override {
    return sequence.marks[1].position - sequence.marks[0].position;
  }
  const char* lag_curve() const override { return "accuracy"; }

 private:
  struct Sentence {
    std::vector<std::string_view> words;
    int label = 0;
    size_t decides = 0;  ///< its "always" or "never"
  };
  Sentence sentence(Random&, bool good_first) const;
  void make(const Sentence&, Sequence&) const;
  NaiveBayes counted(bool pairs) const;

  uint32_t distance_ = 0;
};

}  // namespace

const TaskKind negation_kind = {
    .name = "negation",
    .title = "But, although, never",
    .family = "Sentiment",
    .about =
        "Is it good or bad? Of two things told, \"but\" and \"although\" say which one counts, and \"never\" "
        "far before a word "
        "turns it round: no bag of words can tell, only their order.",
    .source = "",
    .fields = negation_fields,
    .looks = {.column = "word",
              .prediction = "verdict",
              .own_sequence = "a sentence",
              .own_sequence_start =
                  "the soup was always really good but the waiter was never in truth friendly"},
    .start =
        R"({"unroll": 1, "data": {"task": {"name": "negation"}}, "train": {"batch": 32, "seq_length": 32},
      "lanes": [{"cell": "rnn", "hidden": 96, "embedding": 32}, {"cell": "lstm", "hidden": 48, "embedding": 32}]})"};

Result<std::shared_ptr<const Task>> create_negation(const Experiment& experiment, const Json&) {
  return std::shared_ptr<const Task>(std::make_shared<const NegationTask>(experiment));
}

NegationTask::NegationTask(const Experiment& experiment)
    : VerdictTask(experiment, longest_of(experiment), held_out_sentences,
                  TaskSettings(experiment).choice<Symbols>("symbols"),
                  TaskSettings(experiment).choice<Verdict>("verdict"), {labels[0], labels[1]}),
      distance_(static_cast<uint32_t>(TaskSettings(experiment).whole("distance"))) {
  std::vector<std::string> words = {"the", "was"};
  for (const auto list :
       {std::span<const std::string_view>(good), std::span<const std::string_view>(bad),
        std::span<const std::string_view>(things), std::span<const std::string_view>(fillers),
        std::span<const std::string_view>(slot), std::span<const std::string_view>(joints)})
    words.insert(words.end(), list.begin(), list.end());
  set_symbols(split(words));
}

const TaskKind& NegationTask::kind() const { return negation_kind; }

/// One of two partners, by `good_first`: the same words but for the good and the bad one, which have changed places.
NegationTask::Sentence NegationTask::sentence(Random& random, bool good_first) const {
  Sentence made;
  const std::string_view adjectives[] = {pick(random, good), pick(random, bad)};
  size_t slots[2]{};
  bool negated[2]{};
  const auto clause = [&](size_t n) {
    made.words.insert(made.words.end(), {"the", pick(random, things), "was"});
    slots[n] = made.words.size();
    negated[n] = random.below(2) == 1;
    made.words.push_back(slot[negated[n] ? 1 : 0]);
    for (uint32_t left = random.below(distance_ + 1); left > 0; --left)
      made.words.push_back(pick(random, fillers));
    made.words.push_back(adjectives[(n == 0) == good_first ? 0 : 1]);
  };
  const uint32_t joint = random.below(3);  // A but B, A although B, although A B: B, A and B count
  if (joint == 2) made.words.push_back(joints[1]);
  clause(0);
  if (joint != 2) made.words.push_back(joints[joint]);
  clause(1);
  const size_t counts = joint == 1 ? 0 : 1;
  made.label = ((counts == 0) == good_first) != negated[counts] ? 1 : 0;
  made.decides = slots[counts];
  return made;
}

void NegationTask::make(const Sentence& sentence, Sequence& sequence) const {
  int decides = 0;
  for (size_t w = 0; w < sentence.words.size(); ++w) {
    if (symbols() == Symbols::characters && w > 0) sequence.symbols.push_back(id(" "));
    if (w == sentence.decides) decides = static_cast<int>(sequence.symbols.size());
    if (symbols() == Symbols::words) {
      sequence.symbols.push_back(id(sentence.words[w]));
    } else {
      for (const char& letter : sentence.words[w]) sequence.symbols.push_back(id({&letter, 1}));
    }
  }
  set_label(sequence, sentence.label);
  sequence.marks = {{Mark::Kind::enters, decides, std::string(sentence.words[sentence.decides])},
                    {Mark::Kind::needed, sequence.length - 1, "verdict"}};
}

void NegationTask::draw(Random& random, Sequence& sequence) const {
  const bool good_first = random.below(2) == 1;
  make(sentence(random, good_first), sequence);
}

/// Partners stand together, so that every bag of words is once good and once bad.
Sequence NegationTask::held_out(int64_t index) const {
  Sequence sequence;
  Random random = held_out_random(index / 2);
  make(sentence(random, index % 2 == 1), sequence);
  return sequence;
}

NaiveBayes NegationTask::counted(bool pairs) const {
  NaiveBayes bayes(pairs);
  for (int64_t number = 0; number < counted_sentences; ++number) {
    Random random = training_random(number);
    const bool good_first = random.below(2) == 1;
    const Sentence made = sentence(random, good_first);
    bayes.add(std::vector<std::string>(made.words.begin(), made.words.end()), made.label);
  }
  return bayes;
}

std::vector<Baseline> NegationTask::baselines() const {
  std::vector<Baseline> all = {
      {"majority", 0.5, "the verdict that is more frequent; here both are as frequent"}};
  for (const bool pairs : {false, true}) {
    const NaiveBayes bayes = counted(pairs);
    int64_t right = 0;
    for (int64_t index = 0; index < held_out_sentences; ++index) {
      Random random = held_out_random(index / 2);
      const Sentence made = sentence(random, index % 2 == 1);
      const int told =
          bayes.positive(std::vector<std::string>(made.words.begin(), made.words.end())) > 0.5 ? 1 : 0;
      right += told == made.label ? 1 : 0;
    }
    all.push_back({pairs ? "naive Bayes, pairs" : "naive Bayes, words",
                   static_cast<double>(right) / static_cast<double>(held_out_sentences),
                   std::string(pairs ? "which words and which two in a row stand in it"
                                     : "which words stand in it, in any order") +
                       ", counted in " + std::to_string(counted_sentences) + " sentences"});
  }
  return all;
}

}  // namespace unroll
