// Symbols that are no characters: words, classes, numbers. A network reads one of them where it reads one character of a
// text, so whatever shows a character can show it. Each distinct name has a code beyond Unicode, the same as long as
// the program runs, which draw_symbol and symbol_name know; a name that is one character is that character.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace unroll {

char32_t symbol_of(std::string_view name);  ///< UTF-8
/// Numbers that are read together, the first two told: ".83", "−1.2 1".
char32_t symbol_of(std::span<const float> numbers);

inline bool is_named(char32_t symbol) { return symbol > 0x10ffff; }
/// The name, or the character as UTF-8: for tables and published states, not for people (symbol_name).
std::string symbol_text(char32_t symbol);
std::string symbol_texts(std::u32string_view symbols);  ///< one after the other; after a name stands a space

}  // namespace unroll
