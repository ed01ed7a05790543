// Sequential digits: the pictures, and the nearest neighbour beside whom a network stands.
#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "tests/engine/puzzle_fixture.h"

using namespace unroll;
using namespace unroll::puzzle;

TEST_CASE("digits: all ten, pixels from 0 to 1, with ink in every picture") {
  const Puzzle puzzle = make("digits");
  std::set<int32_t> seen;
  for (int64_t number = 0; number < 200; ++number) {
    const Sequence digit = number % 2 == 0 ? puzzle->training(number) : puzzle->held_out(number);
    REQUIRE(digit.reals.size() == 64);
    float ink = 0;
    for (const float pixel : digit.reals) {
      REQUIRE((pixel >= 0 && pixel <= 1));
      ink += pixel;
    }
    CHECK(ink > 3);
    CHECK(ink < 40);
    seen.insert(digit.classes.back());
    CHECK(digit.weights.back() == 1);
    CHECK(digit.weights.front() == 0);
  }
  CHECK(seen.size() == 10);
}

TEST_CASE("digits: the same bits on every machine") {
  const Puzzle puzzle = make("digits");
  uint32_t sum = 0;
  for (int64_t number = 0; number < 20; ++number)
    for (const float pixel : puzzle->held_out(number).reals) sum = 31 * sum + std::bit_cast<uint32_t>(pixel);
  CHECK(sum == 1120704423u);
}

TEST_CASE("digits: scrambled pixels are the same pixels in another order") {
  const Puzzle rows = make("digits"), scrambled = make("digits", {{"scrambled", 1}});
  std::vector<float> one = rows->held_out(5).reals, other = scrambled->held_out(5).reals;
  CHECK(one != other);
  std::ranges::sort(one);
  std::ranges::sort(other);
  CHECK(one == other);
}

TEST_CASE("digits: the nearest neighbour knows most held-out ones, fewer the more they are distorted") {
  const auto nearest = [](double distortion) {
    const std::vector<Baseline> baselines = make("digits", {{"distortion", distortion}})->baselines();
    REQUIRE(baselines.size() == 2);
    CHECK(baselines[0].value < 0.15);
    return baselines[1].value;
  };
  const double little = nearest(0.3), usual = nearest(1), much = nearest(2);
  CHECK(little > 0.9);
  CHECK(usual > 0.7);
  CHECK(usual < little);
  CHECK(much < usual);
}
