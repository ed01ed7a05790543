// What the puzzles of memory share: small helpers for drawing symbols and for judging answers. Each puzzle is a file of its
// own: adding.cpp, copying.cpp, …
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"
#include "engine/tasks/task.h"

namespace unroll::puzzles {

/// A name for each character of an ASCII text.
inline std::vector<std::string> names(std::string_view letters) {
  std::vector<std::string> result;
  for (const char letter : letters) result.emplace_back(1, letter);
  return result;
}

/// Uniform, both ends included.
inline int between(Random& random, int lowest, int highest) {
  return lowest + static_cast<int>(random.below(static_cast<uint32_t>(highest - lowest + 1)));
}

inline int most_probable(std::span<const float> probabilities) {
  return static_cast<int>(std::ranges::max_element(probabilities) - probabilities.begin());
}

/// −log p; finite where a probability has become 0 in single precision.
inline double surprise(float probability) {
  return -std::log(std::max(static_cast<double>(probability), 1e-38));
}

/// Row t of outputs (T, O).
inline std::span<const float> row(std::span<const float> outputs, int t, int width) {
  return outputs.subspan(static_cast<size_t>(t) * static_cast<size_t>(width), static_cast<size_t>(width));
}

/// The middle of the group of lags to which this one belongs, so that a curve up to `longest` has at most 20 points, each
/// the mean of enough sequences.
inline int grouped(int lag, int longest) {
  const int width = std::max(1, (longest + 19) / 20);
  return lag / width * width + width / 2;
}

/// Adds to the curve by lag alone, not to the mean.
inline void add_to_curve(Tally& tally, double value, int lag) {
  const double sum = tally.sum;
  const int64_t count = tally.count;
  tally.add(value, lag);
  tally.sum = sum;
  tally.count = count;
}

/// So many sequences are held out that judging takes about as long for long ones as for short ones.
inline int64_t number_held_out(int longest) { return std::clamp(200000 / longest, 200, 1000); }

/// Room for a sequence of symbols and classes, all 0; no row is judged yet.
inline void prepare(Sequence& sequence, int length) {
  const size_t size = static_cast<size_t>(length);
  sequence.length = length;
  sequence.symbols.assign(size, 0);
  sequence.classes.assign(size, 0);
  sequence.weights.assign(size, 0.0f);
}

}  // namespace unroll::puzzles
