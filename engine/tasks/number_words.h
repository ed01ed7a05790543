// Numbers in words, by the rules of the languages. Between the words stands what is written there, a blank or a hyphen, or
// '|' where they are written as one.
#pragma once

#include <string>

namespace unroll {

enum class Language { english, french, german };

/// 0 to 999,999. English without "and": "one hundred one". French with the traditional hyphens, below a hundred and not
/// around "et". German with "ein" before hundert and tausend.
///   73: "seventy-three"   "soixante-treize"   "drei|und|siebzig"
std::string number_words(Language language, int number);

}  // namespace unroll
