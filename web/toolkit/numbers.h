// Numbers as people read and type them: what a field shows, and what an entered text means. Draws nothing.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace unroll::ui {

struct NumberSpec {
  double minimum, maximum;
  std::span<const double> ladder;  ///< the values that − and + step through, increasing
  bool integer;
  const char* zero = nullptr;  ///< word shown instead of 0
  const char* unit = "";       ///< appended to the shown value
};

/// The fewest digits from `digits` on that give the same number back. std::to_chars has tables for that, 145 kB, and a page
/// downloads them.
template <class Number>
std::string shortest(Number value, int digits) {
  char text[40];
  do {
    std::snprintf(text, sizeof text, "%.*g", digits, static_cast<double>(value));
  } while (static_cast<Number>(std::strtod(text, nullptr)) != value &&
           digits++ < std::numeric_limits<Number>::max_digits10);
  return text;
}

std::string number_text(double value, bool integer = false);  ///< 0.003, 1200, 3e-05: four digits
std::string count_text(double value);                         ///< 950, 12.3k, 1.20M
/// The value as a field shows it: rounded, with its unit, or the word for 0.
std::string shown_number(double value, const NumberSpec&);
/// All of its digits, as somebody would type it.
std::string typed_number(double value, const NumberSpec&);
/// "From 8 to 2048; − and + go to 8, 16, 24 …": for tool tips and screen readers.
std::string range_text(const NumberSpec&);
/// `by` rungs of the ladder up or down from a value; beyond it, by 1 where whole numbers are asked for.
double stepped(double value, const NumberSpec&, int by);

/// What somebody entered.
struct Entered {
  double value;      ///< within the range; that of before when the text is no number
  std::string note;  ///< why the value is not what was typed; empty: it is
};
/// Takes "0.5", "0,5", "1 000", "1,000", "−3", "1e-3", the unit behind it, the word for 0.
Entered enter_number(std::string_view text, double before, const NumberSpec&);

}  // namespace unroll::ui
