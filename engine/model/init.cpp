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

/// What a layer's chrono blocks share: log U(1, a − 1), drawn by the first of them.
struct Chrono {
  std::vector<double> drawn;
};

/// One block as its line says. Numbers are drawn before they are set, so that the others do not depend on them.
void fill(Random& random, const CellInit& init, std::span<float> block, size_t hidden, double bound,
          Chrono& chrono) {
  using Kind = CellInit::Kind;
  const size_t columns = block.size() / hidden;  // of a matrix with heads: one for each head's square
  switch (init.kind) {
    case Kind::number:
      fill_uniform(random, block, bound);
      std::ranges::fill(block, static_cast<float>(init.a));
      break;
    case Kind::uniform:
      for (float& value : block)
        value = random.uniform(static_cast<float>(init.a), static_cast<float>(init.b));
      break;
    case Kind::normal:
      for (float& value : block) value = static_cast<float>(init.a + init.b * random.normal());
      break;
    case Kind::identity:
      for (size_t row = 0; row < hidden; ++row)
        for (size_t column = 0; column < columns; ++column)
          block[row * columns + column] = row % columns == column ? static_cast<float>(init.a) : 0.0f;
      break;
    case Kind::orthogonal:
      for (size_t head = 0; head < hidden / columns; ++head)
        fill_orthogonal(random, block.subspan(head * columns * columns, columns * columns), columns);
      break;
    case Kind::log_uniform:
      for (float& value : block)
        value = static_cast<float>(
            logarithm(random.uniform(static_cast<float>(init.a), static_cast<float>(init.b))));
      break;
    case Kind::chrono:
      if (chrono.drawn.empty())
        for (size_t j = 0; j < hidden; ++j)
          chrono.drawn.push_back(logarithm(random.uniform(1.0f, static_cast<float>(init.a - 1))));
      for (size_t j = 0; j < block.size(); ++j)
        block[j] = static_cast<float>(init.b * chrono.drawn[j % chrono.drawn.size()]);
      break;
  }
}

/// Added to the blank's bias at first, so that labels are rare and as likely at one step as at another. Without it they are all
/// unlearned before anything else, except at the first steps, which a network knows from the others at once: there it then
/// says labels of which it has read nothing yet, and stays with that (docs/tasks.md has the figures).
constexpr float blank_bias = 6;

}  // namespace

void initialise(ModelParts& m, uint64_t seed) {
  Random random(seed, random_stream::weights);
  const size_t H = static_cast<size_t>(m.spec.hidden);
  // torch.nn.RNN/LSTM/GRU draw everything from ±1/√hidden_size; torch.nn.Linear from ±1/√in_features, the
  // same here.
  const double bound = 1.0 / std::sqrt(static_cast<double>(H));
  const std::span<float> all(m.parameters);
  const auto values_of = [&](size_t offset, size_t size) { return all.subspan(offset, size); };
  const std::vector<CellInit> inits = inits_of(m.spec);
  const auto draw_embedding = [&](const Stack& stack) {
    if (!m.embeds()) return;
    const size_t size = static_cast<size_t>(m.shape.inputs) * static_cast<size_t>(m.spec.embedding);
    for (float& value : values_of(stack.embedding, size)) value = static_cast<float>(random.normal());
  };
  const auto draw_layer = [&](const LayerParts& layer) {
    Chrono chrono;
    for (size_t t = 0; t < layer.tensors.size(); ++t) {
      const CellTensor& tensor = m.graph->tensors[t];
      const size_t size = static_cast<size_t>(tensor.block_size(m.spec.hidden, layer.input));
      for (int b = 0; b < tensor.blocks; ++b) {
        const std::span<float> block = values_of(layer.tensors[t] + static_cast<size_t>(b) * size, size);
        const auto is_of = [&](const CellInit& init) {
          return init.tensor == static_cast<int>(t) && init.block == b;
        };
        const auto init = std::ranges::find_if(inits, is_of);
        if (init == inits.end())
          fill_uniform(random, block, bound);
        else
          fill(random, *init, block, H, bound, chrono);
      }
    }
  };
  for (const Stack* stack : {&m.encoder, &m.main}) {
    if (stack->layers.empty()) continue;
    draw_embedding(*stack);
    for (const LayerParts& layer : stack->layers) draw_layer(layer);
  }
  if (m.shape.attention)
    fill_uniform(random, values_of(m.attention_weight, 2 * H * H), bound / std::sqrt(2.0));
  fill_uniform(random, values_of(m.decoder_weight, all.size() - m.decoder_weight), bound);
  if (m.shape.head == Head::ctc) all[m.decoder_bias] += blank_bias;
}

}  // namespace unroll
