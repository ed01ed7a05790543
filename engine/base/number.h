// Numbers as people write and read them: one reader for every flag and every field, one writer for every message.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/json.h"

namespace unroll {

/// What may stand at some place; both ends are allowed.
struct Range {
  double minimum, maximum;
  bool whole = false;  ///< no fractions

  bool holds(double number) const;  ///< never what is not finite
  bool holds(const Json&) const;    ///< likewise; numbers only, and integers without rounding
  std::string text() const;         ///< "0 to 5", "whole numbers from 1 to 64"
};

/// A number as JSON's integer or float: an optional sign, digits with or without a point, an optional exponent, as in
/// 12, -0.5, .5, 5., +1e-3, 007. Nothing for everything else, so also for white space around it, hexadecimal numbers,
/// words like nan, and what is too large for a double.
std::optional<Json> read_number(std::string_view text);

/// A number for people, in plain digits where that is readable: 3, 0.000001, 9007199254740992; never 3.0.
std::string shown(double number);
std::string shown(const Json& number);  ///< integers without rounding

/// So many of something: "1 line", "3 lines".
std::string counted(size_t count, std::string_view one, std::string_view many);

/// "found 9000": a value in a message, short whatever it is.
std::string found(const Json& value);

}  // namespace unroll
