// What is drawn as one, and in which order the eye sees a line.
#include "web/toolkit/unicode.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace unroll;

namespace {

/// The clusters, with | between them.
std::u32string clusters(std::u32string_view text) {
  std::u32string result;
  for (size_t i = 0; i < text.size();) {
    const size_t end = unicode::cluster_end(text, i);
    REQUIRE(end > i);
    if (i > 0) result += U'|';
    result += text.substr(i, end - i);
    i = end;
  }
  return result;
}

/// A line as it is seen from left to right.
std::u32string seen(std::u32string_view text) {
  const bool from_right = unicode::right_to_left(text);
  const std::vector<uint8_t> levels = unicode::levels(text, from_right);
  REQUIRE(levels.size() == text.size());
  std::u32string result;
  for (size_t i : unicode::visual_order(levels))
    result += levels[i] % 2 ? unicode::mirrored(text[i]) : text[i];
  return result;
}

std::u32string reversed(std::u32string_view text) { return {text.rbegin(), text.rend()}; }

}  // namespace

TEST_CASE("unicode: clusters") {
  CHECK(clusters(U"abc") == U"a|b|c");
  CHECK(clusters(U"e\u0301a\u0308\u0323b") == U"e\u0301|a\u0308\u0323|b");
  CHECK(clusters(U"\u0301a") == U"\u0301|a");                        // nothing before it
  CHECK(clusters(U"a\n\u0301") == U"a|\n|\u0301");                   // a line break carries no accent
  CHECK(clusters(U"\u0e01\u0e33\u0e44") == U"\u0e01\u0e33|\u0e44");  // Thai: ko kai with sara am; mai malai
  CHECK(clusters(U"\u0915\u094d\u0937\u093f\u092e") == U"\u0915\u094d\u0937\u093f|\u092e");  // kṣi, ma
  CHECK(clusters(U"\u0915\u094d\u200d\u0937") == U"\u0915\u094d\u200d\u0937");
  CHECK(clusters(U"\u0915\u094d ") == U"\u0915\u094d| ");
  CHECK(clusters(U"\u0995\u094d\u0937") == U"\u0995\u094d|\u0937");  // not across scripts
  CHECK(clusters(U"\u1112\u1161\u11ab\u1100\u1173\u11af") == U"\u1112\u1161\u11ab|\u1100\u1173\u11af");
  CHECK(clusters(U"\ud55c\uae00") == U"\ud55c|\uae00");
  // A family, a thumb with a skin colour, a flag, a heart with its selector, two flags in a row.
  CHECK(clusters(U"\U0001F468\u200D\U0001F469\u200D\U0001F467x") ==
        U"\U0001F468\u200D\U0001F469\u200D\U0001F467|x");
  CHECK(clusters(U"\U0001F44D\U0001F3FD\u2764\uFE0F") == U"\U0001F44D\U0001F3FD|\u2764\uFE0F");
  CHECK(clusters(U"\U0001F1EB\U0001F1F7\U0001F1E9\U0001F1EA") ==
        U"\U0001F1EB\U0001F1F7|\U0001F1E9\U0001F1EA");
}

TEST_CASE("unicode: kinds") {
  CHECK(unicode::is_mark(0x301));
  CHECK(unicode::is_mark(0x64b));
  CHECK(unicode::is_mark(0x93f));
  CHECK(unicode::is_mark(0xe34));
  CHECK_FALSE(unicode::is_mark(U'a'));
  CHECK_FALSE(unicode::is_mark(0x5d0));
  CHECK(unicode::joins(0x628));
  CHECK_FALSE(unicode::joins(0x5d0));
  CHECK_FALSE(unicode::joins(0x660));
  CHECK(unicode::invisible(0x200d));
  CHECK(unicode::invisible(0xfe0f));
  CHECK_FALSE(unicode::invisible(0x4e2d));
}

TEST_CASE("unicode: the order of the eye") {
  const std::u32string shalom = U"שלום", olam = U"עולם", salam = U"سلام";
  CHECK(seen(U"left to right, 1 (2)") == U"left to right, 1 (2)");
  CHECK(seen(shalom + U" " + olam) == reversed(olam) + U" " + reversed(shalom));
  CHECK(seen(U"a " + shalom + U" " + olam + U" b") ==
        U"a " + reversed(olam) + U" " + reversed(shalom) + U" b");
  // A paragraph's direction is that of its first letter; numbers keep theirs.
  CHECK(seen(shalom + U" 123!") == U"!123 " + reversed(shalom));
  CHECK(seen(shalom + U" abc") == U"abc " + reversed(shalom));
  CHECK(seen(salam + U" ٤٥") == U"٤٥ " + reversed(salam));
  CHECK(seen(U"x " + salam + U" 45, 6") == U"x 6 ,45 " + reversed(salam));
  CHECK(seen(shalom + U" 1,000 " + olam) == reversed(olam) + U" 1,000 " + reversed(shalom));
  CHECK(seen(shalom + U" 50%") == U"50% " + reversed(shalom));
  // Brackets look the other way.
  CHECK(seen(shalom + U" (" + olam + U")") == U"(" + reversed(olam) + U") " + reversed(shalom));
  // Marks go with their letters.
  CHECK(seen(U"\u05d0\u05b8b") == U"b\u05b8\u05d0");
}

TEST_CASE("unicode: any text has an order that is a permutation") {
  std::u32string text;
  for (char32_t s = 0; s < 0x20000; s += 37)
    if (s < 0xd800 || s > 0xdfff) text += s;
  for (bool from_right : {false, true}) {
    const std::vector<size_t> order = unicode::visual_order(unicode::levels(text, from_right));
    std::vector<bool> found(text.size());
    for (size_t i : order) found.at(i) = true;
    CHECK(std::find(found.begin(), found.end(), false) == found.end());
  }
  size_t clusters = 0;
  for (size_t i = 0; i < text.size(); i = unicode::cluster_end(text, i)) ++clusters;
  CHECK(clusters > text.size() / 2);
}
