// What a network wrote with a pen, as a picture that browsers and drawing programs open.
#pragma once

#include <span>
#include <string>

#include "engine/tasks/pen_strokes.h"

namespace unroll::cli {

/// An SVG document: the letters side by side on a line, in tenths of the height between ascender and base line.
std::string handwriting_svg(std::span<const Drawing> letters);

}  // namespace unroll::cli
