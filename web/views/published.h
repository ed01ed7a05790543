// Numbers in the published state (View::publish): what is not finite is null.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>

#include "engine/base/json.h"

namespace unroll {

inline Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

/// To six decimals, for long lists: it is written several times a second.
inline Json rounded_or_null(float value) {
  return number_or_null(std::round(static_cast<double>(value) * 1e6) / 1e6);
}

/// At most this many numbers of a list are published.
inline constexpr size_t most_published = 400;
inline Json list_json(std::span<const float> list) {
  Json values = Json::array();
  for (float value : list.first(std::min(list.size(), most_published)))
    values.push_back(rounded_or_null(value));
  return values;
}

}  // namespace unroll
