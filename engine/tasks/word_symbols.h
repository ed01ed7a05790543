// A text as words, for tasks that read and write word by word: in lower case, an apostrophe ends the word before it ("l'", "eau"),
// and every other mark is a symbol of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace unroll {

/// None of a text that is not UTF-8.
std::vector<std::string> split_words(std::string_view text);
/// The other way: blanks between words, but not behind an apostrophe nor before a mark that ends something.
std::string join_words(const std::vector<std::string>& words);

}  // namespace unroll
