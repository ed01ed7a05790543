// Drawing from lists of words.
#pragma once

#include <cstddef>
#include <string_view>

#include "engine/base/random.h"

namespace unroll {

template <size_t N>
std::string_view pick(Random& random, const std::string_view (&words)[N]) {
  return words[random.below(static_cast<uint32_t>(N))];
}

}  // namespace unroll
