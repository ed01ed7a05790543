// Numbers as people type them into the fields of settings.
#include "web/toolkit/numbers.h"

#include <doctest/doctest.h>

#include <limits>

using namespace unroll::ui;

namespace {

constexpr double rungs[] = {8, 16, 24};
constexpr NumberSpec hidden{.minimum = 1, .maximum = 4096, .ladder = rungs, .integer = true};
constexpr NumberSpec rate{.minimum = 0, .maximum = 10, .ladder = {}, .integer = false, .zero = "shared"};
constexpr NumberSpec share{.minimum = 0, .maximum = 50, .ladder = {}, .integer = false, .unit = "%"};
constexpr NumberSpec bias{.minimum = -5, .maximum = 5, .ladder = {}, .integer = false};

}  // namespace

TEST_CASE("numbers: entered as people write them") {
  const auto is = [](std::string_view text, double value, const NumberSpec& spec) {
    CAPTURE(text);
    const Entered entered = enter_number(text, 3, spec);
    CHECK(entered.value == value);
    CHECK(entered.note == "");
  };
  is("12", 12, hidden);
  is(" 12 ", 12, hidden);
  is("1024.0", 1024, hidden);
  is("1,024", 1024, hidden);
  is("1 024", 1024, hidden);
  is("1\u00a0024", 1024, hidden);
  is("1e3", 1000, hidden);
  is("+12", 12, hidden);
  is("0.003", 0.003, rate);
  is("0,003", 0.003, rate);
  is(",5", 0.5, rate);
  is(".5", 0.5, rate);
  is("3E-5", 3e-5, rate);
  is("Shared", 0, rate);
  is("1,234", 1.234, rate);
  is("25", 25, share);
  is("12,5 %", 12.5, share);
  is("-1", -1, bias);
  is("\u2212"
     "0,5",
     -0.5, bias);
  is("1e-400", 0, rate);
}

TEST_CASE("numbers: what is not taken as typed is said") {
  const Entered much = enter_number("5000", 128, hidden);
  CHECK(much.value == 4096);
  CHECK(much.note == "at most 4096, not “5000”");
  CHECK(enter_number("0", 128, hidden).note == "at least 1, not “0”");
  CHECK(enter_number("-3", 128, hidden).value == 1);
  CHECK(enter_number("1e999", 128, hidden).value == 4096);
  CHECK(enter_number("-1e999", 128, bias).value == -5);
  CHECK(enter_number("99", 10, share).note == "at most 50%, not “99”");
  const Entered broken = enter_number("12.5", 128, hidden);
  CHECK(broken.value == 13);
  CHECK(broken.note == "only whole numbers: 13, not “12.5”");
  for (const char* text :
       {"", "  ", "abc", "12abc", "1,2,3", "1.2.3", "--1", "0x10", "nan", "inf", "1,24", "e5", "none"}) {
    CAPTURE(text);
    const Entered refused = enter_number(text, 128, hidden);
    if (std::string_view(text) == "1,24") {  // a decimal comma
      CHECK(refused.value == 1);
      CHECK(refused.note == "only whole numbers: 1, not “1,24”");
      continue;
    }
    CHECK(refused.value == 128);
    CHECK(refused.note.find("is no number; it stays at 128") != std::string::npos);
  }
}

TEST_CASE("numbers: a field offers for typing all that it holds") {
  CHECK(typed_number(0.0012345, rate) == "0.0012345");
  CHECK(shown_number(0.0012345, rate) == "0.001234");
  CHECK(typed_number(0.1, rate) == "0.1");
  CHECK(typed_number(1e-5, rate) == "1e-05");
  CHECK(typed_number(1.0 / 3, rate) == "0.3333333333333333");
  CHECK(typed_number(123456.5, rate) == "123456.5");
  CHECK(typed_number(128, hidden) == "128");
  CHECK(shown_number(0, rate) == "shared");
  CHECK(typed_number(0, rate) == "0");
  CHECK(shown_number(10, share) == "10%");
  CHECK(range_text(hidden) == "A whole number from 1 to 4096; steps to 8, 16, 24");
  CHECK(range_text(rate) == "From 0 to 10; 0 is “shared”");
  CHECK(stepped(16, hidden, 1) == 24);
  CHECK(stepped(20, hidden, -1) == 16);
  CHECK(stepped(24, hidden, 2) == 26);
  CHECK(stepped(8, hidden, -99) == 1);
}
