// Single-stroke letters and digits of our own, in six styles: glyphs to draw, as a person of that style would.
#pragma once

#include <span>

namespace unroll {

/// The styles, each a way to write all of them: as school teaches it, without lifting the pen, with loops, as a plotter, as in
/// books, and an italic hand.
inline constexpr const char* pen_styles[] = {"print", "joined", "looped", "plotter", "book", "italic"};
inline constexpr int pen_style_count = 6;
inline constexpr const char* pen_style_notes[] = {
    "as school teaches it: bowls and sticks", "each letter in one go where that can be",
    "with loops, from the base line up",      "corners, as a plotter draws",
    "as in books, with feet and two storeys", "slanted and narrow"};
static_assert(sizeof pen_style_notes == sizeof pen_styles);

struct PenGlyph {
  char name;                             ///< 'a' … 'z', '0' … '9'
  const char* strokes[pen_style_count];  ///< read_drawing's text, of each style
};
/// The lower-case letters in their order, or the digits. In hundredths of what is between the ascender and the base line:
/// x height from 40 to 100, descenders to 140.
std::span<const PenGlyph> pen_letters();
std::span<const PenGlyph> pen_digits();

}  // namespace unroll
