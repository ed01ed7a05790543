// Pairs of one's own: what is read of lines, what is wrong with its line, and whose sources are held out.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "engine/base/json.h"
#include "engine/document/experiment.h"
#include "engine/tasks/pair_lines.h"
#include "engine/tasks/translation_task.h"
#include "engine/tasks/word_symbols.h"

namespace unroll {
namespace {

using Words = std::vector<std::string>;

Result<std::shared_ptr<const Task>> task_of(const std::string& text, const std::string& more = "",
                                            double valid = 0.2, const Json& stored = nullptr) {
  Json document = {{"unroll", 1}, {"data", {{"task", {{"name", "pairs"}}}, {"valid", valid}}}};
  if (!text.empty()) document["data"]["text"] = text;
  if (!more.empty()) document["data"]["task"].update(Json::parse(more));
  const auto experiment = parse_experiment(document.dump());
  REQUIRE_MESSAGE(experiment, (experiment ? "" : experiment.error().text()));
  return create_task(*experiment, stored);
}

const TranslationTask& translation(const Result<std::shared_ptr<const Task>>& made) {
  REQUIRE_MESSAGE(made, (made ? "" : made.error().text()));
  REQUIRE((*made)->as_translation());
  return *(*made)->as_translation();
}

std::string told(std::string_view text) {
  const auto lines = read_pair_lines(text);
  return lines ? lines->told : lines.error().where + ": " + lines.error().what;
}

std::string refused(const std::string& text, const std::string& more = "", double valid = 0.2) {
  const auto made = task_of(text, more, valid);
  REQUIRE_FALSE(made);
  return made.error().where + ": " + made.error().what;
}

/// "word 1\tmot 1" and so on.
std::string numbered(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "word " + std::to_string(i) + "\tmot " + std::to_string(i) + "\n";
  return text;
}

TEST_CASE("lines of pairs: what they are is told, and what is wrong with its line") {
  CHECK(told("cat\tchat\ndog\tchien\n") == "2 pairs: a source, a tab, its target");
  CHECK(told("cat\tchat") == "1 pair: a source, a tab, its target");
  CHECK(told(" cat \t chat \r\n\r\n\ncat\tminou\ncat\tchat\n") ==
        "2 pairs: a source, a tab, its target; 1 different source; 1 line comes again, read once");
  CHECK(told("cat\tchat\ndog chien\n") == "line 2: has no tab");
  CHECK(told("cat\tchat\n\ndog\tchien\tmasc.\n") == "line 3: has two tabs or more");
  CHECK(told("cat\t\n") == "line 1: has no target behind its tab");
  CHECK(told("cat\tchat\n \tchien\n") == "line 2: has no source before its tab");
  CHECK(told("\t\n") == "line 1: has no source before its tab");
  CHECK(told("\n \n") == ": there is no pair");
  const auto lines = read_pair_lines("a b\tc d\n\nle \tx\n");
  REQUIRE(lines);
  REQUIRE(lines->pairs.size() == 2);
  CHECK(lines->pairs[1].line == 3);
  CHECK(lines->pairs[1].source == "le");
  CHECK(lines->pairs[0].target == "c d");
}

TEST_CASE("words as symbols: lower case, apostrophes end a word, marks stand alone; and back") {
  CHECK(split_words("L'Été, don’t  (vraiment)?") ==
        Words{"l'", "été", ",", "don'", "t", "(", "vraiment", ")", "?"});
  CHECK(join_words({"l'", "été", ",", "(", "vraiment", ")", "?"}) == "l'été, (vraiment)?");
  CHECK(split_words("« oui »") == Words{"«", "oui", "»"});
  CHECK(split_words(" \t").empty());
  CHECK(split_words("\xff").empty());
}

TEST_CASE("pairs: errors name the line of the data, and say what to do") {
  CHECK(refused("") == "data.text: there are no pairs");
  CHECK(refused(numbered(20) + "no tab\n") == "data.text, line 21: has no tab");
  const std::string endless(301, 'x'), fits(300, 'x');
  CHECK(refused(numbered(20) + "x\t" + endless + "\n", R"({"symbols": "characters"})") ==
        "data.text, line 21: its target has 301 characters");
  CHECK(refused(endless + "\tx\n" + numbered(20), R"({"symbols": "characters"})") ==
        "data.text, line 1: its source has 301 characters");
  CHECK(task_of(numbered(20) + fits + "\tx\n", R"({"symbols": "characters"})"));
  CHECK(task_of(numbered(20) + endless + "\tx\n"));  // one word
  std::string many;
  for (int i = 0; i < 301; ++i) many += "w ";
  CHECK(refused(numbered(20) + many + "\tx\n") == "data.text, line 21: its source has 301 words");
  CHECK(refused(numbered(20) + "x\t\u00a0\n") == "data.text, line 21: its target is blank");
  CHECK(refused("a\tb\n", "", 0) == "data.text: 1 pair is too few to learn from");
  CHECK(refused("a\tb\nd\te\n", "", 0.5) == "data.text: 2 pairs are too few to learn from");
  CHECK(task_of("a\tb\nd\te\n", "", 0));
}

TEST_CASE("pairs: a source is held out with all its targets, however it is written, and never learned") {
  for (const char* symbols : {"words", "characters"}) {
    std::string text;
    for (int i = 0; i < 200; ++i) {  // of each source two targets, far apart
      const std::string n = std::to_string(i % 100);
      text +=
          (i < 100 ? "The source " : "the  SOURCE ") + n + "\tle but " + n + (i < 100 ? "" : " bis") + "\n";
    }
    const auto made = task_of(text, std::string(R"({"symbols": ")") + symbols + "\"}");
    const TranslationTask& task = translation(made);
    const bool words = symbols == std::string("words");
    CHECK(task.held_out() == 40);
    std::set<Words> held_out;
    for (int64_t index = 0; index < task.held_out(); ++index)
      held_out.insert(task.held_out_pair(index).source);
    CHECK(held_out.size() == (words ? 20 : 40));  // by characters the two writings are two sources
    std::set<Words> learned;
    Random random(1);
    for (int i = 0; i < 3000; ++i) learned.insert(task.training_pair(random).source);
    CHECK(learned.size() == (words ? 80 : 160));
    for (const Words& one : held_out) CHECK_FALSE(learned.contains(one));
    CHECK(task.known_pairs(1000).size() == 160);
    CHECK(task.known_pairs(7).size() == 7);
  }
}

TEST_CASE(
    "pairs: symbols are those of what is learned; others are the unknown one, and can't be written right") {
  const auto made = task_of("a b\tx\nc d\ty\ne b\tx\nf g\tz\nnew b\tnever\n");  // the last one is held out
  const TranslationTask& task = translation(made);
  REQUIRE(task.held_out() == 1);
  CHECK(task.held_out_pair(0).source == Words{"new", "b"});
  const Words in = task.input_names(), out = task.output_names();
  CHECK(out == Words{"■", "x", "y", "z", "□"});
  CHECK(std::ranges::count(in, "new") == 0);
  const Sequence sequence = task.held_out(0);
  CHECK(in[static_cast<size_t>(sequence.symbols[0])] == "□");
  CHECK(in[static_cast<size_t>(sequence.symbols[1])] == "b");
  CHECK(out[static_cast<size_t>(sequence.classes[2])] == "□");
  // Two and more: "b" alone has a symbol of its own in sources.
  const auto fewer = task_of("a b\tx\nc d\ty\ne b\tx\nf g\tz\nnew b\tnever\n", R"({"least": 2})");
  CHECK(translation(fewer).input_names() == Words{"→", "b", "x", "y", "z", "□"});
  const auto own = task.own_example("what b");
  REQUIRE(own);
  CHECK(own->columns == Words{"□", "b", "→"});
  CHECK_FALSE(task.own_example("  ").has_value());
  CHECK_FALSE(task.own_example("a b c").has_value());  // longer than any that was learned
}

TEST_CASE("pairs: nothing held out gives no score; BLEU is told of words alone, where there are four") {
  const auto none = task_of(numbered(20), "", 0);
  CHECK((*none)->scorer() == nullptr);
  CHECK((*none)->baselines().empty());
  CHECK((*none)->example(3).batch.turn == 2);
  CHECK_FALSE(translation(task_of(numbered(20))).tells_bleu());  // of two words
  const std::string longer = numbered(20) + "more\tfour words are said\n";
  CHECK(translation(task_of(longer)).tells_bleu());
  const auto letters = task_of(longer, R"({"symbols": "characters"})");
  CHECK_FALSE(translation(letters).tells_bleu());
  for (const Baseline& one : (*letters)->baselines()) CHECK(one.of != "BLEU");
}

TEST_CASE(
    "pairs: what a checkpoint stores gives the same symbols, whatever the lines; damaged it is refused") {
  const auto first = task_of(numbered(20));
  REQUIRE(first);
  const auto again = task_of("other\tautre\nword 1\tmot 1\nword 2\tmot 2\n", "", 0.2, (*first)->stored());
  REQUIRE(again);
  CHECK((*again)->input_names() == (*first)->input_names());
  CHECK((*again)->output_names() == (*first)->output_names());
  const Json good = (*first)->stored();
  const auto damaged = [&](const char* name, const Json& list) {
    Json stored = good;
    stored[name] = list;
    const auto made = task_of(numbered(20), "", 0.2, stored);
    CHECK_FALSE(made);
  };
  damaged("inputs", Json::array());
  damaged("inputs", 7);
  damaged("outputs", Json::array({"■", "b", "a", "□"}));
  damaged("outputs", Json::array({"■", "a", "b"}));  // nothing for the unknown one
  damaged("outputs", Json::array({"■", 1, "□"}));
  CHECK_FALSE(task_of(numbered(20), "", 0.2, Json::array()));
}

TEST_CASE("pairs: those that are there to begin with hold what can be learned of what is held out") {
  const auto experiment = parse_experiment(find_task_kind("pairs")->start);
  REQUIRE(experiment);
  const auto made = create_task(*experiment);
  const TranslationTask& task = translation(made);
  CHECK(task.held_out() == 40);
  for (int64_t index = 0; index < task.held_out(); ++index) {
    const Sequence sequence = task.held_out(index);
    for (const int32_t symbol : sequence.symbols)
      CHECK(task.input_names()[static_cast<size_t>(symbol)] != "□");
    for (const int32_t symbol : TranslationTask::target(sequence))
      CHECK(task.output_names()[static_cast<size_t>(symbol)] != "□");
  }
  CHECK(task.own_example(find_task_kind("pairs")->looks.own_sequence_start));
}

}  // namespace
}  // namespace unroll
