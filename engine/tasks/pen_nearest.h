// Whole drawings compared with each other, for baselines that need no network: as one stroke of points that are equally far
// apart, the ways through the air included, its middle at 0.
#pragma once

#include <span>

#include "engine/tasks/pen_strokes.h"

namespace unroll {

/// Of what is read of a drawing (PenReading::reals).
Stroke compared_path(std::span<const float> reals, size_t points);

/// A single glyph is compared by so many points, of which one may be so many ahead of the other.
inline constexpr size_t glyph_points = 24, glyph_band = 5;

/// Of two of as many points: Σ of squared distances, point by point ($1 recogniser: Wobbrock, Wilson & Li 2007).
double distance_by_points(const Stroke&, const Stroke&);
/// The same where one may be up to so many points ahead of the other: dynamic time warping (Sakoe & Chiba 1978), symmetric.
double distance_by_warping(const Stroke&, const Stroke&, size_t most_warped);

}  // namespace unroll
