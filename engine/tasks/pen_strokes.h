// Drawings as a pen leaves them: strokes of points; what a network reads of one, and what a hand may make of a glyph. Only
// + − × ÷ √ in double precision: the same numbers on every machine. y goes down.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/random.h"

namespace unroll {

struct PenPoint {
  double x, y;
};
using Stroke = std::vector<PenPoint>;
using Drawing = std::vector<Stroke>;

/// Points "x y", whole numbers from 0; ";" lifts the pen: "50 0 50 100 ; 0 50 100 50" is a cross. Whatever else stands there
/// parts numbers; a number is at most 9999, a stroke without a point is none.
Drawing read_drawing(std::string_view);

double length_of(const Stroke&);
/// `count` points, 2 or more, at equal distances along the stroke, its ends included. Without a length: its first point.
Stroke resampled(const Stroke&, size_t count);
/// Each stroke with points so far apart; one that is shorter than half of that is a dot.
Drawing resampled_by(const Drawing&, double step);
/// The box around it from (0, 0), as high as 1, or where it is wider than thrice its height as wide as 3; the aspect is kept.
Drawing fitted(const Drawing&);
/// That box: its left upper corner, and what became 1.
struct DrawingBox {
  PenPoint corner;
  double width, size;
};
DrawingBox box_of(const Drawing&);

/// What a network reads: of each point how far it lies from the one before, to the right and down, in tenths of the height,
/// and 1 where the pen came through the air, else 0. The first one lies so far from the middle of the box.
struct PenReading {
  static constexpr int numbers = 3;
  static constexpr size_t most_points = 80;
  std::vector<float> reals;    ///< (N, numbers)
  std::vector<int> stroke_of;  ///< (N), from 0
  size_t size() const { return stroke_of.size(); }
};
/// Fitted, each stroke resampled: a point for each tenth of the height, farther apart where the whole is so long that it
/// would have more than 64. What is past most_points is left out.
PenReading read_pen(const Drawing&);
/// The same of a drawing as it is: `step` in place of a tenth of the height, and the first point as far as it lies from
/// `from`.
PenReading read_pen_from(const Drawing&, PenPoint from, double step);

/// The same of a line of writing, whose letters are as large as they are beside others, however many: the unit is .7 of the
/// deviation of all heights from their mean along the line (about a quarter of a letter like x), and a point is a unit from the
/// next. The first one lies so far from the left end at the mean height. What is past most_line_points is left out.
PenReading read_pen_line(const Drawing&);
inline constexpr size_t most_line_points = 320;

/// What a hand makes of a glyph of the font, after the chain of augmentation of maslych/gesture_augmentation: noise (of the
/// glyph's points, and of each stroke's place), frame skipping, resampling, perspective with slant, rotation, scaling. Corners
/// between straight lines stay, what bends little is rounded (Chaikin 1974). `strength` 0: nothing but that.
Drawing drawn_by_hand(const Drawing& glyph, double strength, Random&);
/// What drawn_by_hand made of a glyph, moved to where the glyph stands and as large as that.
Drawing placed_as(const Drawing& glyph, const Drawing& drawn);

}  // namespace unroll
