// How well forecasts of a series do, in its own units; and whether a forecast is more than yesterday's value.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace unroll {

/// MAE, RMSE, sMAPE = mean 200 |e| / (|y| + |f|), MASE = MAE / scale. NaN where nothing was measured; MASE also where
/// the scale is 0.
struct ForecastErrors {
  double mae, rmse, smape, mase;
  int64_t count;
};

/// The scale of MASE: the mean |y_t − y_{t−m}| of the training part (Hyndman & Koehler 2006), m = 1 unless the series has
/// a season. Missing values are left out; NaN where no pair is there.
double mase_scale(std::span<const double> train, int64_t m);

/// Adds errors up; values and forecasts that are NaN are left out.
class ErrorSum {
 public:
  void add(double value, double forecast);
  ForecastErrors errors(double mase_scale) const;

 private:
  double absolute_ = 0, square_ = 0, relative_ = 0;
  int64_t count_ = 0;
};

/// The copy meter, from 0 to 1: what share of today's value that yesterday's does not explain the forecast fails to foresee.
/// In the regression f_t = a + b y_t + c y_{t−1} + e of one-step forecasts f on the value and the one before, it is 1 − b,
/// held within 0 … 1. By Frisch & Waugh (1933) b = Σ u_t v_t / Σ v_t², with u and v the residuals of f_t and y_t after
/// each was regressed on y_{t−1}: a forecast made of y_{t−1} alone, however scaled or shifted, has b = 0, meter 1; a perfect one
/// has b = 1, meter 0; the best forecast of a walk whose steps nobody can know has 1, and that is no shame.
/// Entries with a NaN are left out. NaN where fewer than 4 are left, or yesterday explains every value.
double copy_meter(std::span<const double> value, std::span<const double> last,
                  std::span<const double> forecast);

}  // namespace unroll
