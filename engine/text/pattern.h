// Regular expressions on code points, for texts and patterns of people: no pattern takes longer than its size
// times the text's length, and none can hang or overflow the stack. (std::regex can do both, and it reports
// errors by exceptions, which the engine is built without.) Matches are leftmost and longest, as POSIX has it.
//   literals, . (all but the line break), [abc] [a-z] [^…], ( ) and (?: ) for grouping, |
//   * + ? {m} {m,} {m,n}                        always as much as possible
//   \d \w \s \D \W \S \n \t \b, and \ before punctuation for the character itself
//   ^ $ before and after a line; \b between a character of \w and one that is none
// \w is a letter (see text_class.h), a digit or _; \d is 0 … 9; \s a blank, tab or line break.
// The method: a nondeterministic automaton (Thompson 1968), run once backwards to learn from where the end of
// a match can be reached, and once forwards only where it can, so that no character is read in vain.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace unroll {

class Pattern {
 public:
  static constexpr size_t longest = 200;            ///< characters of a pattern
  static constexpr size_t most_instructions = 500;  ///< a character is one; after {m,n} was written out
  static constexpr size_t most_repeats = 100;       ///< of {m,n}

  /// Errors name the position in the pattern, counted from 1, what stands there and what is allowed.
  static Result<Pattern> parse(std::u32string_view pattern);

  /// 1 for every character of `text` that is inside a match, else 0. Matches do not overlap: the next one is
  /// looked for after the end of the last.
  std::vector<uint8_t> inside_matches(std::u32string_view text) const;

 private:
  friend class PatternParser;

  /// Part of a set: the characters first … last, or those of \d, \w, \s (`named`) or all others (`negated`).
  struct Item {
    char32_t first = 0, last = 0;
    char named = 0;
    bool negated = false;
  };
  struct Set {
    std::vector<Item> items;
    bool negated = false;
    bool has(char32_t symbol) const;
  };
  /// Goes on at itself + next; a fork at itself + other too.
  struct Instruction {
    enum class Kind : uint8_t { character, jump, fork, line_begin, line_end, word_edge, match };
    Kind kind = Kind::match;
    int set = 0;  ///< character: one of sets_
    int next = 1, other = 0;
  };
  class Run;

  std::vector<Set> sets_;
  std::vector<Instruction> program_;
};

}  // namespace unroll
