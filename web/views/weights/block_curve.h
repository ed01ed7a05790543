// How one parameter block learned over training, read from the events `block_history` and `blocks`. Draws nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "web/session/session.h"

namespace unroll {

struct CurvePoint {
  int64_t step = 0;
  float weights = 0, gradient = 0, ratio = 0;  ///< as in BlockNorms
};

/// The recorded steps, increasing; empty when the event does not know the block.
std::vector<CurvePoint> recorded_curve(const Answer& history, const std::string& block);
/// The same, and after them the last step that `blocks` told of, where that is a later one.
std::vector<CurvePoint> live_curve(const Answer& history, const Answer& blocks, const std::string& block);
/// The point whose step is nearest; null when there is none.
const CurvePoint* nearest_point(const std::vector<CurvePoint>&, double step);

/// "too fast", "too slow", or empty: healthy, or no ratio is known.
const char* verdict(double ratio);

/// A line for each recorded step, the numbers of all blocks beside each other.
std::string block_history_csv(const Answer& history);

}  // namespace unroll
