// The learner's text on screen. As symbols, in cells: every code point, which is what a network reads, gets a visible
// mark; space is an open box, a line break an arrow, a combining mark stands on a dotted circle. As lines: a text as
// its readers write it, accents on their letters, words joined, from right to left where it runs so. The monospaced face
// draws what it has, the system's fonts the rest (web/toolkit/glyph_atlas.h); a frame with its code point stands for
// what no font has and for what is invisible.
#pragma once

#include <imgui.h>

#include <string>
#include <string_view>
#include <vector>

#include "web/toolkit/colour.h"
#include "web/toolkit/fonts.h"

namespace unroll {

/// One symbol centred in the cell.
void draw_symbol(ImDrawList*, ImVec2 cell_min, ImVec2 cell_size, char32_t symbol, Rgb colour,
                 float opacity = 1.0f);

/// How wide a cell must be in which each of them can be read, words and numbers among them (named_symbols.h): between these.
float symbols_width(std::u32string_view, float least, float most);

/// For messages and readouts: a, space, newline, tab, U+4E2D.
std::string symbol_name(char32_t symbol);
/// Within a sentence: ‘a’, space, newline.
std::string quoted_name(char32_t symbol);

// --- Lines of text of any script ----------------------------------------------------------------------------------

/// What is drawn as one: a symbol, a grapheme cluster, a word of a cursive script.
struct Piece {
  size_t begin, end;        ///< in the text
  float x = 0, width = 0;   ///< from the line's left end
  bool from_right = false;  ///< stands in a text that runs from right to left
};
struct TextLine {
  size_t begin = 0, end = 0;  ///< in the text, without the line break
  float width = 0;
  bool from_right = false;         ///< of a paragraph that runs from right to left
  std::vector<Piece> pieces = {};  ///< from left to right, as the eye sees them
  /// Where the line begins in a column of this width.
  float indent(float room) const { return from_right && room > width ? room - width : 0; }
};

/// Lines of at most `width`: broken at line breaks, else after the last space or ideograph, else hard. Pictures that are
/// still to be drawn take one em.
std::vector<TextLine> lay_out(std::u32string_view text, float width, Face = Face::mono);
/// A line in a column from `at` (its top left corner), `room` wide. `text` is what lay_out was given. Spaces are blank.
void draw_line(ImDrawList*, ImVec2 at, float room, std::u32string_view text, const TextLine&, Rgb colour,
               float opacity = 1.0f, Face = Face::mono);
/// A piece of a line that begins at `at`.
void draw_piece(ImDrawList*, ImVec2 at, std::u32string_view text, const Piece&, Rgb colour,
                float opacity = 1.0f, Face = Face::mono);

float line_height();  ///< of monospaced text

/// UTF-8 of our own making (lane events, valid texts) to code points; invalid bytes become U+FFFD.
std::u32string to_symbols(std::string_view utf8);

}  // namespace unroll
