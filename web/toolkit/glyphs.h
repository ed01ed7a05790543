// Symbols of the learner's text on screen: every code point gets a visible mark. Space is an open box, a line break an
// arrow, what the font lacks a frame with its code point. All are drawn in the monospaced face, in cells of one width.
#pragma once

#include <imgui.h>

#include <string>
#include <string_view>
#include <vector>

#include "web/toolkit/colour.h"

namespace unroll {

/// One symbol centred in the cell.
void draw_symbol(ImDrawList*, ImVec2 cell_min, ImVec2 cell_size, char32_t symbol, Rgb colour,
                 float opacity = 1.0f);

/// A line of symbols from `at`, each one advance wide; spaces are left blank unless `marks`.
void draw_symbols(ImDrawList*, ImVec2 at, std::u32string_view, Rgb colour, float opacity = 1.0f,
                  bool marks = false);

/// For messages and readouts: a, space, newline, tab, U+4E2D.
std::string symbol_name(char32_t symbol);
/// Within a sentence: ‘a’, space, newline.
std::string quoted_name(char32_t symbol);

/// Where a text breaks into lines of at most `columns` cells: at line breaks, else after the last space, else hard.
struct Line {
  size_t begin, end;  ///< without the line break
};
std::vector<Line> wrap(std::u32string_view text, int columns);

float line_height();  ///< of monospaced text

/// UTF-8 of our own making (lane events, valid texts) to code points; invalid bytes become U+FFFD.
std::u32string to_symbols(std::string_view utf8);

}  // namespace unroll
