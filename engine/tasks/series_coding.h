// A series as a network sees it, and its answers as values again. In this order: the logarithm, the difference to the value
// before, the difference to a season before, and (x − mean) / deviation with both of the training part alone. The row of step t
// holds what is known at t, and its target is the value at t + 1.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/base/json.h"
#include "engine/base/result.h"
#include "engine/tasks/series_source.h"

namespace unroll {

struct SeriesSteps {
  bool log = false, difference = false, seasonal = false;
  int season = 0;                ///< of the seasonal difference, in steps
  std::vector<int> lags = {1};   ///< of the predicted column, counted from the target: 1 is the value at t
  std::vector<double> calendar;  ///< seasons whose sines and cosines at t + 1 are inputs; empty: none

  bool operator==(const SeriesSteps&) const = default;
};

/// Values of a column, from 0 to some end: gaps are carried from the value before. Reads column c at t.
using SeriesReader = std::function<double(size_t c, int64_t t)>;

class SeriesCoding {
 public:
  /// Mean and deviation from the first `train` values. Errors: a logarithm of what is not positive, too few values.
  static Result<SeriesCoding> fit(const Series&, const SeriesSteps&, size_t train);
  /// As a checkpoint stores it.
  Json stored() const;
  /// With stored scaling; an error where the columns or the steps are others.
  static Result<SeriesCoding> restore(const Series&, const SeriesSteps&, const Json& stored);

  /// I: lags, other columns, a marker for each column with gaps, sines and cosines.
  int inputs() const { return inputs_; }
  /// The first step whose row has everything it needs.
  int64_t first_step() const { return reach_; }
  /// How far back a row looks beyond its own step.
  int64_t reach() const { return reach_; }
  const SeriesSteps& steps() const { return steps_; }
  const std::vector<uint8_t>& gaps() const { return gaps_; }  ///< 1: the column has some

  /// The row of step t, which needs values from t − reach() to t. `missing`: of each column, at t.
  void encode(int64_t t, const SeriesReader&, std::span<const uint8_t> missing, std::span<float> row) const;
  /// What the network shall answer at step t, of the value at t + 1.
  double target(int64_t t, double value, const SeriesReader&) const;
  /// The value at t + 1 that an answer means; always finite for an answer that is.
  double decode(int64_t t, double answer, const SeriesReader&) const;

  double mean(size_t column) const { return scales_[column].mean; }
  double deviation(size_t column) const { return scales_[column].deviation; }

 private:
  struct Scale {
    double mean = 0, deviation = 1;
    bool log = false;
  };
  double level(size_t column, double value) const;
  /// What the differences take away from the value at t + 1.
  double base(size_t column, int64_t t, const SeriesReader&) const;
  double scaled(size_t column, int64_t t, const SeriesReader&) const;
  void prepare(const Series&);

  SeriesSteps steps_;
  std::vector<Scale> scales_;  // of the columns
  std::vector<uint8_t> gaps_;
  int inputs_ = 0;
  int64_t reach_ = 0;
};

/// Of a series without advice: differences while they make the deviation of the training part smaller (the variate
/// difference method, Anderson 1976).
SeriesAdvice advice_for(std::span<const double> train, double season);

}  // namespace unroll
