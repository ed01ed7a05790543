#include "web/session/history.h"

#include <algorithm>
#include <cmath>

namespace unroll {

void LossHistory::clear(int64_t first_step) {
  *this = LossHistory();
  first = first_step;
}

void LossHistory::append(int64_t from, std::span<const float> rows) {
  if (rows.size() < 2) return;
  if (from != last() + 1) clear(from);
  for (size_t i = 0; i + 1 < rows.size(); i += 2) {
    const float value = rows[i];
    const float share = std::max(2.0f / (static_cast<float>(loss.size()) + 2.0f), slowest);
    const float before = smooth.empty() ? value : smooth.back();
    smooth.push_back(std::isfinite(value) ? before + share * (value - before) : before);
    loss.push_back(value);
    grad_norm.push_back(rows[i + 1]);
  }
}

Extent extent_of(std::span<const float> values) {
  Extent extent{values.front(), values.front(), values.back()};
  for (float value : values) {
    extent.low = std::min(extent.low, value);
    extent.high = std::max(extent.high, value);
  }
  return extent;
}

}  // namespace unroll
