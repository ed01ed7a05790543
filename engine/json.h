// JSON from outside, read without exceptions: limited depth, no key twice in one object, errors with line and
// column.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "engine/result.h"

namespace unroll {

using Json = nlohmann::json;

/// The document, or an error whose `where` is empty (the caller knows what it was reading).
Result<Json> parse_json(std::string_view text, size_t max_depth = 8);

/// A number for people: 3, not 3.0; else as in JSON.
std::string shown(double number);

}  // namespace unroll
