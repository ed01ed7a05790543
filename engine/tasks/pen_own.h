// Drawings of one's own with what they are, as data.text holds them: a line NAME, a tab, and the points as read_drawing
// reads them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/tasks/pen_strokes.h"

namespace unroll {

struct NamedDrawing {
  std::string name;
  Drawing drawing;  ///< fitted, its points `pitch` apart
};

inline constexpr size_t most_own_drawings = 1000, most_own_names = 100,
                        longest_own_name = 24;  // the last in bytes

/// Of the height: about what is between two points of a glyph's bow in the font.
inline constexpr double glyph_pitch = 0.15;

/// Empty lines are none. Errors name the line: no tab, no name, one that is too long, nothing drawn, too many.
Result<std::vector<NamedDrawing>> read_named_drawings(std::string_view text, double pitch = glyph_pitch);

}  // namespace unroll
