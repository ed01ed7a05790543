// Words as a pen writes them: the font's letters one after the other along a line.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/base/random.h"
#include "engine/tasks/pen_strokes.h"

namespace unroll {

/// English words of 3 to 6 letters a … z, sorted: those that are held out.
std::span<const std::string_view> pen_words();

/// Letters in an order in which one may find them, vowels and consonants by turns more often than not; none of pen_words().
std::string made_up_word(size_t letters, Random&);

/// `glyphs` are those of its letters. Each is drawn by a hand (drawn_by_hand) and stands where it does on its line; they are a
/// little apart, or joined where the pen is not lifted within a letter. Then the whole is slanted, rotated and widened.
/// `strength` 0: nothing but that they stand side by side.
Drawing written_by_hand(std::span<const Drawing* const> glyphs, double strength, Random&);
/// A whole that somebody wrote, changed as a hand would.
Drawing written_again(const Drawing&, double strength, Random&);

}  // namespace unroll
