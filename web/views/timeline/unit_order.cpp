#include "web/views/timeline/unit_order.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace unroll {
namespace {

/// Standard deviation of each unit.
std::vector<float> deviations(std::span<const float> values, size_t units) {
  const size_t n = units ? values.size() / units : 0;
  std::vector<double> sum(units), squares(units);
  for (size_t t = 0; t < n; ++t)
    for (size_t j = 0; j < units; ++j) {
      const double v = static_cast<double>(values[t * units + j]);
      sum[j] += v;
      squares[j] += v * v;
    }
  std::vector<float> result(units);
  const double count = static_cast<double>(std::max<size_t>(n, 1));
  for (size_t j = 0; j < units; ++j) {
    const double mean = sum[j] / count;
    result[j] = static_cast<float>(std::sqrt(std::max(squares[j] / count - mean * mean, 0.0)));
  }
  return result;
}

/// Units by falling `key`, equal ones by index.
UnitOrder by_falling(const std::vector<float>& key) {
  UnitOrder order = order_by_index(key.size());
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return key[a] != key[b] ? key[a] > key[b] : a < b; });
  return order;
}

}  // namespace

UnitOrder order_by_index(size_t units) {
  UnitOrder order(units);
  std::iota(order.begin(), order.end(), size_t{0});
  return order;
}

UnitOrder order_by_activity(std::span<const float> values, size_t units) {
  return by_falling(deviations(values, units));
}

UnitOrder order_by_similarity(std::span<const float> values, size_t units) {
  constexpr size_t most_samples = 96;
  const size_t n = units ? values.size() / units : 0;
  if (n < 2) return order_by_index(units);
  const size_t samples = std::min(n, most_samples);
  // Each unit's samples with mean 0 and length 1, so that a dot product is a correlation.
  std::vector<float> rows(units * samples);
  for (size_t j = 0; j < units; ++j) {
    float* row = &rows[j * samples];
    float mean = 0, length = 0;
    for (size_t s = 0; s < samples; ++s) {
      row[s] = values[s * (n - 1) / (samples - 1) * units + j];
      mean += row[s] / static_cast<float>(samples);
    }
    for (size_t s = 0; s < samples; ++s) {
      row[s] -= mean;
      length += row[s] * row[s];
    }
    const float scale = length > 0 ? 1 / std::sqrt(length) : 0;
    for (size_t s = 0; s < samples; ++s) row[s] *= scale;
  }
  UnitOrder rest = order_by_activity(values, units), chain;
  chain.reserve(units);
  size_t next = 0;  // place in `rest`
  while (!rest.empty()) {
    chain.push_back(rest[next]);
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(next));
    const float* last = &rows[chain.back() * samples];
    float best = -1;
    next = 0;
    for (size_t k = 0; k < rest.size(); ++k) {
      const float* row = &rows[rest[k] * samples];
      const float likeness = std::abs(std::inner_product(last, last + samples, row, 0.0f));
      if (likeness > best) best = likeness, next = k;
    }
  }
  return chain;
}

UnitOrder order_by_correlation(std::span<const float> correlations) {
  std::vector<float> strength(correlations.size());
  std::transform(correlations.begin(), correlations.end(), strength.begin(),
                 [](float r) { return std::isfinite(r) ? std::abs(r) : -1.0f; });
  return by_falling(strength);
}

}  // namespace unroll
