// Translation: the rules by which pairs are made, read back by others; what is held out; and scores.
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>

#include "engine/document/experiment.h"
#include "engine/model/network.h"
#include "engine/model/trainer.h"
#include "engine/tasks/calendar.h"
#include "engine/tasks/edit_distance.h"
#include "engine/tasks/number_words.h"
#include "engine/tasks/translation_task.h"

namespace unroll {
namespace {

std::string as_written(Language language, int number) {
  std::string text = number_words(language, number);
  std::erase(text, '|');
  return text;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text)
    if (c == ' ' || c == '-' || c == '|')
      words.emplace_back();
    else
      words.back() += c;
  return words;
}

/// Adds up what the words mean, in none of the ways by which they were chosen.
int meaning_of(Language language, const std::string& text) {
  static const std::map<std::string, int> of[] = {
      {{"zero", 0},     {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},
       {"five", 5},     {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},
       {"ten", 10},     {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},
       {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19},
       {"twenty", 20},  {"thirty", 30},  {"forty", 40},     {"fifty", 50},    {"sixty", 60},
       {"seventy", 70}, {"eighty", 80},  {"ninety", 90},    {"hundred", 100}, {"thousand", 1000}},
      {{"zéro", 0},    {"un", 1},       {"deux", 2},      {"trois", 3},      {"quatre", 4},    {"cinq", 5},
       {"six", 6},     {"sept", 7},     {"huit", 8},      {"neuf", 9},       {"dix", 10},      {"onze", 11},
       {"douze", 12},  {"treize", 13},  {"quatorze", 14}, {"quinze", 15},    {"seize", 16},    {"vingt", 20},
       {"vingts", 20}, {"trente", 30},  {"quarante", 40}, {"cinquante", 50}, {"soixante", 60}, {"cent", 100},
       {"cents", 100}, {"mille", 1000}, {"et", 0}},
      {{"null", 0},       {"ein", 1},      {"eins", 1},     {"zwei", 2},     {"drei", 3},
       {"vier", 4},       {"fünf", 5},     {"sech", 6},     {"sechs", 6},    {"sieb", 7},
       {"sieben", 7},     {"acht", 8},     {"neun", 9},     {"zehn", 10},    {"elf", 11},
       {"zwölf", 12},     {"zwanzig", 20}, {"dreißig", 30}, {"vierzig", 40}, {"fünfzig", 50},
       {"sechzig", 60},   {"siebzig", 70}, {"achtzig", 80}, {"neunzig", 90}, {"hundert", 100},
       {"tausend", 1000}, {"und", 0}}};
  int thousands = 0, hundreds = 0, rest = 0;
  for (const std::string& word : words_of(text)) {
    const int value = of[static_cast<size_t>(language)].at(word);
    if (value == 1000)
      thousands = std::max(hundreds + rest, 1) * 1000, hundreds = rest = 0;
    else if (value == 100)
      hundreds = std::max(rest, 1) * 100, rest = 0;
    else if (value == 20 && rest == 4 && language == Language::french)
      rest = 80;
    else
      rest += value;
  }
  return thousands + hundreds + rest;
}

TEST_CASE("Number words: the cases that are easily wrong, in three languages") {
  struct Row {
    int number;
    const char *english, *french, *german;
  };
  constexpr Row rows[] = {
      {0, "zero", "zéro", "null"},
      {1, "one", "un", "eins"},
      {16, "sixteen", "seize", "sechzehn"},
      {17, "seventeen", "dix-sept", "siebzehn"},
      {21, "twenty-one", "vingt et un", "einundzwanzig"},
      {30, "thirty", "trente", "dreißig"},
      {45, "forty-five", "quarante-cinq", "fünfundvierzig"},
      {61, "sixty-one", "soixante et un", "einundsechzig"},
      {70, "seventy", "soixante-dix", "siebzig"},
      {71, "seventy-one", "soixante et onze", "einundsiebzig"},
      {77, "seventy-seven", "soixante-dix-sept", "siebenundsiebzig"},
      {80, "eighty", "quatre-vingts", "achtzig"},
      {81, "eighty-one", "quatre-vingt-un", "einundachtzig"},
      {91, "ninety-one", "quatre-vingt-onze", "einundneunzig"},
      {99, "ninety-nine", "quatre-vingt-dix-neuf", "neunundneunzig"},
      {100, "one hundred", "cent", "einhundert"},
      {101, "one hundred one", "cent un", "einhunderteins"},
      {180, "one hundred eighty", "cent quatre-vingts", "einhundertachtzig"},
      {200, "two hundred", "deux cents", "zweihundert"},
      {201, "two hundred one", "deux cent un", "zweihunderteins"},
      {999, "nine hundred ninety-nine", "neuf cent quatre-vingt-dix-neuf", "neunhundertneunundneunzig"},
      {1000, "one thousand", "mille", "eintausend"},
      {1001, "one thousand one", "mille un", "eintausendeins"},
      {2000, "two thousand", "deux mille", "zweitausend"},
      {21000, "twenty-one thousand", "vingt et un mille", "einundzwanzigtausend"},
      {80000, "eighty thousand", "quatre-vingt mille", "achtzigtausend"},
      {101000, "one hundred one thousand", "cent un mille", "einhunderteintausend"},
      {200000, "two hundred thousand", "deux cent mille", "zweihunderttausend"},
  };
  for (const Row& row : rows) {
    CHECK(as_written(Language::english, row.number) == row.english);
    CHECK(as_written(Language::french, row.number) == row.french);
    CHECK(as_written(Language::german, row.number) == row.german);
  }
}

TEST_CASE("Number words: added up they are the number, and none is written as another") {
  size_t longest[3] = {};
  for (const Language language : {Language::english, Language::french, Language::german}) {
    std::set<std::string> all;
    for (int number = 0; number < 1'000'000; number += number < 2000 ? 1 : 977) {
      const std::string words = number_words(language, number);
      CHECK(meaning_of(language, words) == number);
      CHECK(all.insert(as_written(language, number)).second);
      size_t& most = longest[static_cast<size_t>(language)];
      if (number < 1000) most = std::max(most, as_written(language, number).size());
    }
  }
  CHECK(longest[0] == 27);
  CHECK(longest[1] == 33);
  CHECK(longest[2] == 29 + 1);  // bytes: ü has two
}

TEST_CASE("Edit distance: kitten and sitting are three apart, and nothing is as far as it is long") {
  CHECK(edit_distance(std::string("kitten"), std::string("sitting")) == 3);
  CHECK(edit_distance(std::string(), std::string("abc")) == 3);
  CHECK(edit_distance(std::string("abc"), std::string()) == 3);
  CHECK(edit_distance(std::string("abc"), std::string("abc")) == 0);
  CHECK(edit_distance(std::string("ab"), std::string("ba")) == 2);
}

TEST_CASE("Calendar: weekdays, leap years and ends of months") {
  const auto is = [](int first, int number, Day expected) {
    const Day day = day_number(first, number);
    CHECK(day.year == expected.year);
    CHECK(day.month == expected.month);
    CHECK(day.day == expected.day);
    CHECK(day.weekday == expected.weekday);
  };
  is(1950, 0, {1950, 1, 1, 6});
  is(1970, 0, {1970, 1, 1, 3});
  is(2000, 59, {2000, 2, 29, 1});
  is(1900, 59, {1900, 3, 1, 3});
  is(1950, 36524, {2049, 12, 31, 4});
  is(2026, 329, {2026, 11, 26, 3});
  CHECK(days_in_month(2024, 2) == 29);
  CHECK(days_in_month(2100, 2) == 28);
}

std::shared_ptr<const TranslationTask> task_of(const std::string& task, const std::string& more = "") {
  const auto experiment =
      parse_experiment(R"({"unroll": 1, "data": {"task": {"name": ")" + task + "\"" +
                       (more.empty() ? "" : ", ") + more + R"(}}, "train": {"batch": 32}})");
  REQUIRE_MESSAGE(experiment, (experiment ? "" : experiment.error().text()));
  const auto made = create_task(*experiment);
  REQUIRE(made);
  REQUIRE((*made)->as_translation());
  return {*made, (*made)->as_translation()};
}

