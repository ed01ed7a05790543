// Formulas in one line, in the interface's faces: "c_{t−1}" is a c with a lowered t−1, "h_t" an h with a lowered t.
#pragma once

#include <imgui.h>

#include <string>
#include <string_view>

#include "web/toolkit/fonts.h"

namespace unroll {

float math_width(Face, std::string_view formula);
void draw_math(ImDrawList*, Face, ImVec2 at, ImU32 colour, std::string_view formula);
/// Without braces, for readers of plain text: c_t−1.
std::string plain_math(std::string_view formula);

}  // namespace unroll
