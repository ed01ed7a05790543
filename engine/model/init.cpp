// Initial weights, from Random and exact arithmetic alone: the same bits on every machine.
#include <algorithm>
#include <cmath>

#include "engine/model/parts.h"

namespace unroll {
namespace {

void fill_uniform(Random& random, std::span<float> values, double bound) {
  const float limit = static_cast<float>(bound);
  for (float& value : values) value = random.uniform(-limit, limit);
}

/// Σ a·b in a fixed order that compilers can vectorise as it stands.
double dot(const double* a, const double* b, size_t n) {
  double sums[8] = {};
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (size_t lane = 0; lane < 8; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  for (; i < n; ++i) sums[0] += a[i] * b[i];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

/// A random orthogonal (n × n) matrix, uniform over all of them: Gram–Schmidt on rows of normal numbers
/// (Mezzadri 2007, arXiv math-ph/0609050), each row swept twice so that rounding leaves no trace.
void fill_orthogonal(Random& random, std::span<float> matrix, size_t n) {
  std::vector<double> rows(n * n);
  for (double& value : rows) value = random.normal();
  for (size_t i = 0; i < n; ++i) {
    double* row = &rows[i * n];
    for (int sweep = 0; sweep < 2; ++sweep)
      for (size_t j = 0; j < i; ++j) {
        const double* done = &rows[j * n];
        const double overlap = dot(row, done, n);
        for (size_t x = 0; x < n; ++x) row[x] -= overlap * done[x];
      }
    const double length = std::sqrt(dot(row, row, n));
    for (size_t x = 0; x < n; ++x) row[x] /= length;
  }
  std::transform(rows.begin(), rows.end(), matrix.begin(), [](double x) { return static_cast<float>(x); });
}

}  // namespace

void initialise(ModelParts& m, uint64_t seed) {
  Random random(seed, random_stream::weights);
  const size_t hidden = static_cast<size_t>(m.spec.hidden);
  // torch.nn.RNN/LSTM/GRU draw everything from ±1/√hidden_size; torch.nn.Linear from ±1/√in_features, the
  // same here.
  const double bound = 1.0 / std::sqrt(static_cast<double>(hidden));
  const std::span<float> all(m.parameters);
  for (const ParameterBlock& block : m.blocks) {
    const std::span<float> values = all.subspan(block.offset, block.size());
    if (block.name == "embedding.weight") {
      for (float& value : values) value = static_cast<float>(random.normal());
    } else if (m.spec.init == Init::orthogonal && block.name.starts_with("rnn.weight_hh")) {
      for (size_t gate = 0; gate < static_cast<size_t>(m.cell->gates); ++gate)
        fill_orthogonal(random, values.subspan(gate * hidden * hidden, hidden * hidden), hidden);
    } else {
      fill_uniform(random, values, bound);
    }
  }
  if (m.spec.cell != "lstm" || !m.spec.forget_bias) return;
  for (const LayerParts& layer : m.layers) {  // the forget gate is the second block of rows
    std::ranges::fill(all.subspan(layer.b_ih + hidden, hidden), static_cast<float>(*m.spec.forget_bias));
    std::ranges::fill(all.subspan(layer.b_hh + hidden, hidden), 0.0f);
  }
}

}  // namespace unroll
