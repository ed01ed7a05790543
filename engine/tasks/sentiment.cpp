// Sentences of people with a label of two, good or bad: those that ship, or one's own.
#include <algorithm>
#include <map>
#include <set>

#include "engine/base/utf8.h"
#include "engine/document/experiment.h"
#include "engine/tasks/labelled_lines.h"
#include "engine/tasks/lines.h"
#include "engine/tasks/naive_bayes.h"
#include "engine/tasks/settings.h"
#include "engine/tasks/verdict_task.h"

namespace unroll {
namespace {

constexpr const char* symbol_words[] = {"words", "characters"};
constexpr const char* verdict_words[] = {"end", "mean"};

constexpr TaskField sentiment_fields[] = {
    {"symbols", TaskFieldType::choice, 0, 1, 0, symbol_words, "what the network reads one by one"},
    {"verdict", TaskFieldType::choice, 0, 1, 0, verdict_words,
     "what counts: the verdict after the last word, or the mean of those after each word"},
    {"longest",
     TaskFieldType::integer,
     1,
     1024,
     80,
     {},
     "words or characters that are read of a sentence, from its beginning"},
    {"least",
     TaskFieldType::integer,
     1,
     100,
     2,
     {},
     "how often a word or character must come in the training part to have a symbol of its own; others are "
     "read as ?"},
    {"dropout",
     TaskFieldType::real,
     0,
     0.9,
     0.2,
     {},
     "share of the words that are replaced by ? while training, drawn anew each time"}};

struct Read {
  LabelledLines lines;
  std::vector<std::vector<std::string>> words;  ///< of each sentence
  std::vector<bool> held_out;
  int64_t repeated = 0;  ///< sentences that came before, left out
};

/// Every 1/share-th sentence is held out, by its number in the file; a sentence that came before is left out, but counted.
Result<Read> read(const DataSpec& data) {
  auto lines = read_labelled_lines(data.text);
  if (!lines) return in_data_text(lines.error());
  Read all;
  std::vector<LabelledSentence> kept;
  std::set<std::string> seen;
  for (size_t number = 0; number < lines->sentences.size(); ++number) {
    LabelledSentence& sentence = lines->sentences[number];
    if (!seen.insert(lower_case(sentence.text)).second) {
      ++all.repeated;
      continue;
    }
    all.held_out.push_back(is_of_share(number, data.valid));
    all.words.push_back(words_of(sentence.text));
    if (all.words.back().empty()) all.words.back().emplace_back(unknown_symbol);
    kept.push_back(std::move(sentence));
  }
  all.lines = std::move(*lines);
  all.lines.sentences = std::move(kept);
  return all;
}

class SentimentTask final : public VerdictTask {
 public:
  SentimentTask(const Experiment&, Read, int longest, const Json& stored);

  const TaskKind& kind() const override;
  std::vector<Baseline> baselines() const override;
  void draw(Random&, Sequence&) const override;
  Sequence held_out(int64_t index) const override;

 private:
  void make(size_t sentence, Sequence&) const;
  /// The share of the held-out sentences of which `told` gives the right label.
  template <class Told>
  double share_right(const Told& told) const;

  Read read_;
  double dropout_ = 0;
  std::vector<size_t> train_, valid_;          // numbers of sentences
  std::vector<std::vector<int32_t>> encoded_;  // of each sentence
};

}  // namespace

const TaskKind sentiment_kind = {
    .name = "sentiment",
    .title = "Good or bad?",
    .family = "Sentiment",
    .about =
        "Sentences with a label, good or bad say, read word by word. Few are there to begin with: give lines "
        "of your own. With "
        "so few of them counting words does as well; \"But, although, never\" shows why a network that reads "
        "in order is needed "
        "at all.",
    .source = "",
    .fields = sentiment_fields,
    .looks = {.column = "word",
              .prediction = "verdict",
              .own_data = "a sentence to a line, with its label: LABEL, a tab and the sentence, or the "
                          "sentence, a tab and "
                          "LABEL, or two columns of CSV",
              .labelled = true,
              .own_sequence = "a sentence",
              .own_sequence_start = "The rooms were lovely, but the host was rude and the food was cold."},
    .start =
        R"({"unroll": 1, "data": {"valid": 0.2, "task": {"name": "sentiment", "dropout": 0.5}, "text": ")"
        R"(good\tThe soup was warm and the bread was fresh.\n)"
        R"(bad\tThe soup was cold and the bread was stale.\n)"
        R"(good\tA kind waiter and a lovely garden.\n)"
        R"(bad\tA rude waiter and a noisy street.\n)"
        R"(good\tI laughed from the first page to the last.\n)"
        R"(bad\tI was bored from the first page to the last.\n)"
        R"(good\tThe lamp is bright and easy to mend.\n)"
        R"(bad\tThe lamp is dim and broke in a week.\n)"
        R"(good\tQuiet rooms, soft beds, a friendly host.\n)"
        R"(bad\tNoisy rooms, hard beds, a rude host.\n)"
        R"(good\tThis kettle boils fast and never drips.\n)"
        R"(bad\tThis kettle is slow and always drips.\n)"
        R"(good\tA clever story with a happy end.\n)"
        R"(bad\tA dull story with a sad end.\n)"
        R"(good\tThe music was lovely and the seats were good.\n)"
        R"(bad\tThe music was loud and the seats were broken.\n)"
        R"(good\tFast, friendly and cheap: I came back twice.\n)"
        R"(bad\tSlow, rude and dear: I never came back.\n)"
        R"(good\tThe shoes fit well and the leather is soft.\n)"
        R"(bad\tThe shoes hurt and the leather is stiff.\n)"
        R"(good\tA bright film with clever jokes.\n)"
        R"(bad\tA dull film with stale jokes.\n)"
        R"(good\tThe cake was fresh and the coffee strong and good.\n)"
        R"(bad\tThe cake was dry and the coffee weak and cold.\n)"
        R"("},
      "train": {"batch": 16, "rate": 0.003, "optimizer": "adamw", "weight_decay": 0.3},
      "lanes": [{"cell": "rnn", "hidden": 32, "embedding": 32}, {"cell": "lstm", "hidden": 32, "embedding": 32}]})"};

