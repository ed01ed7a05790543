// Large opaque rectangles, filled by clearing. Where no graphics processor helps, a pixel costs there a small part of
// what it costs in a textured, blended triangle, and the time that drawing takes is taken from the lanes.
#pragma once

#include <imgui.h>

#include "web/toolkit/colour.h"

namespace unroll {

/// Fills a rectangle (screen coordinates) with corners of this radius, within the draw list's clip rectangle.
void fill_surface(ImDrawList*, ImVec2 min, ImVec2 max, float radius, Rgb);

}  // namespace unroll
