// Timing: a case is run in passes; its figure is the median pass, its spread half the distance between the quartiles.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace unroll::bench {

struct Timing {
  double median = 0;     ///< seconds of one call
  double spread = 0;     ///< half the distance between the quartiles, as a share of the median
  double reference = 0;  ///< seconds of one call of the reference, median
  double ratio = 0;      ///< of one call of the reference to one of the case: median of the passes
};

inline double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The seconds of so many calls.
template <class Body>
double time_of(long calls, Body& body) {
  const double start = seconds();
  for (long i = 0; i < calls; ++i) body();
  return seconds() - start;
}

/// How many calls last about `wanted` seconds (browsers count time in 0.1 ms). What is called here warms up compilers
/// and caches, and is not counted.
template <class Body>
long calls_for(double wanted, Body& body) {
  long calls = 1;
  for (double time = time_of(1, body); time < wanted;) {
    const double growth = time > wanted / 50 ? 1.1 * wanted / time : 10.0;
    calls = std::max(calls + 1, static_cast<long>(static_cast<double>(calls) * growth));
    time = time_of(calls, body);
  }
  return calls;
}

inline double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Calls `body` often enough that a pass takes at least `pass_seconds`. Each pass has the reference on both its sides,
/// for a tenth of that time each, or another `part` of it: a processor's clock changes from second to second with what its neighbours do, so only
/// neighbours in time can be compared.
template <class Body, class Reference>
Timing measure(double pass_seconds, int passes, Body body, Reference reference, double part = 0.1) {
  const long calls = calls_for(pass_seconds, body),
             reference_calls = calls_for(pass_seconds * part, reference);
  const auto once = [&] {
    return time_of(reference_calls, reference) / static_cast<double>(reference_calls);
  };
  std::vector<double> times, references = {once()}, ratios;
  for (int i = 0; i < passes; ++i) {
    times.push_back(time_of(calls, body) / static_cast<double>(calls));
    references.push_back(once());
    ratios.push_back((references[references.size() - 2] + references.back()) / 2 / times.back());
  }
  std::sort(times.begin(), times.end());
  const size_t n = times.size();
  return {times[n / 2], (times[n - 1 - n / 4] - times[n / 4]) / 2 / times[n / 2], median_of(references),
          median_of(ratios)};
}

}  // namespace unroll::bench
