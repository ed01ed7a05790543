#include "engine/tasks/word_symbols.h"

#include "engine/base/utf8.h"
#include "engine/tasks/labelled_lines.h"
#include "engine/text/text_class.h"

namespace unroll {
namespace {

constexpr bool is_blank(char32_t symbol) {
  return symbol <= U' ' || symbol == 0xA0 || symbol == 0x202F || symbol == 0x3000;
}

}  // namespace

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  const auto symbols = decode_utf8_exact(lower_case(text));
  if (!symbols) return words;
  std::u32string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(encode_utf8(word));
    word.clear();
  };
  for (const char32_t symbol : *symbols) {
    const bool apostrophe = symbol == U'\'' || symbol == U'’';
    if (is_word_character(symbol)) {
      word += symbol;
    } else if (apostrophe && !word.empty()) {
      word += U'\'';
      end_word();
    } else {
      end_word();
      if (!is_blank(symbol)) words.push_back(encode_utf8(symbol));
    }
  }
  end_word();
  return words;
}

std::string join_words(const std::vector<std::string>& words) {
  constexpr std::string_view closing = ".,;:!?)";
  std::string text;
  for (const std::string& word : words) {
    const bool closes = word.size() == 1 && closing.find(word) != closing.npos;
    if (!text.empty() && text.back() != '\'' && text.back() != '(' && !closes) text += ' ';
    text += word;
  }
  return text;
}

}  // namespace unroll
