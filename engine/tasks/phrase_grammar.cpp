#include "engine/tasks/phrase_grammar.h"

#include <map>
#include <string_view>

namespace unroll {
namespace {

constexpr Noun nouns[] = {{"cat", "cats", "chat", "chats", false, true},
                          {"dog", "dogs", "chien", "chiens", false, true},
                          {"bird", "birds", "oiseau", "oiseaux", false, true},
                          {"horse", "horses", "cheval", "chevaux", false, true},
                          {"bee", "bees", "abeille", "abeilles", true, true},
                          {"girl", "girls", "fille", "filles", true, true},
                          {"boy", "boys", "garçon", "garçons", false, true},
                          {"woman", "women", "femme", "femmes", true, true},
                          {"man", "men", "homme", "hommes", false, true},
                          {"child", "children", "enfant", "enfants", false, true},
                          {"friend", "friends", "ami", "amis", false, true},
                          {"queen", "queens", "reine", "reines", true, true},
                          {"house", "houses", "maison", "maisons", true, false},
                          {"car", "cars", "voiture", "voitures", true, false},
                          {"apple", "apples", "pomme", "pommes", true, false},
                          {"orange", "oranges", "orange", "oranges", true, false},
                          {"tree", "trees", "arbre", "arbres", false, false},
                          {"book", "books", "livre", "livres", false, false},
                          {"flower", "flowers", "fleur", "fleurs", true, false},
                          {"key", "keys", "clé", "clés", true, false},
                          {"boat", "boats", "bateau", "bateaux", false, false},
                          {"island", "islands", "île", "îles", true, false},
                          {"garden", "gardens", "jardin", "jardins", false, false},
                          {"school", "schools", "école", "écoles", true, false}};

constexpr Adjective adjectives[] = {{"small", {"petit", "petite", "petits", "petites"}, true},
                                    {"big", {"grand", "grande", "grands", "grandes"}, true},
                                    {"beautiful", {"beau", "belle", "beaux", "belles"}, true, "bel"},
                                    {"old", {"vieux", "vieille", "vieux", "vieilles"}, true, "vieil"},
                                    {"new", {"nouveau", "nouvelle", "nouveaux", "nouvelles"}, true, "nouvel"},
                                    {"red", {"rouge", "rouge", "rouges", "rouges"}, false},
                                    {"black", {"noir", "noire", "noirs", "noires"}, false},
                                    {"white", {"blanc", "blanche", "blancs", "blanches"}, false},
                                    {"green", {"vert", "verte", "verts", "vertes"}, false},
                                    {"heavy", {"lourd", "lourde", "lourds", "lourdes"}, false},
                                    {"light", {"léger", "légère", "légers", "légères"}, false},
                                    {"strange", {"étrange", "étrange", "étranges", "étranges"}, false}};

constexpr Verb verbs[] = {
    {"see", "sees", "saw", {"vois", "vois", "voit", "voyons", "voient"}, "verr", "vu"},
    {"love", "loves", "loved", {"aime", "aimes", "aime", "aimons", "aiment"}, "aimer", "aimé"},
    {"find", "finds", "found", {"trouve", "trouves", "trouve", "trouvons", "trouvent"}, "trouver", "trouvé"},
    {"draw",
     "draws",
     "drew",
     {"dessine", "dessines", "dessine", "dessinons", "dessinent"},
     "dessiner",
     "dessiné"},
    {"seek",
     "seeks",
     "sought",
     {"cherche", "cherches", "cherche", "cherchons", "cherchent"},
     "chercher",
     "cherché"},
    {"hide", "hides", "hid", {"cache", "caches", "cache", "cachons", "cachent"}, "cacher", "caché"},
    {"want", "wants", "wanted", {"veux", "veux", "veut", "voulons", "veulent"}, "voudr", "voulu"},
    {"choose",
     "chooses",
     "chose",
     {"choisis", "choisis", "choisit", "choisissons", "choisissent"},
     "choisir",
     "choisi"},
    {"take", "takes", "took", {"prends", "prends", "prend", "prenons", "prennent"}, "prendr", "pris"},
    {"hear",
     "hears",
     "heard",
     {"entends", "entends", "entend", "entendons", "entendent"},
     "entendr",
     "entendu"}};

constexpr const char* pronouns[pronoun_count][2] = {{"i", "je"},     {"you", "tu"},  {"he", "il"},
                                                    {"she", "elle"}, {"we", "nous"}, {"they", "ils"}};

/// Of verbs: I, you, he or she or it, we, they.
enum Person { first, second, third, first_plural, third_plural };
constexpr Person person_of_pronoun[] = {first, second, third, third, first_plural, third_plural};

constexpr const char* be_english[2][5] = {{"am", "are", "is", "are", "are"},
                                          {"was", "were", "was", "were", "were"}};
constexpr const char* be_french[tense_count][5] = {{"suis", "es", "est", "sommes", "sont"},
                                                   {"étais", "étais", "était", "étions", "étaient"},
                                                   {"serai", "seras", "sera", "serons", "seront"}};
constexpr const char* have_french[] = {"ai", "as", "a", "avons", "ont"};
constexpr const char* future_endings[] = {"ai", "as", "a", "ons", "ont"};

Person person_of(const Phrase& phrase) {
  if (phrase.pronoun >= 0) return person_of_pronoun[phrase.pronoun];
  return phrase.subject.plural ? third_plural : third;
}

bool begins_with_vowel(std::string_view word) {
  for (const std::string_view vowel : {"a", "e", "i", "o", "u", "é", "ê", "î"})
    if (word.starts_with(vowel)) return true;
  return false;
}
/// In French every h of this grammar is mute; in English each is heard.
bool begins_as_a_vowel(std::string_view french) {
  return french.starts_with("h") || begins_with_vowel(french);
}

const char* form(const Adjective& adjective, bool feminine, bool plural) {
  return adjective.french[(plural ? 2u : 0u) + (feminine ? 1u : 0u)];
}

using Words = std::vector<std::string>;

/// `negated`: it is the object of something that is not done.
void add_english(const NounPhrase& phrase, bool negated, Words& words) {
  const Noun& noun = nouns[phrase.noun];
  const std::string name = phrase.plural ? noun.english_plural : noun.english;
  const std::string next = phrase.adjective >= 0 ? adjectives[phrase.adjective].english : name;
  switch (phrase.determiner) {
    case Determiner::definite:
      words.emplace_back("the");
      break;
    case Determiner::indefinite:
      words.emplace_back(phrase.plural ? (negated ? "any" : "some") : begins_with_vowel(next) ? "an" : "a");
      break;
    case Determiner::demonstrative:
      words.emplace_back(phrase.plural ? "these" : "this");
      break;
    case Determiner::possessive:
      words.emplace_back("my");
      break;
  }
  if (phrase.adjective >= 0) words.push_back(next);
  words.push_back(name);
}

/// `vowel`: the next word begins with one. `before`: that is an adjective.
const char* french_determiner(const NounPhrase& phrase, bool vowel, bool before, bool negated) {
  const bool feminine = nouns[phrase.noun].feminine;
  switch (phrase.determiner) {
    case Determiner::definite:
      return phrase.plural ? "les" : vowel ? "l'" : feminine ? "la" : "le";
    case Determiner::indefinite:
      if (negated || (phrase.plural && before)) return vowel ? "d'" : "de";
      return phrase.plural ? "des" : feminine ? "une" : "un";
    case Determiner::demonstrative:
      return phrase.plural ? "ces" : feminine ? "cette" : vowel ? "cet" : "ce";
    case Determiner::possessive:
      break;
  }
  return phrase.plural ? "mes" : feminine && !vowel ? "ma" : "mon";
}

void add_french(const NounPhrase& phrase, bool negated, Words& words) {
  const Noun& noun = nouns[phrase.noun];
  const std::string name = phrase.plural ? noun.french_plural : noun.french;
  const Adjective* adjective = phrase.adjective >= 0 ? &adjectives[phrase.adjective] : nullptr;
  std::string kind;
  if (adjective) {
    const bool joins = adjective->before_vowel && !noun.feminine && !phrase.plural && begins_as_a_vowel(name);
    kind = joins ? adjective->before_vowel : form(*adjective, noun.feminine, phrase.plural);
  }
  const bool before = adjective && adjective->before;
  words.emplace_back(french_determiner(phrase, begins_as_a_vowel(before ? kind : name), before, negated));
  if (before) words.push_back(kind);
  words.push_back(name);
  if (adjective && !before) words.push_back(kind);
}

}  // namespace

std::span<const Noun> phrase_nouns() { return nouns; }
std::span<const Adjective> phrase_adjectives() { return adjectives; }
std::span<const Verb> phrase_verbs() { return verbs; }

std::vector<std::string> in_english(const Phrase& phrase) {
  Words words;
  const Person person = person_of(phrase);
  if (phrase.pronoun >= 0)
    words.emplace_back(pronouns[phrase.pronoun][0]);
  else
    add_english(phrase.subject, false, words);
  const bool future = phrase.tense == PhraseTense::future, past = phrase.tense == PhraseTense::past;
  if (phrase.verb < 0) {
    words.emplace_back(future ? "will" : be_english[past ? 1 : 0][person]);
    if (phrase.negated) words.emplace_back("not");
    if (future) words.emplace_back("be");
    words.emplace_back(adjectives[phrase.predicate].english);
    return words;
  }
  const Verb& verb = verbs[phrase.verb];
  if (future || phrase.negated) {
    words.emplace_back(future ? "will" : past ? "did" : person == third ? "does" : "do");
    if (phrase.negated) words.emplace_back("not");
    words.emplace_back(verb.english);
  } else {
    words.emplace_back(past ? verb.english_past : person == third ? verb.english_third : verb.english);
  }
  add_english(phrase.object, phrase.negated, words);
  return words;
}

std::vector<std::string> in_french(const Phrase& phrase) {
  Words words;
  const Person person = person_of(phrase);
  const auto tense = static_cast<size_t>(phrase.tense);
  const bool past = phrase.tense == PhraseTense::past, is = phrase.verb < 0;
  std::string verb;
  if (is)
    verb = be_french[tense][person];
  else if (past)
    verb = have_french[person];
  else if (phrase.tense == PhraseTense::present)
    verb = verbs[phrase.verb].present[person];
  else
    verb = std::string(verbs[phrase.verb].future_stem) + future_endings[person];
  const bool vowel = begins_as_a_vowel(verb);
  if (phrase.pronoun < 0)
    add_french(phrase.subject, false, words);
  else if (person == first && vowel && !phrase.negated)
    words.emplace_back("j'");
  else
    words.emplace_back(pronouns[phrase.pronoun][1]);
  if (phrase.negated) words.emplace_back(vowel ? "n'" : "ne");
  words.push_back(verb);
  if (phrase.negated) words.emplace_back("pas");
  if (is) {
    const bool she = phrase.pronoun == static_cast<int>(Pronoun::she);
    const bool feminine = phrase.pronoun >= 0 ? she : nouns[phrase.subject.noun].feminine;
    words.emplace_back(
        form(adjectives[phrase.predicate], feminine, person == first_plural || person == third_plural));
    return words;
  }
  if (past) words.emplace_back(verbs[phrase.verb].participle);
  add_french(phrase.object, phrase.negated, words);
  return words;
}

std::string in_dictionary(const std::string& english) {
  static const std::map<std::string, std::string> dictionary = [] {
    std::map<std::string, std::string> all = {
        {"the", "le"},    {"a", "un"},        {"an", "un"},   {"some", "des"}, {"any", "des"},
        {"this", "ce"},   {"these", "ces"},   {"my", "mon"},  {"not", "pas"},  {"do", "ne"},
        {"does", "ne"},   {"did", "ne"},      {"am", "suis"}, {"are", "sont"}, {"is", "est"},
        {"was", "était"}, {"were", "étaient"}};
    for (const auto& pronoun : pronouns) all[pronoun[0]] = pronoun[1];
    for (const Noun& noun : nouns) {
      all[noun.english] = noun.french;
      all[noun.english_plural] = noun.french_plural;
    }
    for (const Adjective& adjective : adjectives) all[adjective.english] = adjective.french[0];
    for (const Verb& verb : verbs) {
      all[verb.english] = all[verb.english_third] = verb.present[third];
      all[verb.english_past] = verb.participle;
    }
    return all;
  }();
  const auto found = dictionary.find(english);
  return found == dictionary.end() ? "" : found->second;
}

}  // namespace unroll
