// The grammar of phrases, checked by sentences translated by hand and by rules of French that hold whatever is said; BLEU.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "engine/document/experiment.h"
#include "engine/tasks/bleu.h"
#include "engine/tasks/phrase_grammar.h"
#include "engine/tasks/translation_task.h"
#include "engine/tasks/word_symbols.h"

namespace unroll {
namespace {

using Words = std::vector<std::string>;

/// Reads English sentences of the grammar, so that tests can be written in words.
class Reader {
 public:
  static Phrase read(const std::string& text) {
    Reader reader(split_words(text));
    Phrase phrase;
    static const std::map<std::string, Pronoun> pronouns = {{"i", Pronoun::i},   {"you", Pronoun::you},
                                                            {"he", Pronoun::he}, {"she", Pronoun::she},
                                                            {"we", Pronoun::we}, {"they", Pronoun::they}};
    const auto pronoun = pronouns.find(reader.next());
    if (pronoun != pronouns.end())
      phrase.pronoun = static_cast<int>(pronoun->second), ++reader.at_;
    else
      phrase.subject = reader.noun();
    reader.verb(phrase);
    if (phrase.verb < 0)
      phrase.predicate = reader.adjective();
    else
      phrase.object = reader.noun();
    REQUIRE(reader.at_ == reader.words_.size());
    return phrase;
  }

 private:
  explicit Reader(Words words) : words_(std::move(words)) {}

  const std::string& next() const {
    REQUIRE(at_ < words_.size());
    return words_[at_];
  }
  bool takes(std::initializer_list<const char*> some) {
    const bool found = std::ranges::find(some, next()) != some.end();
    at_ += found ? 1 : 0;
    return found;
  }
  int adjective() {
    const auto list = phrase_adjectives();
    for (size_t i = 0; i < list.size(); ++i)
      if (takes({list[i].english})) return static_cast<int>(i);
    return -1;
  }
  NounPhrase noun() {
    NounPhrase phrase;
    phrase.determiner = takes({"the"})                      ? Determiner::definite
                        : takes({"a", "an", "some", "any"}) ? Determiner::indefinite
                        : takes({"this", "these"})          ? Determiner::demonstrative
                                                            : Determiner::possessive;
    if (phrase.determiner == Determiner::possessive) REQUIRE(takes({"my"}));
    phrase.adjective = adjective();
    const auto list = phrase_nouns();
    for (size_t i = 0; i < list.size(); ++i) {
      phrase.plural = next() == list[i].english_plural;
      phrase.noun = static_cast<int>(i);
      if (takes({list[i].english, list[i].english_plural})) return phrase;
    }
    FAIL("no noun: " << next());
    return phrase;
  }
  void verb(Phrase& phrase) {
    if (takes({"will"})) phrase.tense = PhraseTense::future;
    if (takes({"did", "was", "were"}))
      phrase.tense = PhraseTense::past;
    else
      takes({"do", "does", "am", "are", "is"});
    const std::string before = words_[at_ - 1];
    const bool be =
        std::ranges::count(std::initializer_list<std::string>{"am", "are", "is", "was", "were"}, before) > 0;
    phrase.negated = takes({"not"});
    if (be || takes({"be"})) return;
    const auto list = phrase_verbs();
    for (size_t i = 0; i < list.size(); ++i) {
      if (next() == list[i].english_past) phrase.tense = PhraseTense::past;
      if (!takes({list[i].english, list[i].english_third, list[i].english_past})) continue;
      phrase.verb = static_cast<int>(i);
      return;
    }
    FAIL("no verb: " << next());
  }

