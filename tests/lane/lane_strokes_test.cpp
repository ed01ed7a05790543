// What a lane's pen writes when it is asked for letters.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/lane/lane_fixture.h"

namespace unroll {
namespace {

using testing::floats;
using testing::Harness;

Json writing_experiment(const char* task) {
  return {{"unroll", 1},
          {"data", {{"task", {{"name", task}}}}},
          {"train", {{"batch", 4}}},
          {"lanes", {{{"cell", "lstm"}, {"hidden", 6}}}}};
}

Message strokes(Harness& harness, Json command) {
  command["type"] = "strokes";
  command["id"] = 5;
  harness.events.clear();
  harness.send(command);
  harness.finish();
  return harness.last("strokes");
}

size_t points_of(const Message& message) {
  size_t sum = 0;
  for (const Json& length : message.header["lengths"]) sum += length.get<size_t>();
  return sum;
}

TEST_CASE(
    "Lane: a pen writes the letters that it knows, the same again with the same seed, and others with "
    "another") {
  Harness harness;
  harness.configure(writing_experiment("writing"), 0);
  const Message word = strokes(harness, {{"text", "ab Aé"}, {"bias", 0.5}});
  CHECK(word.header["text"] == "ab");
  CHECK(word.header["unknown"] == " Aé");
  CHECK(word.header["bias"] == 0.5);
  CHECK(word.header["intervened"] == false);
  REQUIRE(word.header["lengths"].size() == 2);
  REQUIRE(word.header["ended"].size() == 2);
  const std::vector<float> values = floats(word);
  REQUIRE(values.size() == points_of(word) * (4 + 62));
  for (const float value : values) CHECK(std::isfinite(value));
  for (size_t n = 0, end = 0; n < 2; ++n) {
    end += word.header["lengths"][n].get<size_t>();
    CHECK((values[4 * (end - 1) + 3] == 1) == word.header["ended"][n].get<bool>());
  }
  CHECK(floats(strokes(harness, {{"text", "ab"}, {"bias", 0.5}})) == values);
  CHECK(floats(strokes(harness, {{"text", "ab"}, {"bias", 0.5}, {"seed", 2}})) != values);
  CHECK(points_of(strokes(harness, {{"text", "?!"}})) == 0);
  // Having learned, it writes otherwise.
  harness.send({{"type", "step"}, {"count", 2}});
  harness.finish();
  const Message later = strokes(harness, {{"text", "ab"}, {"bias", 0.5}});
  CHECK(later.header["step"] == 2);
  CHECK(floats(later) != values);
}

TEST_CASE("Lane: interventions reach what the pen writes") {
  Harness harness;
  harness.configure(writing_experiment("writing"), 0);
  const Message before = strokes(harness, {{"text", "ab"}});
  harness.send({{"type", "intervene"}, {"id", 1}, {"set", {{{"kind", "ablate"}}}}});
  const Message ablated = strokes(harness, {{"text", "ab"}});
  CHECK(ablated.header["intervened"] == true);
  CHECK(ablated.header["lengths"].size() == 2);
  CHECK(floats(ablated) != floats(before));
  // Without a state it says the same before every point.
  const std::vector<float> values = floats(ablated);
  const size_t all = points_of(ablated);
  REQUIRE(values.size() == all * 66);
  for (size_t n = 1; n < all; ++n)
    for (size_t o = 0; o < 62; ++o) CHECK(values[4 * all + 62 * n + o] == values[4 * all + o]);
}

TEST_CASE("Lane: what is no pen writes no strokes, and what is asked for is checked") {
  Harness harness;
  harness.configure(writing_experiment("pen"), 0);
  harness.expect_refused({{"type", "strokes"}, {"text", "a"}}, "");
  harness.configure(writing_experiment("writing"), 0);
  harness.expect_refused({{"type", "strokes"}}, "text");
  harness.expect_refused({{"type", "strokes"}, {"text", std::string(65, 'a')}}, "text");
  harness.expect_refused({{"type", "strokes"}, {"text", "a"}, {"bias", 6}}, "bias");
  harness.expect_refused({{"type", "strokes"}, {"text", "a"}, {"seed", -1}}, "seed");
}

}  // namespace
}  // namespace unroll
