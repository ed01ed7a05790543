#include "engine/probes/measures.h"

#include <algorithm>
#include <cmath>

namespace unroll {

Saturation saturation(std::span<const float> values, size_t hidden) {
  Saturation result{.closed = std::vector<float>(hidden), .open = std::vector<float>(hidden)};
  const size_t N = hidden ? values.size() / hidden : 0;
  const float share = 1.0f / static_cast<float>(std::max<size_t>(N, 1));
  for (size_t n = 0; n < N; ++n)
    for (size_t j = 0; j < hidden; ++j) {
      const float value = values[n * hidden + j];
      if (value < 0.1f) result.closed[j] += share;
      if (value > 0.9f) result.open[j] += share;
    }
  return result;
}

void find_horizon(MemoryHorizon& horizon) {
  constexpr double threshold = 0.01;
  // The last lag at or above the threshold, and the place between it and the next one where the line crosses
  // it.
  size_t last = horizon.influence.size();
  while (last > 0 && horizon.influence[last - 1] < threshold) --last;
  horizon.reached = last < horizon.influence.size();
  horizon.characters = last == 0 ? 0.0 : static_cast<double>(last - 1);
  if (horizon.reached && last > 0) {
    const double above = std::log(horizon.influence[last - 1]),
                 below = std::log(std::max(horizon.influence[last], 1e-30));
    horizon.characters += (above - std::log(threshold)) / (above - below);
  }
}

}  // namespace unroll
