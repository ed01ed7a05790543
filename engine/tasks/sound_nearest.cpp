#include "engine/tasks/sound_nearest.h"

#include <algorithm>

#include "engine/tasks/sound_features.h"
#include "engine/tasks/verdicts.h"

namespace unroll {
namespace {

constexpr size_t most_known = 300;       // spread evenly over all
constexpr size_t compared_columns = 20;  // of a recording, by these
constexpr size_t most_warped = 4;        // columns by which one may be ahead of the other

std::vector<float> compared(std::span<const float> columns) {
  return warped_sound(normalised_sound(columns), compared_columns);
}

double distance(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (size_t n = 0; n < a.size(); ++n) {
    const double away = static_cast<double>(a[n]) - static_cast<double>(b[n]);
    sum += away * away;
  }
  return sum;
}

}  // namespace

NearestSounds::NearestSounds(const Recordings& all) {
  const size_t count = std::min(all.train.size(), most_known);
  for (size_t n = 0; n < count; ++n) {
    const NamedSound& sound = all.train[n * all.train.size() / count];
    known_.emplace_back(compared(sound.columns), all.class_of(sound));
  }
}

int32_t NearestSounds::by_columns(std::span<const float> columns) const {
  const std::vector<float> one = compared(columns);
  return verdicts::nearest(known_, [&](const std::vector<float>& other) { return distance(one, other); });
}

int32_t NearestSounds::by_warping(std::span<const float> columns) const {
  const std::vector<float> one = compared(columns);
  const auto column = [](const std::vector<float>& of, size_t n) {
    return std::span(of).subspan(n * sound_bands, sound_bands);
  };
  return verdicts::nearest(known_, [&](const std::vector<float>& other) {
    return verdicts::warped_distance(compared_columns, most_warped, [&](size_t i, size_t j) {
      return distance(column(one, i), column(other, j));
    });
  });
}

}  // namespace unroll
