// What needs no network to tell words apart: the nearest of up to 300 training recordings, each as 20 columns equally far apart.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "engine/tasks/sound_recordings.h"

namespace unroll {

class NearestSounds {
 public:
  explicit NearestSounds(const Recordings&);  ///< there are some to learn from
  /// Which word columns are, by the sum of all bands' squared distances …
  int32_t by_columns(std::span<const float> columns) const;
  /// … where one may be up to four columns ahead of the other (dynamic time warping).
  int32_t by_warping(std::span<const float> columns) const;

 private:
  std::vector<std::pair<std::vector<float>, int32_t>> known_;
};

}  // namespace unroll
