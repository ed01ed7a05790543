// Lines broken for the eye only: the text is the same whatever is edited.
#include "web/toolkit/soft_wrap.h"

#include <doctest/doctest.h>

#include <string>

#include "engine/base/random.h"

using namespace unroll;

namespace {

/// Eight characters a line, after a space where there is one.
size_t eight(std::string_view line) {
  size_t end = 0, after_space = 0;
  for (size_t count = 0; end < line.size(); ++count) {
    if (count == 8) return after_space ? after_space : end;
    if (line[end] == ' ') after_space = end + 1;
    ++end;
    while (end < line.size() && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) ++end;
  }
  return end;
}

std::string wrapped(std::string_view text) { return with_soft_breaks(text, eight); }

}  // namespace

TEST_CASE("soft breaks: they come and go") {
  CHECK(wrapped("one two three") == "one two \r\nthree");
  CHECK(wrapped("0123456789\n\nab") == "01234567\r\n89\n\nab");
  CHECK(wrapped("") == "");
  CHECK(wrapped("a\n") == "a\n");
  CHECK(without_soft_breaks("one two \r\nthree\nfour") == "one two three\nfour");
}

TEST_CASE("soft breaks: what an edit means") {
  const std::string before = wrapped("one two three");  // "one two \r\nthree"
  auto result = settle(before, "one two \rthree", 9);   // Backspace at the start of the second line
  CHECK(result.text == "one twothree");
  CHECK(result.cursor == 7);
  result = settle(before, "one two \nthree", 8);  // Delete at the end of the first
  CHECK(result.text == "one two hree");
  CHECK(result.cursor == 8);
  result = settle(before, "one two X\r\nthree", 9);
  CHECK(result.text == "one two Xthree");
  CHECK(result.cursor == 9);
  result = settle(before, "one two \r\n\nthree", 11);  // Enter
  CHECK(result.text == "one two \nthree");
  CHECK(result.cursor == 9);
  result = settle(before, "one ee", 4);  // a selection across the break
  CHECK(result.text == "one ee");
  CHECK(result.cursor == 4);
  result = settle("01234567\r\n\xc3\xa4\xc3\xb6", "01234567\n\xc3\xa4\xc3\xb6", 8);
  CHECK(result.text == "01234567\xc3\xb6");
}

TEST_CASE("soft breaks: typing anything anywhere is typing into the text") {
  Random random(5);
  std::string text = "a text of some words, long enough for lines";
  for (int i = 0; i < 400; ++i) {
    const std::string before = wrapped(text);
    REQUIRE(without_soft_breaks(before) == text);
    const size_t at = random.below(static_cast<uint32_t>(text.size() + 1)), place = in_wrapped(before, at);
    REQUIRE(without_soft_breaks(std::string_view(before).substr(0, place)).size() == at);
    std::string after = before, expected = text;
    if (i % 3 == 2 && at > 0) {  // Backspace: of a soft break, its \n alone
      after.erase(place - 1, 1);
      expected.erase(at - 1, 1);
    } else {
      const std::string typed = i % 3 ? "\n" : "xy ";
      after.insert(place, typed);
      expected.insert(at, typed);
    }
    const Settled result = settle(before, after, place);
    REQUIRE(result.text == expected);
    text = result.text;
  }
}
