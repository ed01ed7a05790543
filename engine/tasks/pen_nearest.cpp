#include "engine/tasks/pen_nearest.h"

#include <algorithm>
#include <limits>

namespace unroll {
namespace {

double square(PenPoint a, PenPoint b) { return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y); }

}  // namespace

Stroke compared_path(std::span<const float> reals, size_t points) {
  Stroke path;
  PenPoint at = {0, 0}, mean = {0, 0};
  for (size_t n = 0; n + PenReading::numbers <= reals.size(); n += PenReading::numbers) {
    at.x += static_cast<double>(reals[n]);
    at.y += static_cast<double>(reals[n + 1]);
    path.push_back(at);
  }
  path = resampled(path, points);
  path.resize(points, path.back());  // of a dot
  const auto count = static_cast<double>(points);
  for (const PenPoint point : path) mean = {mean.x + point.x / count, mean.y + point.y / count};
  for (PenPoint& point : path) point = {point.x - mean.x, point.y - mean.y};
  return path;
}

double distance_by_points(const Stroke& a, const Stroke& b) {
  double sum = 0;
  for (size_t n = 0; n < a.size(); ++n) sum += square(a[n], b[n]);
  return sum;
}

double distance_by_warping(const Stroke& a, const Stroke& b, size_t most_warped) {
  constexpr double far = std::numeric_limits<double>::max();
  const size_t points = a.size();
  std::vector<double> row(points + 1), above(points + 1, far);  // row[j + 1]: the least sum up to a[i], b[j]
  above[0] = 0;
  for (size_t i = 0; i < points; ++i) {
    std::ranges::fill(row, far);
    const size_t first = i < most_warped ? 0 : i - most_warped, end = std::min(i + most_warped + 1, points);
    for (size_t j = first; j < end; ++j)
      row[j + 1] = square(a[i], b[j]) + std::min({above[j], above[j + 1], row[j]});
    std::swap(row, above);
  }
  return above[points];
}

}  // namespace unroll
