// The losses of one lane over its steps, as its metrics events told them: bounded, whatever the speed and however long it
// trains. Once there are too many points for single steps, each stands for a run of them, all of the same length.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/json.h"

namespace unroll {

class LossHistory {
 public:
  struct Point {
    int64_t step;     ///< the last of the steps that it stands for
    int64_t steps;    ///< how many they are
    float loss;       ///< nats per character of a step's batch, before its update; the mean over the steps
    float low, high;  ///< … the smallest and the largest
    float grad_norm;  ///< before clipping; the mean
    float smooth;     ///< moving average of the loss as of the last step, see below
  };
  struct Valid {
    int64_t step;
    float loss;  ///< nats per character, whole validation part
  };
  static constexpr size_t most_points = 4096, most_valid = 512;
  /// Smoothing: each step moves the average by max(2/(n+1), 1/25) of the way, n counted from the first step: a plain
  /// mean at first, then about the last 50 steps.
  static constexpr double slowest = 1.0 / 25.0;

  void clear(int64_t first_step = 1);
  /// Appends the steps from … to; rows of (loss, grad_norm), each the mean over `stride` steps, the last one over what
  /// is left. A gap or an overlap starts the history anew.
  void append(int64_t from, int64_t to, int64_t stride, std::span<const float> rows);
  void add_valid(Valid);
  /// Forgets what came after a step.
  void cut(int64_t step);
  /// All of it as JSON, for a file, and back: as it was up to a step, from which it goes on. False where that is no such
  /// history: it is empty then, before that step. In history_saved.cpp.
  Json saved() const;
  bool restore(const Json&, int64_t step);

  const std::vector<Point>& points() const { return points_; }  ///< increasing steps
  const std::vector<Valid>& valid() const { return valid_; }    ///< increasing steps
  const std::optional<Valid>& best() const { return best_; }    ///< the lowest of all validations
  const Point* now() const { return points_.empty() ? nullptr : &points_.back(); }
  const Point* at(int64_t step) const;        ///< the one that stands for the step, if it is known
  const Valid* valid_at(int64_t step) const;  ///< the one in force: the last not after the step
  /// The held-out loss rises since its best while that of training still falls: the text is being memorised.
  bool memorises() const;

 private:
  void add(const Point&);

  std::vector<Point> points_;
  std::vector<Valid> valid_;
  std::optional<Valid> best_;
  int64_t next_ = 1;       // the step that is to come
  int64_t seen_ = 0;       // steps since the first
  int64_t run_ = 1;        // steps of a finished point
  int64_t valid_gap_ = 0;  // steps between two validations that are kept, at least
};

}  // namespace unroll
