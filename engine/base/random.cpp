#include "engine/base/random.h"

#include <bit>
#include <cmath>

namespace unroll {
namespace {

constexpr uint64_t golden = 0x9E3779B97F4A7C15;

/// splitmix64 (Steele, Lea & Flood 2014): the generator that Blackman & Vigna recommend for seeding theirs.
uint64_t splitmix64(uint64_t& state) {
  uint64_t z = state += golden;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

/// The generator's first words, from what identifies it.
std::array<uint32_t, 4> words_from(uint64_t mixed) {
  const uint64_t low = splitmix64(mixed), high = splitmix64(mixed);
  return {static_cast<uint32_t>(low), static_cast<uint32_t>(low >> 32), static_cast<uint32_t>(high),
          static_cast<uint32_t>(high >> 32)};
}

}  // namespace

/// x = 2^k · m with m in [√½, √2), and
/// log m = 2 artanh(f) = 2 (f + f³/3 + f⁵/5 + …), f = (m − 1)/(m + 1), |f| < 0.172. Error below 1e-15.
double logarithm(double x) {
  const uint64_t bits = std::bit_cast<uint64_t>(x);
  int exponent = static_cast<int>(bits >> 52) - 1023;
  double m = std::bit_cast<double>((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    ++exponent;
  }
  const double f = (m - 1.0) / (m + 1.0), square = f * f;
  double series = 0.0;
  for (int n = 23; n >= 1; n -= 2) series = series * square + 1.0 / n;
  return 2.0 * f * series + exponent * 0.6931471805599453;
}

Random::Random(uint64_t seed, uint64_t stream) : state_{} {
  state_.words = words_from(splitmix64(seed) ^ (stream * golden));
}

Random::Random(uint64_t seed, uint64_t stream, uint64_t number) : state_{} {
  uint64_t mixed = splitmix64(seed) ^ (stream * golden);
  uint64_t item = splitmix64(mixed) ^ number;
  state_.words = words_from(splitmix64(item));
}

uint32_t Random::next() {
  auto& s = state_.words;
  const uint32_t result = std::rotl(s[0] + s[3], 7) + s[0];
  const uint32_t shifted = s[1] << 9;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= shifted;
  s[3] = std::rotl(s[3], 11);
  return result;
}

float Random::uniform() { return static_cast<float>(next() >> 8) * 0x1p-24f; }

float Random::uniform(float lo, float hi) {
  const float value = lo + (hi - lo) * uniform();
  return value < hi ? value : lo;  // the sum may round up to hi
}

double Random::normal() {
  if (state_.has_spare) {
    state_.has_spare = false;
    return state_.spare;
  }
  double u, v, s;
  do {
    u = (next() + 0.5) * 0x1p-31 - 1.0;
    v = (next() + 0.5) * 0x1p-31 - 1.0;
    s = u * u + v * v;
  } while (s >= 1.0);  // never 0: u and v are odd multiples of 2^-32
  const double factor = std::sqrt(-2.0 * logarithm(s) / s);
  state_.spare = v * factor;
  state_.has_spare = true;
  return u * factor;
}

uint32_t Random::below(uint32_t n) {
  uint64_t product = static_cast<uint64_t>(next()) * n;
  if (static_cast<uint32_t>(product) < n) {
    const uint32_t threshold = (0u - n) % n;
    while (static_cast<uint32_t>(product) < threshold) product = static_cast<uint64_t>(next()) * n;
  }
  return static_cast<uint32_t>(product >> 32);
}

}  // namespace unroll
