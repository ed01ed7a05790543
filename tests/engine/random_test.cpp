#include "engine/base/random.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <vector>

using namespace unroll;

TEST_CASE("Random: the generator is xoshiro128++, by its authors' code from the state 1 2 3 4") {
  Random random(0);
  random.restore({.words = {1, 2, 3, 4}, .spare = 0, .has_spare = false});
  for (const uint32_t expected : {641u, 1573767u, 3222811527u, 3517856514u, 836907274u, 4247214768u,
                                  3867114732u, 1355841295u, 495546011u, 621204420u})
    CHECK(random.next() == expected);
}

TEST_CASE("Random: the same seed and stream give the same sequence on every machine; others another") {
  // Literals from tests/golden/make_golden.py, which has its own splitmix64 and xoshiro128++.
  Random one(1), two(2), other_stream(1, random_stream::weights);
  for (const uint32_t expected : {1470129360u, 4132431264u, 4097872251u, 1944141530u})
    CHECK(one.next() == expected);
  for (const uint32_t expected : {3547153606u, 810897685u, 101428434u, 3472410391u})
    CHECK(two.next() == expected);
  for (const uint32_t expected : {2170658850u, 4044419781u, 263736102u, 2498719777u})
    CHECK(other_stream.next() == expected);
}

TEST_CASE("Random: floats and normals are bit-exact") {
  Random random(1);
  for (const uint32_t bits : {0x3EAF40C8u, 0x3F764FE5u, 0x3F744091u, 0x3EE7C27Cu})
    CHECK(std::bit_cast<uint32_t>(random.uniform()) == bits);
  for (const uint32_t bits : {0xBE4B8330u, 0x3D27BB00u, 0xBDDD48C8u, 0x3D04DD48u})
    CHECK(std::bit_cast<uint32_t>(random.uniform(-0.25f, 0.25f)) == bits);
  // These pin the sequence down; that they are normal numbers is the next test.
  for (const uint64_t bits : {0xBFE2B5F8AEAD16FEu, 0x4005ADAD392A5DD5u, 0x3FE88205E2E8190Eu,
                              0xBFDE192C33C76834u, 0x3FE17C50C360EE88u, 0x3FB7B671FD19417Du})
    CHECK(std::bit_cast<uint64_t>(random.normal()) == bits);
}

TEST_CASE(
    "Random: uniform numbers are in their range, with the mean and variance of a uniform distribution") {
  Random random(3);
  double sum = 0, squares = 0;
  const int n = 100000;
  for (int i = 0; i < n; ++i) {
    const float x = random.uniform(-2, 3);
    REQUIRE((x >= -2 && x < 3));
    sum += x;
    squares += (x - 0.5) * (x - 0.5);
  }
  CHECK(sum / n == doctest::Approx(0.5).epsilon(0.03));            // standard error 0.0046
  CHECK(squares / n == doctest::Approx(25.0 / 12).epsilon(0.02));  // standard error 0.006
}

TEST_CASE("Random: normal numbers have the moments and the tails of a normal distribution") {
  Random random(4);
  double sum = 0, squares = 0, fourth = 0;
  int beyond_two = 0;
  const int n = 200000;
  for (int i = 0; i < n; ++i) {
    const double x = random.normal();
    sum += x, squares += x * x, fourth += x * x * x * x;
    beyond_two += std::abs(x) > 2;
  }
  CHECK(std::abs(sum / n) < 4 / std::sqrt(n));
  CHECK(squares / n == doctest::Approx(1).epsilon(0.013));
  CHECK(fourth / n == doctest::Approx(3).epsilon(0.03));
  CHECK(beyond_two / double(n) == doctest::Approx(0.0455).epsilon(0.05));
}

TEST_CASE("Random: below(n) gives every number below n equally often, and nothing else") {
  Random random(5);
  std::vector<int> counts(7);
  for (int i = 0; i < 70000; ++i) ++counts.at(random.below(7));
  for (const int count : counts) CHECK(std::abs(count - 10000) < 400);  // over four standard deviations
  CHECK(random.below(1) == 0);
}

TEST_CASE("Random: a restored state goes on as the saved one did, the spare normal included") {
  Random random(6);
  random.normal();
  const Random::State saved = random.state();
  const double next = random.normal();
  const uint32_t after = random.next();
  Random other(99);
  other.restore(saved);
  CHECK(other.normal() == next);
  CHECK(other.next() == after);
}
