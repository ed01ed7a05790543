// How well a lane does at its task, as its metrics told it: the newest score whole, and its value over the steps, bounded
// however long it trains. And what needs no network, as the baselines of the same measure.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/json.h"

namespace unroll {

/// A line of numbers beside a score: accuracy against lag, error against horizon.
struct ScoreLine {
  std::string name, x;
  std::vector<double> at, value;  ///< of equal length; NaN: nothing was there to measure
};

struct ScoreView {
  std::string name, unit;  ///< unit "%": the value is a share from 0 to 1
  double value = 0;        ///< NaN: there was nothing to measure
  bool higher_is_better = false;
  int64_t count = 0;  ///< of what was judged
  std::vector<std::pair<std::string, double>> others;
  std::vector<ScoreLine> curves;
};
/// From the JSON of engine/lane/protocol.h; nothing when it is none.
std::optional<ScoreView> score_of(const Json*);
std::optional<ScoreLine> score_line_of(const Json*);

/// What the score, or one of its further measures, is counted in (as ScoreView::unit); `other` −1: the score itself.
std::string unit_of(const ScoreView&, int other);
/// "83.2%", "0.0123", "14.3 passengers".
std::string score_text(double value, const std::string& unit);

class ScoreHistory {
 public:
  struct Point {
    int64_t step;
    double value;
    std::vector<double> others;  ///< in the order of ScoreView::others
    /// `other` −1: the score itself. NaN: there is none.
    double of(int other) const {
      if (other < 0) return value;
      return static_cast<size_t>(other) < others.size() ? others[static_cast<size_t>(other)] : NAN;
    }
  };
  static constexpr size_t most_points = 512;

  void clear() { *this = ScoreHistory(); }
  void add(int64_t step, ScoreView);
  /// Forgets what came after a step.
  void cut(int64_t step);
  Json saved() const;  ///< as LossHistory
  bool restore(const Json&, int64_t step);

  const std::vector<Point>& points() const { return points_; }        ///< increasing steps, finite values
  const std::optional<ScoreView>& newest() const { return newest_; }  ///< of the last one added
  int64_t step() const { return step_; }                              ///< of the newest
  const Point* at(int64_t step) const;  ///< the one in force: the last not after the step

 private:
  std::vector<Point> points_;
  std::optional<ScoreView> newest_;
  int64_t step_ = 0, gap_ = 0;  // gap: steps between two that are kept, at least
};

}  // namespace unroll
