// Axes of a plot: nice ticks, linear or logarithmic, and labels that keep their distance. Pure functions.
#pragma once

#include <cstdint>
#include <vector>

namespace unroll {

/// Round values (1, 2, 5 × 10^n) from low to high, about `count` of them.
std::vector<double> nice_ticks(double low, double high, int count);
/// 1, 2, 5 × 10^n between low and high, thinned when there are many; low > 0.
std::vector<double> log_ticks(double low, double high);

/// A mapping of values to pixels. Low values are at `from`.
struct Axis {
  double low, high;
  float from, to;
  bool logarithmic;
  float pixel(double value) const;
  double value(float pixel) const;
};

/// Moves centres (any order) so that neighbours are at least `distance` apart and all lie between low and high, as
/// near to where they were as that allows.
void keep_apart(std::vector<float>& centres, float distance, float low, float high);

}  // namespace unroll
