// What has to be known of characters to draw a text of any script: which code points are drawn as one, which letters
// join within a word, what runs from right to left. After Unicode 14, UAX #29 (grapheme clusters) and UAX #9 (the
// bidirectional algorithm, without its explicit marks: those are for documents, and a learned text has them shown).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace unroll::unicode {

bool is_mark(char32_t);  ///< drawn on the letter before it: accents, vowel signs (categories Mn, Me, Mc)
bool joins(
    char32_t);  ///< a letter of a cursive script (Arabic, Syriac, …), whose form depends on its neighbours
bool invisible(
    char32_t);  ///< only has an effect on others: joiners, direction marks, variation selectors, tags

/// The end of the grapheme cluster that begins at `begin`: accents with their letter, a sequence of emoji, a syllable of
/// Hangul letters, a conjunct of Devanagari and its relatives.
size_t cluster_end(std::u32string_view, size_t begin);

/// Whether the paragraph runs from right to left: its first letter with a direction says it.
bool right_to_left(std::u32string_view paragraph);

/// The embedding level of each code point of a paragraph: odd = from right to left.
std::vector<uint8_t> levels(std::u32string_view paragraph, bool right_to_left);

/// Items of one line from left to right, given their levels in the order of the text: indices into `levels`.
std::vector<size_t> visual_order(const std::vector<uint8_t>& levels);

/// Brackets and their like look the other way within a text that runs from right to left.
char32_t mirrored(char32_t);

}  // namespace unroll::unicode
