#include "web/cli/number_flags.h"

namespace unroll::cli {

Json number_of_flag(const std::string& flag, const std::string& text, const Range& range) {
  auto number = read_number(text);
  if (!number || !range.holds(*number))
    throw FlagError(unroll::Error{flag, found(number ? *number : Json(text)), "allowed: " + range.text()});
  return *number;
}

}  // namespace unroll::cli
