#include "web/views/cell/worked_out.h"

#include <algorithm>
#include <cmath>

namespace unroll {
namespace {

constexpr int fewest_digits = 3, most_digits = 7;

/// Decimals of a result: three, or fewer for large values.
int result_digits(double value) {
  const double size = std::abs(value);
  return size < 1.9995 ? 3 : size < 19.995 ? 2 : 1;
}

CellFormulas::Row rows_of(const CellNumbers& reading, size_t unit) {
  return [&reading, unit](std::string_view name) {
    const auto row = reading.row(name);
    return unit < row.size() ? static_cast<double>(row[unit]) : CellFormulas::none;
  };
}

}  // namespace

const CellFormulas& formulas_of(const CellNumbers& reading) { return formulas_of(graph_of(reading.spec)); }

double value_of(const CellNumbers& reading, const Quantity& quantity, size_t unit) {
  return reading.ready() ? formulas_of(reading).value(quantity.node, rows_of(reading, unit))
                         : CellFormulas::none;
}

std::vector<float> values_of(const CellNumbers& reading, const Quantity& quantity) {
  const auto own = reading.row(quantity.id);
  if (!own.empty()) return {own.begin(), own.end()};
  std::vector<float> values(reading.hidden());
  for (size_t unit = 0; unit < values.size(); ++unit)
    values[unit] = static_cast<float>(value_of(reading, quantity, unit));
  return values;
}

WorkedOut work_out(const CellNumbers& reading, const Quantity& quantity) {
  const auto unit = static_cast<size_t>(reading.unit);
  WorkedOut out{"", "", value_of(reading, quantity, unit)};
  const int result = result_digits(out.value);
  out.result = decimals(out.value, result);
  if (!quantity.worked || !reading.ready()) return out;
  for (int digits = fewest_digits; digits <= most_digits; ++digits) {
    double of_shown = 0;
    std::tie(out.numbers, of_shown) =
        formulas_of(reading).with_numbers(quantity, rows_of(reading, unit), digits);
    if (decimals(of_shown, result) == out.result) break;
  }
  return out;
}

}  // namespace unroll
