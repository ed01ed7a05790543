#include "web/toolkit/csv.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace unroll {
namespace {

/// The fewest digits from `digits` on that give the same number back.
template <class Number>
std::string shortest(Number value, int digits) {
  if (!std::isfinite(value)) return {};
  char text[320];
  do {
    std::snprintf(text, sizeof text, "%.*g", digits++, static_cast<double>(value));
  } while (static_cast<Number>(std::strtod(text, nullptr)) != value);
  return text;
}

}  // namespace

Csv& Csv::add(std::string_view text) {
  if (row_begun_) text_ += ',';
  row_begun_ = true;
  const bool edges = !text.empty() && (text.front() == ' ' || text.back() == ' ');
  if (!edges && text.find_first_of(",\"\r\n\t") == std::string_view::npos) {
    text_ += text;
    return *this;
  }
  text_ += '"';
  for (char c : text) {
    if (c == '"') text_ += '"';
    text_ += c;
  }
  text_ += '"';
  return *this;
}

Csv& Csv::add(float value) { return add(std::string_view(shortest(value, 6))); }
Csv& Csv::add(double value) { return add(std::string_view(shortest(value, 15))); }

void Csv::end_row() {
  text_ += "\r\n";
  row_begun_ = false;
}

}  // namespace unroll
