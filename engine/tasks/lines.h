// What all readers of texts of lines share: labelled sentences, pairs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace unroll {

/// Without blanks, tabs and ends of lines at both ends.
inline std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const size_t begin = text.find_first_not_of(blanks);
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// `take(line, number)` for each line, its end taken off, from 1; an empty line behind the last end is none. Stops where it
/// gives false.
template <class Take>
void for_each_line(std::string_view text, const Take& take) {
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!take(line, number)) return;
  }
}

inline Error at_line(size_t line, std::string what, std::string hint) {
  return {"line " + std::to_string(line), std::move(what), std::move(hint)};
}

/// The same as an error of an experiment's data.
inline Error in_data_text(const Error& error) {
  return {"data.text" + (error.where.empty() ? "" : ", " + error.where), error.what, error.hint};
}

/// Whether number `n` of a list is among the `share` that is held out, spread evenly over it.
inline bool is_of_share(size_t n, double share) {
  const auto before = [&](size_t count) {
    return static_cast<int64_t>(static_cast<double>(count) * share + 1e-9);
  };
  return before(n + 1) > before(n);
}

}  // namespace unroll
