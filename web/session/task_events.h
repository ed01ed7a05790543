// What lanes tell of tasks, read from their events (engine/lane/protocol.h). For web/session only.
#pragma once

#include <optional>

#include "web/session/session.h"

namespace unroll {

void read_task(const Json& configured, LaneView&);  ///< its task, inputs and vocabulary
std::optional<BaselineViews> read_baselines(const Json& header);
/// The lane must be configured.
std::optional<ExampleView> read_example(const Message&, const LaneView&);

}  // namespace unroll
