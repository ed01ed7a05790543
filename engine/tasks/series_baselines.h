// Forecasts that need no network: what one should be compared with. Each is fitted on the training part once, and forecasts
// from any origin. Histories have no gaps (filled()), while the fits see the gaps and leave them out.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace unroll {

/// The series with each missing value (NaN) replaced by the one before; at the beginning by the first that is there.
std::vector<double> filled(std::span<const double> series);

class Forecaster {
 public:
  virtual ~Forecaster() = default;
  virtual std::string name() const = 0;   ///< "last value"
  virtual std::string about() const = 0;  ///< one line, with the parameters that were fitted
  /// The values that follow the history, which is at least as long as the training part was.
  virtual void forecast(std::span<const double> history, std::span<double> out) const = 0;
  /// Of series[first], series[first + 1], … each from all before it: as forecast() gives one by one, in one pass.
  virtual void one_step(std::span<const double> series, size_t first, std::span<double> out) const {
    for (size_t i = 0; i < out.size(); ++i) forecast(series.first(first + i), out.subspan(i, 1));
  }
};

/// Of the autoregression by least squares: y_t on a constant and y_{t−lag}; of logs and differences of y if asked for; with
/// harmonics k > 0 of what k sines and cosines of the season leave over, without the constant.
struct ArSettings {
  std::vector<int> lags;
  bool log = false, difference = false;
  int harmonics = 0;

  bool operator==(const ArSettings&) const = default;
};
/// What fits a series of which nothing else is known; `season` in steps, 0: none.
ArSettings usual_ar(std::span<const double> train, double season);

// Each is null where the training part is too short for it, or (logs, products) not positive.
std::unique_ptr<Forecaster> last_value();
/// The value of the same place in the season before.
std::unique_ptr<Forecaster> last_season(std::span<const double> train, int season);
/// y_{t−m} + y_{t−1} − y_{t−m−1}: the season before, moved by as much as the last value was off.
std::unique_ptr<Forecaster> season_and_delta(std::span<const double> train, int season);
/// The straight line through the first and the last value.
std::unique_ptr<Forecaster> drift();
std::unique_ptr<Forecaster> autoregression(std::span<const double> train, const ArSettings&, double season);
/// Assimakopoulos & Nikolopoulos 2000, as simple exponential smoothing with half the trend for drift (Hyndman & Billah
/// 2003), of the series without its season where it has one (their test of the autocorrelation at the season, 90%).
std::unique_ptr<Forecaster> theta(std::span<const double> train, int season);
/// Holt 1957, Winters 1960: level, trend and season, smoothed with parameters that fit the training part best (least
/// squares, one step ahead). Season 0: level and trend.
enum class SeasonKind { additive, multiplicative };
std::unique_ptr<Forecaster> holt_winters(std::span<const double> train, int season, SeasonKind);

/// All that can be had, in this order; `season` may have a fraction (365.25), which all but the harmonics round.
std::vector<std::unique_ptr<Forecaster>> fit_baselines(std::span<const double> train, double season,
                                                       const ArSettings&);

}  // namespace unroll
