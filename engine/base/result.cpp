#include "engine/base/result.h"

#include "engine/base/utf8.h"

namespace unroll {

namespace {

/// Quotations are shortened where they are made; this is for what was not.
constexpr size_t longest_part = 1000;

std::string part(const std::string& text) {
  const std::string_view start = shortened(text, longest_part);
  return readable(start) + (start.size() < text.size() ? "…" : "");
}

}  // namespace

std::string Error::text() const {
  const std::string line = where.empty() ? part(what) : part(where) + ": " + part(what);
  return hint.empty() ? line : line + " (" + part(hint) + ")";
}

}  // namespace unroll
