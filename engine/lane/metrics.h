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

/// Loss and gradient norm of consecutive steps that no event has reported yet: of each step, until there are too many
/// of them for one event, then means over `stride` steps. So it is bounded, however long nobody asks.
struct MetricsBatch {
  static constexpr size_t most_rows = 512;

  std::vector<float> values;  ///< (n, 2) loss, grad_norm; the last row may be of fewer steps
  int64_t stride = 1;         ///< steps of a row, a power of two
  int64_t steps = 0;          ///< of all rows
  double rate = 0;            ///< learning rate of the last step

  void add(double loss, double grad_norm, double used_rate) {
    rate = used_rate;
    const int64_t in_row = steps % stride;
    if (in_row == 0 && values.size() == 2 * most_rows) halve();
    const int64_t before = steps++ % stride;
    if (before == 0) values.resize(values.size() + 2);
    const auto share = static_cast<float>(1.0 / static_cast<double>(before + 1));
    float* row = &values[values.size() - 2];
    row[0] += (static_cast<float>(loss) - row[0]) * share;
    row[1] += (static_cast<float>(grad_norm) - row[1]) * share;
  }
  void clear() {
    values.clear();
    stride = 1;
    steps = 0;
  }

 private:
  void halve() {
    for (size_t row = 0; row < most_rows / 2; ++row)
      for (size_t n = 0; n < 2; ++n)
        values[2 * row + n] = (values[4 * row + n] + values[4 * row + 2 + n]) / 2;
    values.resize(most_rows);
    stride *= 2;
  }
};

}  // namespace unroll
