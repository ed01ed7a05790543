// A small grammar of our own that says one thing in English and in French. What differs between the two is in it: gender and number
// of articles and adjectives, adjectives before and behind their noun, elision (l', j', n', d'), bel, vieil, nouvel, mon and cet
// before a vowel, ne … pas around the verb or its auxiliary, and de behind it in place of un and des.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

namespace unroll {

struct Noun {
  const char *english, *english_plural, *french, *french_plural;
  bool feminine;
  bool acts;  ///< it can be a subject
};

struct Adjective {
  const char* english;
  std::array<const char*, 4> french;  ///< masculine, feminine, their plurals
  bool before;                        ///< in French it stands before its noun
  const char* before_vowel =
      nullptr;  ///< masculine, before a noun that begins with a vowel; null: as elsewhere
};

struct Verb {
  const char *english, *english_third, *english_past;
  std::array<const char*, 5> present;    ///< in French, of the five persons
  const char *future_stem, *participle;  ///< the past is built with avoir
};

std::span<const Noun> phrase_nouns();
std::span<const Adjective> phrase_adjectives();
std::span<const Verb> phrase_verbs();

/// As subjects they follow the nouns in number.
enum class Pronoun { i, you, he, she, we, they };
inline constexpr int pronoun_count = 6;
enum class Determiner { definite, indefinite, demonstrative, possessive };
inline constexpr int determiner_count = 4;
enum class PhraseTense { present, past, future };
inline constexpr int tense_count = 3;

struct NounPhrase {
  int noun = 0, adjective = -1;  ///< −1: none
  Determiner determiner = Determiner::definite;
  bool plural = false;
};

/// Somebody does something with something, or something is of some kind.
struct Phrase {
  int pronoun = -1;  ///< −1: `subject` is the subject
  NounPhrase subject;
  int verb = -1;      ///< −1: to be, and `predicate` follows
  int predicate = 0;  ///< an adjective
  NounPhrase object;
  PhraseTense tense = PhraseTense::present;
  bool negated = false;
};

/// Word by word; "l'" is a word.
std::vector<std::string> in_english(const Phrase&);
std::vector<std::string> in_french(const Phrase&);
/// What a dictionary gives for an English word, whatever stands beside it; empty: nothing.
std::string in_dictionary(const std::string& english);

inline constexpr int longest_english = 9, longest_french = 10;  ///< words

}  // namespace unroll
