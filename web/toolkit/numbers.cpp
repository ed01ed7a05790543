#include "web/toolkit/numbers.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "engine/base/utf8.h"

namespace unroll::ui {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

std::string lowered(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

/// Whether all commas stand between groups of three digits: "12,345" and "1,234,567", not "0,125" and "12,5".
bool groups_thousands(std::string_view text) {
  const size_t first = text.find(',');
  if (first == 0 || first > 3 || text[0] == '0') return false;
  for (size_t at = first; at < text.size(); at += 4) {
    if (text[at] != ',' || text.size() - at < 4) return false;
    for (size_t i = at + 1; i < at + 4; ++i)
      if (!std::isdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

/// A comma is a decimal point unless it groups digits: of a whole number, or beside a point or another comma.
std::string without_commas(std::string text, bool integer) {
  const auto commas = std::count(text.begin(), text.end(), ',');
  if (commas == 0) return text;
  const size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  const size_t point = text.find('.');
  const std::string whole = text.substr(sign, point == std::string::npos ? point : point - sign);
  if ((integer || commas > 1 || point != std::string::npos) && groups_thousands(whole))
    std::erase(text, ',');
  else if (commas == 1 && point == std::string::npos)
    text[text.find(',')] = '.';
  return text;
}

/// Nothing when the text is no number; infinite when it is too large for one.
std::optional<double> parse(std::string_view entered, const NumberSpec& spec) {
  std::string text = lowered(entered);
  for (const char* space : {" ", "\t", "\u00a0", "\u202f", "\u2009", "_"}) replace_all(text, space, "");
  if (spec.zero && text == lowered(spec.zero)) return 0;
  if (const std::string unit = lowered(spec.unit); !unit.empty() && text.ends_with(unit))
    text.resize(text.size() - unit.size());
  replace_all(text, "\u2212", "-");
  text = without_commas(text, spec.integer);
  if (text.empty() || text.find_first_not_of("0123456789+-.e") != std::string::npos) return std::nullopt;
  char* stop = nullptr;
  const double value = std::strtod(text.c_str(), &stop);
  if (stop != text.c_str() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string number_text(double value, bool integer) {
  char text[40];
  std::snprintf(text, sizeof text, integer ? "%.0f" : "%.4g", value);
  return text;
}

std::string count_text(double value) {
  char text[40];
  if (value < 1000)
    std::snprintf(text, sizeof text, "%.0f", value);
  else if (value < 999'950)
    std::snprintf(text, sizeof text, "%.1fk", value / 1e3);
  else
    std::snprintf(text, sizeof text, "%.2fM", value / 1e6);
  return text;
}

std::string shown_number(double value, const NumberSpec& spec) {
  if (value == 0 && spec.zero) return spec.zero;
  return number_text(value, spec.integer) + spec.unit;
}

std::string typed_number(double value, const NumberSpec& spec) {
  return spec.integer ? number_text(value, true) : shortest(value, 6);
}

std::string range_text(const NumberSpec& spec) {
  const std::string unit = spec.unit;
  std::string text = (spec.integer ? "A whole number from " : "From ") + typed_number(spec.minimum, spec) +
                     " to " + typed_number(spec.maximum, spec) + unit;
  if (spec.zero && spec.minimum <= 0) text += "; 0 is “" + std::string(spec.zero) + "”";
  if (spec.ladder.empty()) return spec.integer ? text + "; steps of 1" : text;
  text += "; steps to ";
  const size_t shown = std::min<size_t>(spec.ladder.size(), 4);
  for (size_t i = 0; i < shown; ++i) text += (i ? ", " : "") + number_text(spec.ladder[i], spec.integer);
  return text + (shown < spec.ladder.size() ? " …" : "");
}

double stepped(double value, const NumberSpec& spec, int by) {
  const double slack = std::abs(value) * 1e-9 + 1e-12;
  for (; by > 0; --by) {
    const auto next =
        std::find_if(spec.ladder.begin(), spec.ladder.end(), [&](double v) { return v > value + slack; });
    value = next != spec.ladder.end() ? *next : spec.integer ? value + 1 : value;
  }
  for (; by < 0; ++by) {
    const auto next =
        std::find_if(spec.ladder.rbegin(), spec.ladder.rend(), [&](double v) { return v < value - slack; });
    value = next != spec.ladder.rend() ? *next : spec.integer ? value - 1 : value;
  }
  return std::clamp(value, spec.minimum, spec.maximum);
}

Entered enter_number(std::string_view text, double before, const NumberSpec& spec) {
  const auto number = parse(text, spec);
  const std::string typed = "“" + std::string(unroll::shortened(text, 20)) + "”";
  if (!number) return {before, typed + " is no number; it stays at " + shown_number(before, spec)};
  const double value = std::clamp(*number, spec.minimum, spec.maximum);
  if (value < *number) return {value, "at most " + typed_number(value, spec) + spec.unit + ", not " + typed};
  if (value > *number) return {value, "at least " + typed_number(value, spec) + spec.unit + ", not " + typed};
  if (!spec.integer || std::round(value) == value) return {value, ""};
  return {std::round(value),
          "only whole numbers: " + typed_number(std::round(value), spec) + ", not " + typed};
}

}  // namespace unroll::ui
