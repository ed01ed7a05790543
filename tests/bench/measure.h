// Timing: a case is run in passes; its figure is the median pass, its spread half the distance between the quartiles.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace unroll::bench {

struct Timing {
  double median = 0;  ///< seconds of one call
  double spread = 0;  ///< half the distance between the quartiles, as a share of the median
  double best = 0;    ///< seconds of one call in the fastest pass
};

inline double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Calls `body` often enough that a pass takes at least `pass_seconds` (browsers count time in 0.1 ms). The first pass,
/// in which compilers and caches warm up, is not counted.
template <class Body>
Timing measure(double pass_seconds, int passes, Body body) {
  const auto pass = [&](long calls) {
    const double start = seconds();
    for (long i = 0; i < calls; ++i) body();
    return seconds() - start;
  };
  long calls = 1;
  double time = pass(calls);
  while (time < pass_seconds) {
    const double wanted = time > pass_seconds / 50 ? 1.1 * pass_seconds / time : 10.0;
    calls = std::max(calls + 1, static_cast<long>(static_cast<double>(calls) * wanted));
    time = pass(calls);
  }
  std::vector<double> times;
  for (int i = 0; i < passes; ++i) times.push_back(pass(calls) / static_cast<double>(calls));
  std::sort(times.begin(), times.end());
  const size_t n = times.size();
  return {times[n / 2], (times[n - 1 - n / 4] - times[n / 4]) / 2 / times[n / 2], times.front()};
}

}  // namespace unroll::bench
