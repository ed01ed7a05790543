// Which of a list of numbered things are held out: one of every ten in a row, for all seeds alike.
#pragma once

#include <cstdint>

#include "engine/base/random.h"

namespace unroll {

/// The one that is held out of 10·block … 10·block + 9.
inline int64_t held_out_of(int64_t block) {
  constexpr uint64_t apart = uint64_t{1} << 41;  // from the numbers of held-out sequences
  Random random(0, random_stream::task_held_out, apart + static_cast<uint64_t>(block));
  return 10 * block + random.below(10);
}
inline bool is_held_out(int64_t number) { return held_out_of(number / 10) == number; }

}  // namespace unroll
