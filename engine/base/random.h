// The one random generator of Unroll: xoshiro128++ 1.0 (Blackman & Vigna 2019), seeded through splitmix64.
// Its whole sequence, floats and normals included, is the same on every compiler, processor and in wasm: it
// uses only integer operations, exact scalings, and IEEE + − × ÷ √ in a fixed order (built with
// -ffp-contract=off).
#pragma once

#include <array>
#include <cstdint>

namespace unroll {

/// Natural logarithm of a normal positive number, from + − × ÷ alone: the same bits everywhere.
double logarithm(double x);

class Random {
 public:
  /// `stream` separates independent uses of one seed (weights, dropout, samples, …).
  explicit Random(uint64_t seed, uint64_t stream = 0);
  /// A generator for item `number` of a stream, so that each can be drawn without those before it.
  Random(uint64_t seed, uint64_t stream, uint64_t number);

  uint32_t next();                    ///< 32 uniform bits
  float uniform();                    ///< [0, 1), 24 bits
  float uniform(float lo, float hi);  ///< [lo, hi)
  double normal();                    ///< N(0, 1), Marsaglia's polar method with a logarithm of our own
  uint32_t below(uint32_t n);         ///< uniform in 0 … n−1 without bias (Lemire 2019); n > 0

  /// The whole state, for checkpoints. The spare normal is part of it.
  struct State {
    std::array<uint32_t, 4> words;
    double spare;
    bool has_spare;
  };
  State state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  State state_;
};

/// Streams of one experiment's seed. Lanes share them, so a comparison is fair.
namespace random_stream {
inline constexpr uint64_t weights = 1;
inline constexpr uint64_t dropout = 2;
inline constexpr uint64_t samples = 3;
inline constexpr uint64_t task_train = 4;     ///< one generator a sequence
inline constexpr uint64_t task_held_out = 5;  ///< likewise
inline constexpr uint64_t text_counted = 6;   ///< of a generated text, what n-grams count
}  // namespace random_stream

}  // namespace unroll