Result<std::shared_ptr<const Task>> create_sentiment(const Experiment& experiment, const Json& stored) {
  if (experiment.data.text.empty())
    return Error{"data.text", "there are no sentences",
                 std::string("give lines: ") + sentiment_kind.looks.own_data};
  auto all = read(experiment.data);
  if (!all) return all.error();
  if (std::ranges::count(all->held_out, false) < 2)
    return Error{"data.text", std::to_string(all->words.size()) + " sentences are too few to learn from",
                 "give more lines"};
  return std::shared_ptr<const Task>(std::make_shared<const SentimentTask>(
      experiment, std::move(*all), TaskSettings(experiment).whole("longest"), stored));
}

SentimentTask::SentimentTask(const Experiment& experiment, Read all, int longest, const Json& stored)
    : VerdictTask(experiment, longest, std::ranges::count(all.held_out, true),
                  TaskSettings(experiment).choice<Symbols>("symbols"),
                  TaskSettings(experiment).choice<Verdict>("verdict"),
                  {all.lines.labels[0], all.lines.labels[1]}),
      read_(std::move(all)),
      dropout_(TaskSettings(experiment).real("dropout")) {
  std::map<std::string, int> counts;
  for (size_t number = 0; number < read_.words.size(); ++number) {
    (read_.held_out[number] ? valid_ : train_).push_back(number);
    if (read_.held_out[number]) continue;
    for (std::string& symbol : split(read_.words[number])) ++counts[std::move(symbol)];
  }
  std::vector<std::string> known;
  if (stored.is_object() && stored.contains("symbols")) {
    for (const Json& symbol : stored["symbols"]) known.push_back(symbol.get<std::string>());
  } else {
    for (const auto& [symbol, count] : counts)
      if (count >= TaskSettings(experiment).whole("least")) known.push_back(symbol);
  }
  set_symbols(std::move(known));
  for (const auto& words : read_.words) {
    std::vector<int32_t>& ids = encoded_.emplace_back();
    for (const std::string& symbol : split(words)) {
      if (ids.size() == static_cast<size_t>(longest)) break;
      ids.push_back(id(symbol));
    }
  }
}

const TaskKind& SentimentTask::kind() const { return sentiment_kind; }

void SentimentTask::make(size_t sentence, Sequence& sequence) const {
  sequence.symbols = encoded_[sentence];
  set_label(sequence, read_.lines.sentences[sentence].label);
}

void SentimentTask::draw(Random& random, Sequence& sequence) const {
  make(train_[random.below(static_cast<uint32_t>(train_.size()))], sequence);
  for (int32_t& symbol : sequence.symbols)
    if (static_cast<double>(random.uniform()) < dropout_) symbol = 0;
}

Sequence SentimentTask::held_out(int64_t index) const {
  const auto& from = valid_.empty() ? train_ : valid_;
  Sequence sequence;
  make(from[static_cast<size_t>(static_cast<uint64_t>(index) % from.size())], sequence);
  return sequence;
}

template <class Told>
double SentimentTask::share_right(const Told& told) const {
  int64_t right = 0;
  for (const size_t number : valid_)
    right += told(read_.words[number]) == read_.lines.sentences[number].label ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(valid_.size());
}

std::vector<Baseline> SentimentTask::baselines() const {
  if (valid_.empty()) return {};
  int64_t positive = 0;
  for (const size_t number : train_) positive += read_.lines.sentences[number].label;
  const int majority = 2 * positive > static_cast<int64_t>(train_.size()) ? 1 : 0;
  std::vector<Baseline> all = {{.name = "majority",
                                .value = share_right([&](const auto&) { return majority; }),
                                .about = "always the label that is more frequent"}};
  if (!read_.lines.word_list.empty())
    all.push_back({.name = "word list",
                   .value = share_right([&](const std::vector<std::string>& words) {
                     int sum = 0;
                     for (const std::string& word : words)
                       if (const auto found = read_.lines.word_list.find(word);
                           found != read_.lines.word_list.end())
                         sum += found->second;
                     return sum == 0 ? majority : sum > 0 ? 1 : 0;
                   }),
                   .about = "the sum of what a list says of its words (AFINN), learned from nothing"});
  for (const bool pairs : {false, true}) {
    NaiveBayes bayes(pairs);
    for (const size_t number : train_) bayes.add(read_.words[number], read_.lines.sentences[number].label);
    all.push_back(
        {.name = pairs ? "naive Bayes, pairs" : "naive Bayes, words",
         .value = share_right([&](const auto& words) { return bayes.positive(words) > 0.5 ? 1 : 0; }),
         .about = pairs ? "which words and which two in a row stand in it"
                        : "which words stand in it, in any order"});
  }
  return all;
}

}  // namespace unroll
