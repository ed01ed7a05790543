// Tables as CSV: RFC 4180's quoting, and numbers that come back as they were.
#include "web/toolkit/csv.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "engine/base/random.h"

using namespace unroll;

TEST_CASE("csv: cells are quoted where they must be") {
  Csv csv;
  csv.add("step").add("RNN 8, train").none().end_row();
  csv.add("a \"b\"").add("\n").add(" ").add("é").end_row();
  csv.add(int64_t{12}).add(NAN).add(-0.25).end_row();
  csv.none().end_row();
  CHECK(csv.text() == "step,\"RNN 8, train\",\r\n\"a \"\"b\"\"\",\"\n\",\" \",é\r\n12,,-0.25\r\n\r\n");
}

TEST_CASE("csv: numbers come back as they were, without digits that say nothing") {
  CHECK(Csv().add(0.1f).text() == "0.1");
  CHECK(Csv().add(3.47).text() == "3.47");
  CHECK(Csv().add(std::numeric_limits<double>::infinity()).text().empty());
  Random random(3);
  for (int i = 0; i < 1000; ++i) {
    const double number = (random.uniform() - 0.5) * std::pow(10.0, random.uniform() * 40 - 20);
    const auto small = static_cast<float>(number);
    CHECK(std::strtod(Csv().add(number).text().c_str(), nullptr) == number);
    CHECK(std::strtof(Csv().add(small).text().c_str(), nullptr) == small);
  }
}
