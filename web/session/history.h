// The losses of one lane, step by step, as its metrics events told them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace unroll {

struct LossHistory {
  struct Valid {
    int64_t step;
    float loss;  ///< nats per character, whole validation part
  };
  int64_t first = 1;             ///< step of loss[0]; the steps follow without gaps
  std::vector<float> loss;       ///< nats per character, of each step's batch, before its update
  std::vector<float> grad_norm;  ///< before clipping
  std::vector<float> smooth;     ///< exponential moving average of loss, see below
  std::vector<Valid> valid;      ///< increasing steps

  int64_t last() const { return first + static_cast<int64_t>(loss.size()) - 1; }
  void clear(int64_t first_step = 1);
  /// Appends steps from `from` on; rows of (loss, grad_norm). A gap or an overlap starts the history anew.
  void append(int64_t from, std::span<const float> rows);

  /// Smoothing: each step moves the average by max(2/(n+1), 1/25) of the way, n counted from the first step: a plain
  /// mean at first, then about the last 50 steps.
  static constexpr float slowest = 1.0f / 25.0f;
};

/// Indices [begin, end) of a history that fall into one pixel column, reduced.
struct Extent {
  float low, high, last;
};
Extent extent_of(std::span<const float> values);

}  // namespace unroll
