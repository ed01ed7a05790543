// What the memory view shows, from what the lanes answered: a pure reading, shared with its
// table and its published state. `here`: of the chosen character alone, not the average over many.
#pragma once

#include <string>
#include <vector>

#include "web/app.h"

namespace unroll {

struct LaneMemory {
  std::vector<float> shares;  ///< by lag: influence of the state there, as a share of that at lag 0
  double horizon = 0;         ///< characters until it stays below 1%; 0: not known yet
  bool reached = false;       ///< false: still above 1% at the last lag
  std::vector<float> here;    ///< by lag, for the chosen character
};

/// Asks the lanes for what is shown and reads their last answers, one entry a lane.
std::vector<LaneMemory> measure_memory(App&, bool here);
/// The last answers alone.
std::vector<LaneMemory> read_memory(const App&, bool here);
/// A line for each lag: the share of each lane.
std::string memory_csv(const App&, bool here);
Json memory_json(const App&, bool here);

}  // namespace unroll
