// Pointer, touch, wheel and keyboard of the canvas, as events of Dear ImGui.
#pragma once

#include "web/platform/pace.h"

namespace unroll::platform {

/// Every event is noted in the pace, which outlives the program.
void listen_for_input(Pace&);

}  // namespace unroll::platform
