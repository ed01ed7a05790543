// How often each gate of each unit is nearly closed and nearly open (Karpathy, Johnson & Li 2015, figure 2), from what the
// lanes answered about the text of the timeline.
#pragma once

#include <string>
#include <vector>

#include "engine/probes/measures.h"
#include "web/app.h"

namespace unroll {

struct GateSaturation {
  size_t lane;
  std::string gate;  ///< name in the lane protocol
  Saturation shares;
};

/// Asks the lanes. Gates of a sigmoid only: i f o, r z.
void ask_gates(App&);
/// Of the last answers; the gates that are not known yet are left out.
std::vector<GateSaturation> read_gates(const App&);
std::string gates_csv(const App&);
Json gates_json(const App&);

}  // namespace unroll
