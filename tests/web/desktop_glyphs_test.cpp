// Text of any script on the desktop: Pango draws it, where the system has it.
#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "web/platform/platform.h"

using namespace unroll;

/// For the address sanitizer: fontconfig and what draws with it keep caches to the program's end.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libfontconfig\nleak:libpango\nleak:libcairo\nleak:libglib\nleak:libgobject\nleak:"
         "libharfbuzz\n";
}

namespace {

constexpr float em = 24;

/// Nothing when the system has no Pango or no font for it.
std::optional<platform::Glyph> drawn(const std::string& text) { return platform::draw_glyph(text, em); }

}  // namespace

TEST_CASE("desktop glyphs: different letters have different pictures, and the pen moves on") {
  const auto a = drawn("a"), b = drawn("b");
  if (!a) {
    MESSAGE("no Pango here, or no fonts: nothing to test");
    return;
  }
  REQUIRE(b);
  CHECK(a->rgba.size() == static_cast<size_t>(4 * a->width * a->height));
  CHECK(a->rgba != b->rgba);
  CHECK(a->advance > em / 4);
  CHECK(a->top < 0);  // it stands on the baseline
  CHECK(a->top + a->height >= 0);
  CHECK_FALSE(a->coloured);
  const auto accented = drawn("a\u0301");
  REQUIRE(accented);
  CHECK(accented->height > a->height);
  CHECK(accented->advance == doctest::Approx(a->advance));
  const auto space = drawn(" ");
  REQUIRE(space);
  CHECK(space->width == 0);
  CHECK(space->advance > 0);
}

TEST_CASE("desktop glyphs: what no font has is said") {
  if (!drawn("a")) return;
  CHECK_FALSE(drawn("\u0378"));  // not assigned to any character
}

TEST_CASE("desktop glyphs: Arabic letters join") {
  // A zero-width non-joiner keeps letters apart: with it, each has the form in which it stands alone.
  const auto word = drawn("\u0628\u0628\u0628"), apart = drawn("\u0628\u200c\u0628\u200c\u0628");
  if (!word || !apart) {
    MESSAGE("no Arabic font here: nothing to test");
    return;
  }
  CHECK(word->rgba != apart->rgba);
}