  Words words_;
  size_t at_ = 0;
};

std::shared_ptr<const TranslationTask> phrases() {
  const auto experiment = parse_experiment(R"({"unroll": 1, "data": {"task": {"name": "phrases"}}})");
  REQUIRE(experiment);
  const auto made = create_task(*experiment);
  REQUIRE(made);
  return {*made, (*made)->as_translation()};
}

TEST_CASE("Phrases: sentences translated by hand") {
  constexpr const char* rows[][2] = {
      {"the old bees did not see my white horse", "les vieilles abeilles n'ont pas vu mon cheval blanc"},
      {"i love an apple", "j'aime une pomme"},
      {"i do not love an apple", "je n'aime pas de pomme"},
      {"i do not love any oranges", "je n'aime pas d'oranges"},
      {"this man is old", "cet homme est vieux"},
      {"this old man was not beautiful", "ce vieil homme n'était pas beau"},
      {"we will hide my school", "nous cacherons mon école"},
      {"they want my new school", "ils veulent ma nouvelle école"},
      {"she will be light", "elle sera légère"},
      {"we are not heavy", "nous ne sommes pas lourds"},
      {"some small birds found the key", "de petits oiseaux ont trouvé la clé"},
      {"some black birds find the trees", "des oiseaux noirs trouvent les arbres"},
      {"a beautiful bird hears these children", "un bel oiseau entend ces enfants"},
      {"the beautiful birds will not take this new tree",
       "les beaux oiseaux ne prendront pas ce nouvel arbre"},
      {"you saw the strange island", "tu as vu l'île étrange"},
      {"i heard the queen", "j'ai entendu la reine"},
      {"he did not draw a strange island", "il n'a pas dessiné d'île étrange"},
      {"he did not choose any new boats", "il n'a pas choisi de nouveaux bateaux"},
      {"this bee hid my orange", "cette abeille a caché mon orange"},
      {"i was big", "j'étais grand"},
      {"these strange women are red", "ces femmes étranges sont rouges"},
      {"a small queen wants the white flowers", "une petite reine veut les fleurs blanches"},
      {"an old friend does not seek a book", "un vieil ami ne cherche pas de livre"},
      {"my horses take some gardens", "mes chevaux prennent des jardins"},
      {"i see a horse", "je vois un cheval"},
      {"she loved a heavy book", "elle a aimé un livre lourd"},
  };
  for (const auto& [english, french] : rows) {
    const Phrase phrase = Reader::read(english);
    CHECK(join_words(in_english(phrase)) == english);
    CHECK(join_words(in_french(phrase)) == french);
  }
}

TEST_CASE("Phrases: elision, and forms before a vowel, wherever they must stand and nowhere else") {
  const auto task = phrases();
  Random random(3);
  const std::set<std::string> full = {"le", "la", "de", "ne", "je", "ce", "ma", "beau", "nouveau"},
                              cut = {"l'", "d'", "n'", "j'", "cet", "bel", "nouvel", "vieil"};
  std::map<std::string, int> seen;
  std::map<std::string, std::string> french_of, english_of;
  for (int i = 0; i < 20000; ++i) {
    const auto pair = i % 4 ? task->training_pair(random) : task->held_out_pair(i);
    const std::string english = join_words(pair.source), french = join_words(pair.target);
    CAPTURE(french);
    CHECK(pair.source.size() <= longest_english);
    CHECK(pair.target.size() <= longest_french);
    CHECK(split_words(english) == pair.source);  // as one would type it
    CHECK(split_words(french) == pair.target);
    // Each determines the other.
    CHECK(french_of.emplace(english, french).first->second == french);
    CHECK(english_of.emplace(french, english).first->second == english);
    const Phrase phrase = Reader::read(english);
    CHECK(in_english(phrase) == pair.source);
    CHECK(in_french(phrase) == pair.target);
    for (size_t w = 0; w + 1 < pair.target.size(); ++w) {
      const std::string &word = pair.target[w], &next = pair.target[w + 1];
      const bool vowel =
          std::string_view("aeiouhéêî").find(next.substr(0, next[0] == '\xc3' ? 2 : 1)) != std::string::npos;
      if (vowel) CHECK_FALSE(full.contains(word));
      if (!vowel) CHECK_FALSE(cut.contains(word));
      ++seen[word];
    }
  }
  for (const auto& words : {full, cut})
    for (const std::string& word : words) CHECK_MESSAGE(seen[word] > 0, word);
  CHECK(english_of.size() > 15000);
}

TEST_CASE("Phrases: who does what with what is held out in every tense and form") {
  const auto task = phrases();
  using Said = std::tuple<int, int, int, int>;
  const auto said = [](const TranslationTask::Pair& pair) {
    const Phrase phrase = Reader::read(join_words(pair.source));
    return Said(phrase.pronoun, phrase.pronoun < 0 ? phrase.subject.noun : 0, phrase.verb,
                phrase.verb < 0 ? phrase.predicate : phrase.object.noun);
  };
  std::set<Said> held_out, learned;
  for (int64_t index = 0; index < task->held_out(); ++index)
    held_out.insert(said(task->held_out_pair(index)));
  CHECK(held_out.size() > 200);
  Random random(1);
  for (int i = 0; i < 20000; ++i) learned.insert(said(task->training_pair(random)));
  for (const Said& one : held_out) CHECK_FALSE(learned.contains(one));
  CHECK(learned.size() > 2000);
}

TEST_CASE("Phrases: every word that is said has a symbol, and word by word it is rarely right") {
  const auto task = phrases();
  for (int64_t number = 0; number < 5000; ++number) (void)task->training(number);  // asserts it
  std::map<std::string, double> exact, bleu;
  for (const Baseline& one : task->baselines()) {
    if (one.of.empty()) exact[one.name] = one.value;
    if (one.of == "BLEU") bleu[one.name] = one.value;
  }
  CHECK(exact.size() == 3);
  CHECK(bleu.size() == 3);
  CHECK(exact["word by word"] < 0.2);
  CHECK(bleu["word by word"] > bleu["most frequent"]);
  CHECK(bleu["nearest source"] > bleu["most frequent"]);
  CHECK(bleu["nearest source"] < 1);
}

double bleu_of(std::initializer_list<std::pair<std::string, std::string>> all) {
  Bleu bleu;
  for (const auto& [written, right] : all) bleu.add(written, right);
  return bleu.value();
}

TEST_CASE("BLEU: values worked out by hand, a letter a symbol") {
  CHECK(std::isnan(Bleu().value()));
  CHECK(bleu_of({{"abcd", "abcd"}}) == doctest::Approx(1));
  CHECK(bleu_of({{"", "abcd"}}) == 0);
  CHECK(std::isnan(bleu_of({{"abc", "abc"}})));  // nothing of four
  CHECK(bleu_of({{"abc", "abcd"}}) == 0);
  // 5/6, 3/5, 2/4, 1/3: the fourth root of 1/12.
  CHECK(bleu_of({{"abcdef", "abcdxf"}}) == doctest::Approx(0.537285));
  // All there, but 4 of 5 long: exp(1 − 5/4).
  CHECK(bleu_of({{"abcd", "abcde"}}) == doctest::Approx(0.778801));
  // Too long costs by what is too much: 4/5, 3/4, 2/3, 1/2.
  CHECK(bleu_of({{"abcde", "abcd"}}) == doctest::Approx(0.668740));
  // Counted no more often than it stands in the target (the paper's "the the the the the the the").
  CHECK(bleu_of({{"aaaa", "aabb"}, {"cdef", "cdef"}}) ==
        doctest::Approx(std::pow(6.0 / 8 * 4 / 6 * 2 / 4 * 1 / 2, 0.25)));
  // Of two sentences counts are added up, not values: 9/10, 6/8, 4/6, 2/4, and 10 of 11 long.
  CHECK(bleu_of({{"abcdef", "abcdxf"}, {"abcd", "abcde"}}) == doctest::Approx(0.623183));
}

}  // namespace
}  // namespace unroll
