// Where series come from: those that ship (engine/tasks/shipped/NAME.series, facts with their source) and generators.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/tasks/series_baselines.h"
#include "engine/tasks/series_time.h"

// The file is shipped/NAME.series: lines "key: value", an empty line, and the numbers, a season or so a line. In the order of
// menus.
#define UNROLL_SHIPPED_SERIES(SERIES) \
  SERIES(airline)                     \
  SERIES(co2)                         \
  SERIES(sunspots)                    \
  SERIES(demand)                      \
  SERIES(seattle)                     \
  SERIES(dax)                         \
  SERIES(nottem)

namespace unroll {

/// How a series is best given to a network, where the experiment does not say it.
struct SeriesAdvice {
  bool log = false, difference = false, seasonal = false, calendar = false;
  std::vector<int> lags = {1};
  int held_out = 0;    ///< values at the end; 0: nothing is known
  ArSettings ar = {};  ///< of the baseline; no lags: usual_ar
};

/// One or several columns on one axis; NaN: missing. The first column is the predicted one.
struct Series {
  std::string title;     ///< "Airline passengers"
  std::string quantity;  ///< of the predicted column, with its unit: "demand, MW"
  std::string
      source;  ///< who measured it, when, and where the numbers come from; empty: one's own, or generated
  TimeAxis axis;
  std::vector<double> seasons;     ///< in steps, the shortest first
  std::vector<std::string> names;  ///< of the columns
  std::vector<std::vector<double>> columns;
  SeriesAdvice advice;

  size_t length() const { return columns.empty() ? 0 : columns[0].size(); }
};

/// "MW" of "demand, MW"; "" of "sunspot number".
std::string unit_of(const Series&);

/// One of those above; of another name an empty one.
Series shipped_series(std::string_view name);
/// Of a file's text; the errors are for whoever writes such a file.
Result<Series> read_shipped_series(std::string_view text);

// --- Generators: the same numbers on every machine -------------------------------------------------------------------

/// sin(2π turns), from + − × alone: the same bits everywhere.
double sine(double turns);

/// Two sines, of 25 and of 60 steps, the second half as high, and normal noise of deviation `noise`.
Series noisy_sines(uint64_t seed, int length, double noise);
/// dx/dt = 0.2 x(t − 17) / (1 + x(t − 17)^10) − 0.1 x (Mackey & Glass 1977), one value a unit of time, solved by the
/// classical Runge-Kutta method in steps of 0.1 after 500 units of settling; plus normal noise.
Series mackey_glass(uint64_t seed, int length, double noise);
/// The sum of independent normal steps of deviation 1: nothing beats the last value.
Series random_walk(uint64_t seed, int length);

}  // namespace unroll
