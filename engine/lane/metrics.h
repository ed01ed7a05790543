// What a lane tells about its training: losses gathered between two metrics events, and its speed.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace unroll {

/// Training speed, smoothed over about `memory` seconds of training; time in between does not count.
class SpeedMeter {
 public:
  static constexpr double memory = 1.0;

  void add(double characters, double seconds) {
    const double keep = std::exp(-seconds / memory);
    characters_ = characters_ * keep + characters;
    seconds_ = seconds_ * keep + seconds;
    total_seconds_ += seconds;
  }
  double characters_per_second() const { return seconds_ > 0 ? characters_ / seconds_ : 0; }
  double total_seconds() const { return total_seconds_; }

 private:
  double characters_ = 0;
  double seconds_ = 0;
  double total_seconds_ = 0;
};

/// Loss and gradient norm of consecutive steps that no event has reported yet.
struct MetricsBatch {
  std::vector<float> values;  ///< (n, 2) loss, grad_norm
  double rate = 0;            ///< learning rate of the last step

  void add(double loss, double grad_norm, double used_rate) {
    values.push_back(static_cast<float>(loss));
    values.push_back(static_cast<float>(grad_norm));
    rate = used_rate;
  }
  int64_t size() const { return static_cast<int64_t>(values.size() / 2); }
};

}  // namespace unroll
