// Numbers as people write them, with marks between thousands and either decimal mark (series_csv.h).
#include <algorithm>
#include <array>
#include <limits>

#include "engine/base/number.h"
#include "engine/tasks/series_csv.h"
#include "engine/text/text_class.h"

namespace unroll {

namespace {

/// Removes one of the words at the front or the back; true if there was one.
template <size_t n>
bool remove_one(std::string_view& text, const std::array<std::string_view, n>& words, bool front) {
  for (const std::string_view word : words) {
    if (front ? text.starts_with(word) : text.ends_with(word)) {
      front ? text.remove_prefix(word.size()) : text.remove_suffix(word.size());
      return true;
    }
  }
  return false;
}

constexpr std::array<std::string_view, 4> blanks{" ", "\t", "\xc2\xa0", "\xe2\x80\xaf"};
constexpr std::array<std::string_view, 7> units{"$",        "%",   "\xe2\x82\xac", "\xc2\xa3",
                                                "\xc2\xa5", "EUR", "USD"};
// Between thousands, beside the mark that is not the decimal one: blanks and apostrophes.
constexpr std::array<std::string_view, 5> group_marks{" ", "\xc2\xa0", "\xe2\x80\xaf", "'", "\xe2\x80\x99"};

void trim(std::string_view& text) {
  while (remove_one(text, blanks, true)) {
  }
  while (remove_one(text, blanks, false)) {
  }
}

bool says_missing(std::string_view text) {
  static constexpr std::string_view words[] = {
      "na",      "n/a",          "#n/a",         "nan",         "-nan", "null",    "nil",
      "none",    "missing",      "n.a.",         "k.a.",        "-",    "--",      "---",
      ".",       "..",           "...",          "?",           "*",    "#value!", "#ref!",
      "#div/0!", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\xa6"};
  if (text.size() > 8) return false;
  std::string small;
  for (const char c : text) small += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return std::ranges::find(words, small) != std::end(words);
}

}  // namespace

std::optional<double> read_cell_number(std::string_view text, char decimal) {
  trim(text);
  if (text.empty() || says_missing(text)) return std::numeric_limits<double>::quiet_NaN();
  if (text.size() > 64) return std::nullopt;
  bool negative = false;
  if (text.front() == '(' && text.back() == ')' && text.size() > 2) {  // as accountants write it
    negative = true;
    text = text.substr(1, text.size() - 2);
  }
  static constexpr std::array<std::string_view, 3> signs{"-", "+", "\xe2\x88\x92"};
  const auto read_sign = [&] {
    trim(text);
    const char first = text.empty() ? '\0' : text.front();
    if (!remove_one(text, signs, true)) return false;
    if (first != '+') negative = !negative;
    trim(text);
    return true;
  };
  const bool has_sign = read_sign();
  if (remove_one(text, units, true)) {
    if (!has_sign) read_sign();
  }
  trim(text);
  remove_one(text, units, false);
  trim(text);

  // Digits in groups, then the decimal mark and digits, then an exponent.
  std::string plain;
  std::string_view group_mark;
  size_t group = 0, groups = 0;
  while (!text.empty()) {
    if (is_digit(text.front())) {
      plain += text.front();
      text.remove_prefix(1);
      ++group;
      continue;
    }
    const std::string_view before = text;
    const std::array<std::string_view, 1> other{decimal == ',' ? "." : ","};
    if (!remove_one(text, other, true) && !remove_one(text, group_marks, true)) break;
    const std::string_view mark = before.substr(0, before.size() - text.size());
    if (groups == 0 ? group < 1 || group > 3 : group != 3 || mark != group_mark) return std::nullopt;
    group_mark = mark;
    ++groups;
    group = 0;
  }
  if (groups > 0 && group != 3) return std::nullopt;
  if (!text.empty() && text.front() == decimal) {
    plain += '.';
    text.remove_prefix(1);
    while (!text.empty() && is_digit(text.front())) {
      plain += text.front();
      text.remove_prefix(1);
    }
  }
  if (plain.empty()) return std::nullopt;
  plain += text;  // an exponent, or what is no number
  if (!text.empty() && text.front() != 'e' && text.front() != 'E') return std::nullopt;
  const auto number = read_number(plain);
  if (!number) return std::nullopt;
  return negative ? -number->get<double>() : number->get<double>();
}

const char* mark_name(char mark) {
  switch (mark) {
    case ',':
      return "comma";
    case ';':
      return "semicolon";
    case '\t':
      return "tab";
    case '|':
      return "bar";
    case ' ':
      return "blank";
    case '.':
      return "point";
    case '\'':
      return "apostrophe";
    default:
      return "none";
  }
}

}  // namespace unroll
