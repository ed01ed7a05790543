// Sentences with a verdict: what is read of lines, naive Bayes' right values, and the generated set in which only order tells.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/base/json.h"
#include "engine/document/experiment.h"
#include "engine/tasks/labelled_lines.h"
#include "engine/tasks/naive_bayes.h"
#include "engine/tasks/verdict_task.h"

namespace unroll {
namespace {

using Words = std::vector<std::string>;

Experiment with_task(const char* name, std::string text = "") {
  Experiment experiment;
  experiment.lanes.resize(1);
  experiment.data.task.name = name;
  experiment.data.text = std::move(text);
  return experiment;
}

/// The values of a task's fields, changed by name.
Experiment with_field(Experiment experiment, std::string_view field, double number) {
  TaskSpec& spec = experiment.data.task;
  const TaskKind& kind = *find_task_kind(spec.name);
  if (spec.values.empty())
    for (const TaskField& known : kind.fields) spec.values.push_back({.number = known.initial});
  for (size_t i = 0; i < kind.fields.size(); ++i)
    if (field == kind.fields[i].name) spec.values[i].number = number;
  return experiment;
}

std::string told(std::string_view text) {
  const auto lines = read_labelled_lines(text);
  return lines ? lines->told : lines.error().where + ": " + lines.error().what;
}

double value_of(const std::vector<Baseline>& all, std::string_view name) {
  for (const Baseline& baseline : all)
    if (baseline.name == name) return baseline.value;
  return -1;
}

/// The symbols of a sequence, one after the other.
Words read_aloud(const Task& task, const Batch& batch) {
  const std::vector<std::string> names = task.input_names();
  Words words;
  for (const int32_t symbol : batch.symbols) words.push_back(names[static_cast<size_t>(symbol)]);
  return words;
}

}  // namespace

TEST_CASE("naive Bayes, binarised, alpha 1: the right values of three sentences") {
  NaiveBayes bayes(false);
  bayes.add(Words{"good", "movie"}, 1);
  bayes.add(Words{"bad", "movie"}, 0);
  bayes.add(Words{"not", "good"}, 0);
  CHECK(bayes.positive(Words{"good"}) == doctest::Approx(0.4));
  CHECK(bayes.positive(Words{"good", "movie"}) == doctest::Approx(8.0 / 17));
  CHECK(bayes.positive(Words{"good", "good", "movie"}) == doctest::Approx(8.0 / 17));
  CHECK(bayes.positive(Words{"unheard"}) == doctest::Approx(1.0 / 3));
}

TEST_CASE("naive Bayes with pairs tells an order from the other") {
  NaiveBayes bayes(true);
  bayes.add(Words{"not", "good", "but", "cheap"}, 0);
  bayes.add(Words{"not", "cheap", "but", "good"}, 1);
  CHECK(bayes.positive(Words{"not", "good"}) < 0.5);
  CHECK(bayes.positive(Words{"but", "good"}) > 0.5);
  CHECK(bayes.positive(Words{"good"}) == doctest::Approx(0.5));
}

TEST_CASE("Wilson's interval: the values of its formula, and that it stays within 0 and 1") {
  CHECK(wilson_interval(0.5, 100).low == doctest::Approx(0.40383).epsilon(1e-4));
  CHECK(wilson_interval(0.5, 100).high == doctest::Approx(0.59617).epsilon(1e-4));
  CHECK(wilson_interval(1, 10).low == doctest::Approx(0.72247).epsilon(1e-4));
  CHECK(wilson_interval(1, 10).high == doctest::Approx(1));
  CHECK(wilson_interval(0, 10).low == doctest::Approx(0));
}

TEST_CASE("lines with labels: each format is recognised and told") {
  CHECK(told("1\tA good one.\n0\tA bad one.\n1\tFine\n") ==
        "3 sentences, the label first, then a tab: \"0\" or \"1\"");
  CHECK(told("A good one.\tpos\nA bad one.\tneg\n") ==
        "2 sentences, the label last, after a tab: \"neg\" or \"pos\"");
  CHECK(told("pos,A good one\nneg,A bad one, really\npos,Fine\n") ==
        "3 sentences, the label first, then a comma: \"neg\" or \"pos\"");
  CHECK(told("\"Good, and \"\"cheap\"\"\",yes\nBad,no\nSo so,no\n") ==
        "3 sentences, the label last, after a comma: \"no\" or \"yes\"");
  CHECK(told("text,label\nGood,1\nBad,0\nWorse,0\n") ==
        "3 sentences, the label last, after a comma: \"0\" or \"1\"; the first line is a header");
  CHECK(told("gut;Sehr schoen\nschlecht;Nein\ngut;Ja\n") ==
        "3 sentences, the label first, then a semicolon: \"gut\" or \"schlecht\"");
  CHECK(told("Good.\t1\r\n\r\nBad.\t0\r\nx\t0\r\n").starts_with("3 sentences, the label last"));
}

TEST_CASE("lines with labels: what the sentences are, and which label is the better one") {
  const auto lines = read_labelled_lines("\"Good, and \"\"cheap\"\"\nto buy\",yes\nBad,no\nSo so,no\n");
  REQUIRE(lines);
  REQUIRE(lines->sentences.size() == 3);
  CHECK(lines->sentences[0].text == "Good, and \"cheap\"\nto buy");
  CHECK(lines->sentences[0].label == 1);
  CHECK(lines->sentences[1].text == "Bad");
  CHECK(lines->sentences[1].label == 0);
  CHECK(read_labelled_lines("good\tx y\nbad\tz\nbad\tu v\n")->labels[1] == "good");
  CHECK(read_labelled_lines("zebra\tx y\nlion\tz\nlion\tu v\n")->labels[0] == "lion");
  const auto listed =
      read_labelled_lines("#word\tawful\t-3\n1\tA good one.\n0\tA bad one.\n#word\tcool stuff\t3\n1\tb\n");
  REQUIRE(listed);
  CHECK(listed->word_list.size() == 2);
  CHECK(listed->word_list.at("awful") == -3);
  CHECK(listed->sentences.size() == 3);
}

TEST_CASE("lines with labels: what is wrong is told with its line") {
  CHECK(told("1\tGood\n0\tBad\nno tab here\n") == "line 3: has no tab, but others have");
  CHECK(told("1\tGood\n0\tBad\n2\tSo so\n1\tx\n") == "line 3: a third label, \"2\"");
  CHECK(told("1\tGood\n0\t\n1\tx\n") == "line 2: has a label but no sentence");
  CHECK(told("just a text\nof two lines\n") == "line 1: has one column");
  CHECK(told("1,\"open\n0,Bad\n") == "line 1: a quotation mark is not closed");
  CHECK(told("\n\n") == ": there is no sentence");
}

TEST_CASE("words: lower case, apostrophes inside, everything else parts them") {
  CHECK(words_of("It's GOOD, don't-you think?  'Yes' 2 ÉTÉ rock'n'roll") ==
        Words{"it's", "good", "don't", "you", "think", "yes", "2", "été", "rock'n", "roll"});
  CHECK(words_of("I don’t") == words_of("i DON'T"));
  CHECK(words_of("?!").empty());
}

TEST_CASE("but, although, never: the verdict follows the rules, and only the words of the rules come") {
  const auto task = create_task(with_task("negation"));
  REQUIRE(task);
  const Words good = {"good", "lovely", "tasty", "warm", "clever", "bright", "friendly", "fresh"},
              bad = {"bad", "awful", "bland", "cold", "silly", "gloomy", "rude", "stale"};
  std::map<std::string, int> joints;
  for (int64_t index = 0; index < 400; ++index) {
    const Example example = (*task)->example(index);
    const Words words = read_aloud(**task, example.batch);
    CAPTURE(words);
    CHECK(std::ranges::count(words, "?") == 0);
    // The clauses: told by what joins them.
    const bool leading = words.front() == "although";
    const auto but = std::ranges::find(words, "but");
    const auto joint = leading              ? std::find(words.begin() + 2, words.end(), "the")
                       : but != words.end() ? but
                                            : std::ranges::find(words, "although");
    REQUIRE(joint != words.end());
    const bool second_counts = leading || but != words.end();
    const Words counts = second_counts ? Words(joint, words.end()) : Words(words.begin(), joint);
    bool is_good = false, found = false;
    for (const std::string& word : counts) {
      const bool g = std::ranges::count(good, word) > 0;
      if (!g && std::ranges::count(bad, word) == 0) continue;
      CHECK(!found);
      found = true;
      is_good = g;
    }
    CHECK(found);
    if (std::ranges::count(counts, "never") > 0) is_good = !is_good;
    CHECK(example.batch.classes.back() == (is_good ? 1 : 0));
    ++joints[leading ? "although first" : but != words.end() ? "but" : "although"];
    // The marks: from the word that decides to the end.
    REQUIRE(example.marks.size() == 2);
    const std::string& marked = words[static_cast<size_t>(example.marks[0].position)];
    CHECK((marked == "never" || marked == "always"));
    CHECK(example.marks[1].position == static_cast<int>(words.size()) - 1);
  }
  for (const auto& [joint, count] : joints) CHECK(count > 90);
}

TEST_CASE(
    "but, although, never: partners have the same words and other verdicts, so a bag of words is right half "
    "of the time") {
  for (const double distance : {0.0, 10.0}) {
    const auto task = create_task(with_field(with_task("negation"), "distance", distance));
    REQUIRE(task);
    for (int64_t index = 0; index < 200; index += 2) {
      const Example one = (*task)->example(index), other = (*task)->example(index + 1);
      Words a = read_aloud(**task, one.batch), b = read_aloud(**task, other.batch);
      CHECK(a != b);
      std::ranges::sort(a);
      std::ranges::sort(b);
      CHECK(a == b);
      CHECK(one.batch.classes.back() != other.batch.classes.back());
    }
    const std::vector<Baseline> baselines = (*task)->baselines();
    CHECK(value_of(baselines, "naive Bayes, words") == 0.5);
    CHECK(value_of(baselines, "naive Bayes, pairs") > 0.5);
    CHECK(value_of(baselines, "naive Bayes, pairs") < 0.9);
  }
}

TEST_CASE(
    "verdicts: words and characters say the same sentence; at the end one position counts, by the mean all "
    "do") {
  const auto words = create_task(with_task("negation"));
  const auto letters = create_task(with_field(with_field(with_task("negation"), "symbols", 1), "verdict", 1));
  REQUIRE(words);
  REQUIRE(letters);
  for (int64_t index = 0; index < 20; ++index) {
    const Example a = (*words)->example(index), b = (*letters)->example(index);
    std::string one, other;
    for (const std::string& word : read_aloud(**words, a.batch)) one += (one.empty() ? "" : " ") + word;
    for (const std::string& letter : read_aloud(**letters, b.batch)) other += letter;
    CHECK(one == other);
    const auto nonzero = [](float weight) { return weight != 0; };
    CHECK(std::ranges::count_if(a.batch.weights, nonzero) == 1);
    CHECK(a.batch.weights.back() == 1);
    CHECK(std::ranges::count_if(b.batch.weights, nonzero) == b.batch.seq_length);
    CHECK(a.batch.classes.back() == b.batch.classes.back());
  }
}

TEST_CASE(
    "sentiment: held-out sentences are never trained on; repeated ones are read once; rare words are ?") {
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += std::string(i % 2 == 0 ? "1" : "0") + "\tword" + std::to_string(i) +
            (i % 2 == 0 ? " good\n" : " bad\n");
  text += "1\tWORD0 good\n";  // comes again
  const auto made = create_task(with_field(with_task("sentiment", text), "dropout", 0));
  REQUIRE(made);
  const auto& task = static_cast<const SequenceTask&>(**made);
  CHECK(task.held_out() == 10);
  CHECK(task.input_names() == std::vector<std::string>{"?", "bad", "good"});
  CHECK(task.output_names() == std::vector<std::string>{"0", "1"});
  const auto all_known =
      create_task(with_field(with_field(with_task("sentiment", text), "dropout", 0), "least", 1));
  REQUIRE(all_known);
  CHECK((*all_known)->input_names().size() == 93);  // what is held out adds none
  Batch batch;
  std::map<std::string, int> trained;
  for (int64_t step = 0; step < 200; ++step) {
    (*all_known)->fill(step, batch);
    for (const std::string& word : read_aloud(**all_known, batch)) ++trained[word];
  }
  CHECK(trained.size() == 92);
  for (int64_t index = 0; index < 10; ++index)
    CHECK(read_aloud(**all_known, (*all_known)->example(index).batch)[0] == "?");
  const std::vector<Baseline> baselines = task.baselines();
  CHECK(value_of(baselines, "naive Bayes, words") == 1);
  CHECK(value_of(baselines, "word list") == -1);
}

TEST_CASE(
    "sentiment: a task made from what a checkpoint stores has the same symbols, whatever the lines are") {
  const auto first =
      create_task(with_task("sentiment", "1\tso good\n0\tso bad\n1\tso good it is\n0\tso bad it is\n"));
  REQUIRE(first);
  const auto again = create_task(
      with_task("sentiment", "1\tquite other words\n0\tquite other ones\n1\twords\n"), (*first)->stored());
  REQUIRE(again);
  CHECK((*again)->input_names() == (*first)->input_names());
}

TEST_CASE("a sentence of one's own is read as those of the task are, unknown words as the unknown symbol") {
  const auto task = create_task(with_task("negation"));
  REQUIRE(task);
  const auto own = (*task)->own_example("The soup, was NEVER purple!");
  REQUIRE(own);
  CHECK(own->columns == std::vector<std::string>{"the", "soup", "was", "never", "purple"});
  std::vector<std::string> read = read_aloud(**task, own->batch);
  CHECK(read == std::vector<std::string>{"the", "soup", "was", "never", "?"});
  CHECK_FALSE((*task)->own_example(" … ").has_value());
  std::string words;
  for (int i = 0; i < 500; ++i) words += "soup ";
  CHECK((*task)->own_example(words)->batch.seq_length == (*task)->seq_length());
}

TEST_CASE("sentiment: without sentences the task says what to give") {
  const auto task = create_task(with_task("sentiment"));
  REQUIRE(!task);
  CHECK(task.error().hint.find("a sentence to a line") != std::string::npos);
}

}  // namespace unroll
