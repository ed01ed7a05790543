// Drawings made of strokes, as small pictures.
#pragma once

#include <imgui.h>

#include <span>
#include <vector>

#include "web/toolkit/colour.h"

namespace unroll {

/// Points that follow each other, three numbers each: how far it lies from the one before, to the right and down, and 1 where
/// the pen came through the air. As large as the box allows, the aspect kept, in its middle. `colours`: of each point, for
/// the line that leads to it.
void draw_strokes(ImDrawList*, ImVec2 min, ImVec2 size, std::span<const float> points,
                  std::span<const Rgb> colours, float thick);

/// Where a mixture of normal densities (engine/base/mixture.h) holds a point likely: ellipses of one deviation, the darker the
/// larger their share. `origin` is where its coordinates begin, `scale` the pixels of a unit.
void draw_mixture(ImDrawList*, ImVec2 origin, float scale, std::span<const float> outputs, double bias,
                  Rgb colour);

}  // namespace unroll
