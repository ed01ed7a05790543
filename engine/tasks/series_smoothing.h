// Searches for smoothing parameters (series_smoothing.cpp has Theta and Holt-Winters, declared in series_baselines.h).
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace unroll {

/// The point of the cube [low, high]^n with the least cost that a grid of five values each and then ever smaller steps along the
/// axes find; as good as a descent where the cost has one valley, and always the same.
std::vector<double> least_in_cube(size_t n, double low, double high,
                                  const std::function<double(std::span<const double>)>& cost);

}  // namespace unroll
