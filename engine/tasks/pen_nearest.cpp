#include "engine/tasks/pen_nearest.h"

#include "engine/tasks/verdicts.h"

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
  return verdicts::warped_distance(a.size(), most_warped,
                                   [&](size_t i, size_t j) { return square(a[i], b[j]); });
}

}  // namespace unroll
