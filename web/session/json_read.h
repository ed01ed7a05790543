// Fields of JSON objects from outside the front end (events, the index of examples), read with care: a field that is
// missing or of another type gives what is said here, and so does everything that is no object.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "engine/base/json.h"

namespace unroll::read {

/// Of a number that is not there.
inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

const Json* field(const Json& object, const char* key);  ///< nullptr when there is none
double number(const Json& object, const char* key, double otherwise = 0);
int64_t integer(const Json& object, const char* key, int64_t otherwise = 0);
size_t count(const Json& object, const char* key);  ///< else 0, also for negative numbers
bool boolean(const Json& object, const char* key);  ///< else false
std::string text(const Json& object, const char* key);
/// A list of numbers, NaN for what is none; else empty.
std::vector<double> numbers(const Json& object, const char* key);
/// A list that holds nothing but texts; else empty.
std::vector<std::string> texts(const Json& object, const char* key);

}  // namespace unroll::read
