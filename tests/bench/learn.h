// The same check that every peer of the benchmark passes: training on one batch again and again, its loss falls.
#pragma once

#include <span>
#include <string_view>

namespace unroll::bench {

/// words: CELL HIDDEN V B T STEPS RATE, then B·T input ids and B·T target ids, stream by stream. Prints {"losses":[…]};
/// returns the exit status.
int learn(std::span<const std::string_view> words);

}  // namespace unroll::bench
