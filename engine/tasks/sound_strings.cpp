#include "engine/tasks/sound_strings.h"

#include <algorithm>
#include <cassert>

namespace unroll {
namespace {

constexpr float flutter =
    0.5f;  // nats: deviation of a band's noise, the mean of two windows, from column to column

}  // namespace

std::array<float, sound_bands> room_of(std::span<const float> columns) {
  assert(!columns.empty());
  const size_t count = columns.size() / sound_bands;
  std::array<float, sound_bands> room;
  std::vector<float> levels(count);
  for (size_t band = 0; band < sound_bands; ++band) {
    for (size_t n = 0; n < count; ++n) levels[n] = columns[n * sound_bands + band];
    const auto tenth = levels.begin() + static_cast<std::ptrdiff_t>(count / 10);
    std::ranges::nth_element(levels, tenth);
    room[band] = *tenth;
  }
  return room;
}

void join_sounds(std::vector<float>& said, std::span<const float> next, size_t pause, Random& random) {
  if (pause > 0) {
    const auto before = room_of(said.empty() ? next : std::span<const float>(said)),
               after = room_of(next.empty() ? std::span<const float>(said) : next);
    for (size_t n = 0; n < pause; ++n) {
      const float part = (static_cast<float>(n) + 0.5f) / static_cast<float>(pause);
      for (size_t band = 0; band < sound_bands; ++band)
        said.push_back(before[band] + part * (after[band] - before[band]) +
                       flutter * static_cast<float>(random.normal()));
    }
  }
  said.insert(said.end(), next.begin(), next.end());
}

}  // namespace unroll