std::string joined(const TranslationTask::Symbols& symbols) {
  std::string text;
  for (const std::string& symbol : symbols) text += symbol;
  return text;
}

/// A date read by its letters and numbers, not by how it was written.
std::string iso_of(const std::string& text) {
  constexpr const char* names[][12] = {
      {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
      {"Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"},
      {"janv", "févr", "mars", "avr", "mai", "juin", "juil", "août", "sept", "oct", "nov", "déc"}};
  std::vector<std::string> numbers;
  for (size_t i = 0; i < text.size(); ++i) {
    if (std::isdigit(static_cast<unsigned char>(text[i])) == 0) continue;
    if (i == 0 || std::isdigit(static_cast<unsigned char>(text[i - 1])) == 0) numbers.emplace_back();
    numbers.back() += text[i];
  }
  int month = 0, day = 0, year = 0;
  for (const auto& language : names)
    for (int m = 0; m < 12; ++m)
      if (text.find(language[m]) != std::string::npos) month = m + 1;
  if (month > 0) {
    REQUIRE(numbers.size() == 2);
    day = std::stoi(numbers[0]), year = std::stoi(numbers[1]);
  } else {
    REQUIRE(numbers.size() == 3);
    const bool year_first = numbers[0].size() == 4, month_first = text.find('/') != std::string::npos;
    year = std::stoi(numbers[year_first ? 0 : 2]);
    month = std::stoi(numbers[year_first ? 1 : month_first ? 0 : 1]);
    day = std::stoi(numbers[year_first ? 2 : month_first ? 1 : 0]);
  }
  if (year < 100) year += year < 50 ? 2000 : 1900;
  char iso[40];
  std::snprintf(iso, sizeof iso, "%04d-%02d-%02d", year, month, day);
  return iso;
}

TEST_CASE("Translations: what is learned is right, as others read it") {
  Random random(5);
  const auto dates = task_of("dates"), sums = task_of("sums"),
             numbers = task_of("numbers", R"("language": "french")");
  std::set<std::string> ends;
  for (int i = 0; i < 3000; ++i) {
    const auto date = i % 2 ? dates->training_pair(random) : dates->held_out_pair(i);
    CAPTURE(joined(date.source));
    CHECK(iso_of(joined(date.source)) == joined(date.target));
    ends.insert(joined(date.target).substr(5));
    const auto sum = i % 2 ? sums->training_pair(random) : sums->held_out_pair(i);
    const std::string text = joined(sum.source);
    const size_t plus = text.find('+');
    CHECK(std::stoi(text.substr(0, plus)) + std::stoi(text.substr(plus + 1)) ==
          std::stoi(joined(sum.target)));
    const auto number = i % 2 ? numbers->training_pair(random) : numbers->held_out_pair(i);
    CHECK(meaning_of(Language::french, joined(number.target)) == std::stoi(joined(number.source)));
  }
  for (const char* day : {"01-31", "12-31", "02-28", "04-30"}) CHECK(ends.contains(day));
}

TEST_CASE("Translations: no source that is held out is ever learned") {
  for (const auto& task :
       {task_of("numbers"), task_of("numbers", R"("direction": "to_digits", "symbols": "words")"),
        task_of("dates"), task_of("phrases"), task_of("sums"), task_of("sums", R"("digits": 1)"),
        task_of("numbers", R"("largest": 99999)")}) {
    std::set<std::string> held_out, targets;
    for (int64_t index = 0; index < task->held_out(); ++index) {
      const auto pair = task->held_out_pair(index);
      held_out.insert(joined(pair.source));
      targets.insert(joined(pair.target));
    }
    CHECK(held_out.size() > 5);
    const bool sums = task->kind().name == std::string("sums");
    Random random(1);
    for (int i = 0; i < 5000; ++i) {
      const auto pair = task->training_pair(random);
      CHECK_FALSE(held_out.contains(joined(pair.source)));
      if (!sums) CHECK_FALSE(targets.contains(joined(pair.target)));  // nor the same date in another form
      if (!sums) continue;
      const std::string text = joined(pair.source);
      const size_t plus = text.find('+');
      CHECK_FALSE(held_out.contains(text.substr(plus + 1) + "+" + text.substr(0, plus)));
    }
  }
  // Of 0 to 999 every tenth, each once.
  const auto numbers = task_of("numbers");
  CHECK(numbers->held_out() == 100);
  std::set<std::string> all;
  for (int64_t index = 0; index < 100; ++index) all.insert(joined(numbers->held_out_pair(index).source));
  CHECK(all.size() == 100);
  CHECK(numbers->known_pairs(1000).size() == 900);
}

TEST_CASE("Translations: a sequence is the source, the sign, the target, and asks for what follows") {
  for (const bool reversed : {false, true}) {
    const auto task = task_of("sums", reversed ? R"("reversed": true)" : "");
    const std::vector<std::string> in = task->input_names(), out = task->output_names();
    CHECK(in.front() == TranslationTask::start_sign);
    CHECK(out.front() == TranslationTask::end_sign);
    CHECK(in.size() == 12);
    CHECK(out.size() == 11);
    for (int64_t index = 0; index < 50; ++index) {
      const Sequence sequence = task->held_out(index);
      const auto pair = task->held_out_pair(index);
      std::string source, target, asked;
      for (int t = 0; t < sequence.length; ++t) {
        const auto at = static_cast<size_t>(t);
        const std::string& read = in[static_cast<size_t>(sequence.symbols[at])];
        CHECK(sequence.weights[at] == (t < sequence.turn ? 0 : 1));
        if (t < sequence.turn)
          source += read;
        else
          asked += out[static_cast<size_t>(sequence.classes[at])];
        if (t == sequence.turn) CHECK(read == TranslationTask::start_sign);
        if (t > sequence.turn) target += read;
      }
      if (reversed) std::ranges::reverse(source);
      CHECK(source == joined(pair.source));
      CHECK(target == joined(pair.target));
      CHECK(asked == target + TranslationTask::end_sign);
    }
  }
}

TEST_CASE("Translations: exact on its own is exact with a teacher, alone as in a batch, and scored so") {
  for (const char* attention : {"false", "true"}) {
    auto experiment = parse_experiment(
        std::string(
            R"({"unroll": 1, "data": {"task": {"name": "numbers", "direction": "to_digits", "attention": )") +
        attention + R"(}}, "train": {"batch": 32, "rate": 0.01}, "lanes": [{"cell": "gru", "hidden": 24}]})");
    REQUIRE(experiment);
    const auto made = create_task(*experiment);
    REQUIRE(made);
    const TranslationTask& task = *(*made)->as_translation();
    auto trainer = Trainer::create(*experiment, 0, *made);
    REQUIRE(trainer);
    ModelNetwork network((*trainer)->model());
    std::vector<Sequence> all;
    for (int64_t index = 0; index < task.held_out(); ++index) all.push_back(task.held_out(index));
    const size_t O = static_cast<size_t>(task.shape().outputs);
    int64_t exact = 0;
    for (int round = 0; round < 60; ++round) {  // until some are right and some wrong
      for (int i = 0; i < 25; ++i) (*trainer)->step();
      const auto written = task.write(network, all);
      exact = 0;
      for (size_t n = 0; n < all.size(); ++n) {
        const bool right = std::ranges::equal(written[n], TranslationTask::target(all[n]));
        exact += right ? 1 : 0;
        Batch alone;
        gather_sequences({&all[n], 1}, task.shape(), alone);
        const auto outputs = network.read(alone);
        bool taught = true;
        for (size_t t = static_cast<size_t>(all[n].turn); t < all[n].classes.size(); ++t) {
          const auto row = outputs.subspan(t * O, O);
          taught = taught && std::ranges::max_element(row) - row.begin() == all[n].classes[t];
        }
        CHECK(taught == right);
        if (n < 5) CHECK(task.write(network, {&all[n], 1}).front() == written[n]);
      }
      if (exact > 9 && exact < 91) break;
    }
    CHECK(exact > 9);
    CHECK(exact < 91);
    const auto scorer = task.scorer();
    while (!scorer->advance(network, 100)) continue;
    const Score score = scorer->score();
    CHECK(score.count == 100);
    CHECK(score.value == doctest::Approx(static_cast<double>(exact) / 100));
    CHECK(score.others.at(0).first == "character error rate");
    CHECK(score.others.at(0).second > 0);
    CHECK(score.others.at(1).second > score.value);
    double weighted = 0;
    REQUIRE(score.curves.size() == 1);
    CHECK(score.curves[0].x == "source length");
    for (size_t i = 0; i < score.curves[0].at.size(); ++i) {
      double of_length = 0;
      for (const Sequence& one : all)
        of_length += one.turn == static_cast<int>(score.curves[0].at[i]) ? 1 : 0;
      weighted += of_length * score.curves[0].value[i];
    }
    CHECK(weighted == doctest::Approx(static_cast<double>(exact)));
  }
}

TEST_CASE("Translations: a source of one's own is read by the symbols that are known, and written out") {
  const auto task = task_of("sums");
  const auto own = task->own_example(" 12 + 34?");
  REQUIRE(own);
  CHECK(own->batch.turn == 5);
  CHECK(joined(own->columns) == std::string("12+34") + TranslationTask::start_sign);
  CHECK_FALSE(task->own_example("what?").has_value());
  CHECK_FALSE(task->own_example("1234567+1").has_value());  // longer than any that was learned
  const auto words = task_of("numbers", R"("direction": "to_digits", "symbols": "words")");
  CHECK(words->split("  seventy-three ") == TranslationTask::Symbols{"seventy", "three"});
  const auto to_words = task_of("numbers", R"("symbols": "words")");
  CHECK(to_words->text_of({"seventy", "three"}) == "seventy three");
}

TEST_CASE("Translations: baselines stand beside the score, by its measure and by that of errors") {
  for (const auto& task : {task_of("numbers"), task_of("dates"), task_of("sums")}) {
    std::map<std::string, double> exact, errors;
    for (const Baseline& one : task->baselines()) (one.of.empty() ? exact : errors)[one.name] = one.value;
    CHECK(exact.size() == 3);
    CHECK(exact["the rule"] == 1);
    CHECK(errors["the rule"] == 0);
    CHECK(exact["nearest source"] < 0.2);
    CHECK(errors["nearest source"] < errors["most frequent"]);
  }
}

}  // namespace
}  // namespace unroll
