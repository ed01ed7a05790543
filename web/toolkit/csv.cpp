#include "web/toolkit/csv.h"

#include <cmath>
#include <limits>

#include "web/toolkit/numbers.h"

namespace unroll {
namespace {

template <class Number>
std::string cell_of(Number value) {
  return std::isfinite(value) ? ui::shortest(value, std::numeric_limits<Number>::digits10) : std::string();
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

Csv& Csv::add(float value) { return add(std::string_view(cell_of(value))); }
Csv& Csv::add(double value) { return add(std::string_view(cell_of(value))); }

void Csv::end_row() {
  text_ += "\r\n";
  row_begun_ = false;
}

}  // namespace unroll
