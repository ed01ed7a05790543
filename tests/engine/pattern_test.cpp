#include "engine/text/pattern.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "engine/text/text.h"

using namespace unroll;

namespace {

/// The text with everything outside of matches replaced by ".".
std::string matches(const std::string& pattern, const std::string& text) {
  CAPTURE(pattern);
  const Result<Pattern> parsed = Pattern::parse(*decode_utf8_exact(pattern));
  REQUIRE_MESSAGE(bool(parsed), (parsed ? "" : parsed.error().text()));
  std::u32string shown = *decode_utf8_exact(text);
  const std::vector<uint8_t> inside = parsed->inside_matches(shown);
  REQUIRE(inside.size() == shown.size());
  for (size_t n = 0; n < shown.size(); ++n)
    if (!inside[n]) shown[n] = U'.';
  return encode_utf8(shown);
}

}  // namespace

TEST_CASE("Pattern: literals, sets, alternatives, groups and repetition") {
  const struct {
    const char *pattern, *text, *expected;
  } cases[] = {
      {"ab", "xabab-ba", ".abab..."},
      {"a|bc", "abcb", "abc."},
      {"a|ab", "abab", "abab"},  // the longest, not the first alternative
      {"ab|a", "aab", "aab"},
      {"(ab|a)(bc|c)", "abc", "abc"},
      {"a*", "baab", ".aa."},
      {"a+b", "aab-ab-b", "aab.ab.."},
      {"ab?c", "ac-abc-abbc", "ac.abc....."},
      {"(?:ab)+", "ababa", "abab."},
      {"a(b|)c", "abc-ac", "abc.ac"},
      {"()a", "ba", ".a"},
      {"a{2}", "aaaaa", "aaaa."},
      {"a{2,}", "a-aa-aaa", "..aa.aaa"},
      {"a{1,2}b", "aaab", ".aab"},
      {"(ab){2,3}c", "ababababc", "..abababc"},
      {"a{0}b", "ab", ".b"},
      {"(a|b{2}){2}", "abbab", "abb.."},
      {".", "a\nb", "a.b"},
      {"a.c", "abc-a\nc", "abc...."},
      {"[abc]+", "xcabx", ".cab."},
      {"[a-c0-2]+", "d2b0-", ".2b0."},
      {"[^a-c]+", "abxyc", "..xy."},
      {"[-a]+", "b-a", ".-a"},
      {"[a-]+", "b-a", ".-a"},
      {"[\\]\\\\]+", "a]\\", ".]\\"},
      {"[.*]+", "a.*", "..*"},
      {"\\d+", "ab12c3", "..12.3"},
      {"\\D+", "ab12c3", "ab..c."},
      {"\\w+", "a_1 é-b", "a_1.é.b"},
      {"[\\W]", "a b!", ". .!"},
      {"[\\s,]+", "a, b", "., ."},
      {"\\S+", "a b", "a.b"},
      {"[^\\d]", "1a2", ".a."},
      {"\\.\\*", "a.*b", "..*."},
      {"\\t", "a\tb", ".\t."},
      {"\\n", "a\nb", ".\n."},
      {"\"[^\"]*\"", "he \"said\" x \"she\"", "...\"said\"...\"she\""},
      {"„[^“]*“", "ein „Wort“.", "....„Wort“."},
      {"(a+)(b+)c", "aabbc-aabb", "aabbc....."},
      {"}]", "a}]", ".}]"},
  };
  for (const auto& [pattern, text, expected] : cases) CHECK(matches(pattern, text) == expected);
}

TEST_CASE("Pattern: places between characters") {
  const struct {
    const char *pattern, *text, *expected;
  } cases[] = {
      {"^a", "aa\na", "a..a"},
      {"a$", "aa\na", ".a.a"},
      {"^.*$", "ab\n\ncd", "ab..cd"},
      {"^ +", "  a  b\n c", "  ..... ."},
      {"\\bab", "ab cab ab", "ab.....ab"},
      {"ab\\b", "abc ab", "....ab"},
      {"\\b", "ab", ".."},
      {"(^|,)a", "a,a", "a,a"},
      {"(^)*a", "ba", ".a"},
      {"(\\b|x)*b", "ab b", ".b.b"},
      {"(\\b|x)+b", "ab b", "...b"},
  };
  for (const auto& [pattern, text, expected] : cases) CHECK(matches(pattern, text) == expected);
}

TEST_CASE("Pattern: what is none is refused with its place") {
  const struct {
    const char *pattern, *where;
  } cases[] = {
      {"*a", "character 1: * repeats nothing"},
      {"a|+", "character 3: + repeats nothing"},
      {"a**", "character 3: repeats"},
      {"a*?", "character 3: repeats"},
      {"(ab", "character 1: ( is not closed"},
      {"a)b", "character 2: ) closes nothing"},
      {"a[bc", "character 2: [ is not closed"},
      {"[]", "character 1: [ ] holds nothing"},
      {"[z-a]", "character 2: is no range"},
      {"[a-\\d]", "character 2: is no range"},
      {"a{2", "character 2: { begins no count"},
      {"a{,2}", "character 2: { begins no count"},
      {"a{3,2}", "character 2: { begins no count"},
      {"a{101}", "character 2: { begins no count"},
      {"a{99999999999999999999}", "character 2: { begins no count"},
      {"{", "character 1: { repeats nothing"},
      {"ab\\", "character 3: \\ before this"},
      {"\\q", "character 1: \\ before this"},
      {"(?=a)", "character 2: ? repeats nothing"},
      {"((a{9}){9}){9}", "character 14: the pattern becomes too large"},
      {"(((){99}){99}){99}", "the pattern becomes too large"},
  };
  for (const auto& [pattern, where] : cases) {
    CAPTURE(std::string(pattern));
    const Result<Pattern> parsed = Pattern::parse(*decode_utf8_exact(pattern));
    REQUIRE(!parsed);
    CHECK(parsed.error().where == "pattern");
    CHECK(parsed.error().what.find(where) != std::string::npos);
    CHECK(parsed.error().hint.find("allowed: ") == 0);
  }
  CHECK(!Pattern::parse(U""));
  CHECK(bool(Pattern::parse(std::u32string(200, U'('))) == false);
  CHECK(bool(Pattern::parse(std::u32string(200, U'a'))));
  CHECK(!Pattern::parse(std::u32string(201, U'a')));
}

TEST_CASE("Pattern: those that make others hang take no time") {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  const std::u32string text(8192, U'a');
  for (const char* pattern : {"(a*)*b", "(a|aa)+b", "(a+)+b", "a*a*a*a*a*b", "(a?){60}a{60}b", "(.*)*x|a"}) {
    const Result<Pattern> parsed = Pattern::parse(*decode_utf8(pattern));
    REQUIRE(bool(parsed));
    const std::vector<uint8_t> inside = parsed->inside_matches(text);
    CHECK(static_cast<size_t>(std::count(inside.begin(), inside.end(), 1)) ==
          (pattern[0] == '(' && pattern[1] == '.' ? text.size() : 0));
  }
  CHECK(Clock::now() - begin < std::chrono::seconds(20));  // others would take years
}
