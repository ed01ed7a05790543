// How often each gate of each unit is nearly closed and nearly open (Karpathy, Johnson & Li 2015, figure 2), from what the
// lanes answered about the text of the timeline.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/probes/measures.h"
#include "web/app.h"

namespace unroll {

struct GateSaturation {
  size_t lane;
  std::string gate;  ///< name in the lane protocol
  Saturation shares;
};

/// The equations of a cell that are a sigmoid, at most as many as a lane answers at once: i f o of an lstm, r z of a gru.
std::vector<std::string> sigmoid_gates(const LaneSpec&);
/// "f: forget gate", as the cell's file calls it.
std::string gate_title(const LaneSpec&, std::string_view gate);
/// Asks the lanes for these.
void ask_gates(App&);
/// Of the last answers; the gates that are not known yet are left out.
std::vector<GateSaturation> read_gates(const App&);
std::string gates_csv(const App&);
Json gates_json(const App&);

}  // namespace unroll
