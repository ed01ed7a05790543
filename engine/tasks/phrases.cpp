// Sentences of a small grammar, English to French. Held out are combinations: who does what with what, and what is of which kind;
// none of them is learned in any tense, number, with any article or adjective.
#include <algorithm>

#include "engine/document/experiment.h"
#include "engine/tasks/held_out_number.h"
#include "engine/tasks/phrase_grammar.h"
#include "engine/tasks/settings.h"
#include "engine/tasks/translation_task.h"
#include "engine/tasks/word_symbols.h"

namespace unroll {
namespace {

constexpr TaskField phrases_fields[] = {
    {"reversed", TaskFieldType::boolean, 0, 1, 0, {}, "the English sentence is read from its end"},
    {"attention",
     TaskFieldType::boolean,
     0,
     1,
     0,
     {},
     "while it writes, the network looks back at every word of the English sentence"}};

constexpr int64_t held_out_phrases = 500;

int64_t count_of(const auto& list) { return std::ssize(list); }

/// Nouns that act, in their order, then the pronouns.
int64_t acting_nouns() { return std::ranges::count(phrase_nouns(), true, &Noun::acts); }

/// Number of what a sentence says, without tense, numbers, articles and the adjectives in between.
int64_t combination(const Phrase& phrase) {
  const int64_t subjects = acting_nouns() + pronoun_count,
                subject = phrase.pronoun >= 0 ? acting_nouns() + phrase.pronoun : phrase.subject.noun;
  if (phrase.verb < 0) return subject * count_of(phrase_adjectives()) + phrase.predicate;
  return subjects * count_of(phrase_adjectives()) +
         (subject * count_of(phrase_verbs()) + phrase.verb) * count_of(phrase_nouns()) + phrase.object.noun;
}

int one_of(Random& random, int64_t count) {
  return static_cast<int>(random.below(static_cast<uint32_t>(count)));
}

NounPhrase drawn_noun(Random& random, int64_t nouns) {
  NounPhrase phrase{.noun = one_of(random, nouns)};
  if (random.below(5) < 2) phrase.adjective = one_of(random, count_of(phrase_adjectives()));
  phrase.determiner = static_cast<Determiner>(one_of(random, determiner_count));
  phrase.plural = random.below(2) == 1;
  return phrase;
}

Phrase drawn_phrase(Random& random) {
  Phrase phrase;
  if (random.below(3) == 0)
    phrase.pronoun = one_of(random, pronoun_count);
  else
    phrase.subject = drawn_noun(random, acting_nouns());
  if (random.below(4) == 0) {
    phrase.predicate = one_of(random, count_of(phrase_adjectives()));
  } else {
    phrase.verb = one_of(random, count_of(phrase_verbs()));
    phrase.object = drawn_noun(random, count_of(phrase_nouns()));
  }
  phrase.tense = static_cast<PhraseTense>(one_of(random, tense_count));
  phrase.negated = random.below(3) == 0;
  return phrase;
}

class PhrasesTask final : public TranslationTask {
 public:
  explicit PhrasesTask(const Experiment& experiment) : TranslationTask(experiment, settings_of(experiment)) {
    std::vector<Symbols> english, french;
    const auto add = [&](const Phrase& phrase) {
      english.push_back(in_english(phrase));
      french.push_back(in_french(phrase));
    };
    for_every_form(add);
    set_symbols(english, french);
  }

  const TaskKind& kind() const override;
  Pair training_pair(Random& random) const override { return drawn(random, false); }
  Pair held_out_pair(int64_t index) const override {
    Random random(0, random_stream::task_held_out, static_cast<uint64_t>(index));
    return drawn(random, true);
  }
  Symbols by_rule(const Pair& pair) const override {
    Symbols said;
    for (const std::string& word : pair.source)
      if (std::string one = in_dictionary(word); !one.empty()) said.push_back(std::move(one));
    return said;
  }
  Symbols split(std::string_view text) const override { return split_words(text); }

 private:
  static Settings settings_of(const Experiment& experiment) {
    const TaskSettings settings(experiment);
    return {.longest_source = longest_english,
            .longest_target = longest_french,
            .held_out = held_out_phrases,
            .reversed = settings.is_on("reversed"),
            .attention = settings.is_on("attention"),
            .words = true,
            .bleu = true,
            .rule = "each word as a dictionary has it, in the order of the English ones",
            .rule_name = "word by word"};
  }

  static Pair drawn(Random& random, bool of_held_out) {
    for (;;) {
      const Phrase phrase = drawn_phrase(random);
      if (is_held_out(combination(phrase)) == of_held_out) return {in_english(phrase), in_french(phrase)};
    }
  }

  /// Sentences in which every word stands that can.
  template <class Add>
  static void for_every_form(const Add& add) {
    Phrase phrase;
    for (const bool negated : {false, true})
      for (const bool plural : {false, true}) {
        phrase.negated = negated;
        phrase.object = {.noun = 0, .plural = plural};
        phrase.subject.plural = plural;
        for (int tense = 0; tense < tense_count; ++tense)
          for (int pronoun = -1; pronoun < pronoun_count; ++pronoun)
            for (int verb = -1; verb < count_of(phrase_verbs()); ++verb) {
              phrase.tense = static_cast<PhraseTense>(tense);
              phrase.pronoun = pronoun;
              phrase.verb = verb;
              add(phrase);
            }
        for (int determiner = 0; determiner < determiner_count; ++determiner)
          for (int noun = 0; noun < count_of(phrase_nouns()); ++noun)
            for (int adjective = -1; adjective < count_of(phrase_adjectives()); ++adjective) {
              phrase.object.determiner = static_cast<Determiner>(determiner);
              phrase.object.noun = noun;
              phrase.object.adjective = adjective;
              add(phrase);
            }
      }
  }
};

}  // namespace

const TaskKind phrases_kind = {
    .name = "phrases",
    .title = "English to French",
    .family = "Translation",
    .about =
        "\"the old bees did not see my white horse\" is \"les vieilles abeilles n'ont pas vu mon cheval "
        "blanc\": words change "
        "places and agree with others, and what is learned must hold for who does what with what as it was "
        "never said.",
    .source = "",
    .fields = phrases_fields,
    .looks = {.column = "word",
              .prediction = "translation",
              .own_sequence = "an English sentence",
              .own_sequence_start = "the old bees did not see my white horse",
              .translates = true},
    .start =
        R"({"unroll": 1, "data": {"task": {"name": "phrases", "attention": true}}, "train": {"batch": 32, "rate": 0.005},
      "lanes": [{"cell": "rnn", "hidden": 128}, {"cell": "lstm", "hidden": 64}]})"};

Result<std::shared_ptr<const Task>> create_phrases(const Experiment& experiment, const Json&) {
  return std::shared_ptr<const Task>(std::make_shared<const PhrasesTask>(experiment));
}

const TaskKind& PhrasesTask::kind() const { return phrases_kind; }

}  // namespace unroll
