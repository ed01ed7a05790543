#include "engine/base/number.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "engine/document/experiment.h"

using namespace unroll;

TEST_CASE("numbers: everything that people write is read, and to the same value everywhere") {
  const std::pair<const char*, double> written[] = {
      {"12", 12},      {"-3", -3},      {"+3", 3},     {".5", 0.5},    {"5.", 5},          {"-.25", -0.25},
      {"+0.01", 0.01}, {"1e-3", 0.001}, {"1E3", 1000}, {"1e+2", 100},  {".5e1", 5},        {"5.e0", 5},
      {"007", 7},      {"0", 0},        {"-0", 0},     {"00.50", 0.5}, {"0.0000001", 1e-7}};
  for (const auto& [text, value] : written) {
    CAPTURE(std::string(text));
    const auto number = read_number(text);
    REQUIRE(number);
    CHECK(number->get<double>() == value);
  }
  CHECK(read_number("9007199254740993")->get<uint64_t>() == 9007199254740993u);  // integers are not rounded
}

TEST_CASE("numbers: what is none is refused, to the last character") {
  for (const char* text :
       {"",     " ",     "5 ",    " 5",  "nan", "NaN", "-nan", "inf", "infinity", "1e400", "-1e400",
        "0x10", "0x1p3", "1e",    "1e+", "e5",  ".",   "-",    "+",   "+-1",      "--1",   "1.2.3",
        "1,5",  "1_000", "1'000", "5f",  "5%",  "1/2", "½",    "٣",   "true",     "null",  "[1]"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(read_number(text));
  }
  CHECK_FALSE(read_number(std::string_view("5\0", 2)));
}

TEST_CASE("numbers: shown in plain digits, and read back as they were") {
  CHECK(shown(3.0) == "3");
  CHECK(shown(-3.0) == "-3");
  CHECK(shown(0.05) == "0.05");
  CHECK(shown(1e-6) == "0.000001");
  CHECK(shown(-2.5e-7) == "-0.00000025");
  CHECK(shown(100000.0) == "100000");
  CHECK(shown(9007199254740992.0) == "9007199254740992");
  CHECK(shown(1e18) == "1000000000000000000");
  CHECK(shown(1.25e17) == "125000000000000000");
  CHECK(shown(1e300) == "1e+300");
  CHECK(shown(std::nan("")) == "not a number");
  CHECK(shown(-std::numeric_limits<double>::infinity()) == "-infinity");
  for (const double number : {0.1, 1.0 / 3, 123456.789, 6.02e23, 1.6e-19, 4.9e-324, 1.7976931348623157e308,
                              0.30000000000000004, 123456789012345678.0, 1e20, 1e21, 1e22, 5e-7, 0.0}) {
    CAPTURE(shown(number));
    CHECK(read_number(shown(number))->get<double>() == number);
  }
  for (const Field& field : fields()) {
    CAPTURE(std::string(field.name));
    CHECK(allowed(field).find("e+") == std::string::npos);
    CHECK(allowed(field).find("e-0") == std::string::npos);
  }
}

TEST_CASE("numbers: a range holds its ends, and nothing that is not finite") {
  const Range share{0, 1}, count{1, 64, true};
  for (const double inside : {0.0, 0.5, 1.0}) CHECK(share.holds(inside));
  for (const double outside : {-1e-9, 1.0000001, std::nan(""), std::numeric_limits<double>::infinity()})
    CHECK_FALSE(share.holds(outside));
  CHECK(count.holds(Json(64.0)));
  CHECK_FALSE(count.holds(Json(1.5)));
  CHECK_FALSE(count.holds(Json("2")));
  CHECK_FALSE(Limits::seed.holds(Json(9007199254740993u)));  // which as a double would be the last one inside
  CHECK(share.text() == "0 to 1");
  CHECK(count.text() == "whole numbers from 1 to 64");
}
