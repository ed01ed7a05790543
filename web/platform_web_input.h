// Pointer, touch, wheel and keyboard of the canvas, as events of Dear ImGui.
#pragma once

namespace unroll::platform {

void listen_for_input();
/// After input a few frames are drawn, so that Dear ImGui settles. True while one is still due; counts it.
bool take_settling_frame();

}  // namespace unroll::platform
