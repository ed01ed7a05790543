// What tasks share that tell after each column what a whole sequence is, and are judged by the last verdict: pen, spoken.
#pragma once

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "engine/tasks/puzzles.h"

namespace unroll::verdicts {

/// The same class at each column. The last verdict counts as much as all before it, and of these the later ones more: so the one
/// after half of a sequence means something, too.
inline void set_class(Sequence& sequence, int32_t right) {
  sequence.classes.assign(static_cast<size_t>(sequence.length), right);
  const int before = sequence.length - 1;
  for (int t = 1; t <= before; ++t)
    sequence.weights.push_back(static_cast<float>(t) / static_cast<float>(before * (before + 1)));
  sequence.weights.push_back(before > 0 ? 0.5f : 1.0f);
  sequence.marks.push_back({Mark::Kind::needed, sequence.length - 1, "the last verdict"});
}

/// A sequence of one's own of numbers, in which nothing is right or wrong.
inline Example own_example(Sequence sequence) {
  Example example;
  example.batch.seq_length = sequence.length;
  example.batch.batch = 1;
  example.batch.reals = std::move(sequence.reals);
  example.marks = std::move(sequence.marks);
  example.columns = std::move(sequence.columns);
  return example;
}

/// Whether the last one is right; beside it, whether all from the middle on are.
inline void judge(const Sequence& sequence, std::span<const float> outputs, int width, Tally& tally) {
  const int right = sequence.classes.back();
  int settled = sequence.length;  // the columns from which on the verdict stays
  while (settled > 0 && puzzles::most_probable(puzzles::row(outputs, settled - 1, width)) == right) --settled;
  tally.add(settled < sequence.length ? 1 : 0);
  tally.add_other("right from half of it on", settled <= sequence.length / 2 ? 1 : 0);
}

/// Dynamic time warping (Sakoe & Chiba 1978) of two sequences of so many points, symmetric: the least sum of `cost(i, j)` where
/// one may be ahead of the other by up to `band` points.
template <class Cost>
double warped_distance(size_t points, size_t band, const Cost& cost) {
  constexpr double far = std::numeric_limits<double>::max();
  std::vector<double> row(points + 1),
      above(points + 1, far);  // row[j + 1]: the least sum up to points i and j
  above[0] = 0;
  for (size_t i = 0; i < points; ++i) {
    std::ranges::fill(row, far);
    for (size_t j = i < band ? 0 : i - band; j < std::min(i + band + 1, points); ++j)
      row[j + 1] = cost(i, j) + std::min({above[j], above[j + 1], row[j]});
    std::swap(row, above);
  }
  return above[points];
}

/// What the nearest is of those that are known, at least one: pairs of what is compared, and what it is.
template <class Known, class Distance>
const auto& nearest(const Known& known, const Distance& distance) {
  const auto* found = &known.front();
  double least = std::numeric_limits<double>::max();
  for (const auto& one : known)
    if (const double far = distance(one.first); far < least) {
      least = far;
      found = &one;
    }
  return found->second;
}

}  // namespace unroll::verdicts
