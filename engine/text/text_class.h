// Kinds of characters, for what is measured on texts: simple ranges instead of Unicode's tables, good for the
// scripts of most texts. Letters are A to Z, a to z and everything from À on but × ÷ and the punctuation and
// symbols of U+2000 … U+2BFF and U+3000 … U+303F. Upper case has A to Z, À to Þ but ×, Α to Ω and Ѐ to Я.
#pragma once

namespace unroll {

constexpr bool is_between(char32_t symbol, char32_t first, char32_t last) {
  return symbol >= first && symbol <= last;
}
constexpr bool is_digit(char32_t symbol) { return is_between(symbol, U'0', U'9'); }
constexpr bool is_letter(char32_t symbol) {
  if (symbol < 0xC0) return is_between(symbol, U'A', U'Z') || is_between(symbol, U'a', U'z');
  return symbol != 0xD7 && symbol != 0xF7 && !is_between(symbol, 0x2000, 0x2BFF) &&
         !is_between(symbol, 0x3000, 0x303F);
}
constexpr bool is_upper_case(char32_t symbol) {
  return is_between(symbol, U'A', U'Z') || (is_between(symbol, 0xC0, 0xDE) && symbol != 0xD7) ||
         is_between(symbol, 0x391, 0x3A9) || is_between(symbol, 0x400, 0x42F);
}
constexpr bool is_word_character(char32_t symbol) {
  return is_letter(symbol) || is_digit(symbol) || symbol == U'_';
}

}  // namespace unroll
