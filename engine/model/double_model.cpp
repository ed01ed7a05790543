#include "engine/model/double_model.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "engine/base/affine.h"
#include "engine/base/gaussian.h"

namespace unroll {

DoubleModel::DoubleModel(const Model& model, InterventionSet interventions)
    : spec_(model.spec()),
      shape_(model.shape()),
      O_(static_cast<size_t>(shape_.outputs)),
      H_(static_cast<size_t>(spec_.hidden)),
      logits_(O_),
      imposed_(static_cast<size_t>(spec_.layers)) {
  const auto graph = graph_of(spec_);
  for (int l = 0; l < spec_.layers; ++l) {
    std::vector<size_t> offsets;
    for (const CellTensor& tensor : graph->tensors)
      offsets.push_back(model.block("rnn." + tensor.name + "_l" + std::to_string(l)).offset);
    const bool embeds = spec_.embedding > 0 && !shape_.reals;
    const int input = l > 0 ? spec_.hidden : embeds ? spec_.embedding : shape_.inputs;
    layers_.emplace_back(graph, spec_.hidden, input, std::move(offsets));
  }
  for (Intervention& one : interventions) {
    const CellEquation* equation = graph->equation(one.what);
    const int number = equation ? static_cast<int>(equation - graph->equations.data()) : -1;
    imposed_[static_cast<size_t>(one.layer)].push_back({std::move(one), number});
  }
  if (spec_.embedding > 0 && !shape_.reals) embedding_ = model.block("embedding.weight").offset;
  decoder_ = model.block("decoder.weight").offset;
  decoder_bias_ = model.block("decoder.bias").offset;
  follow(model);
  reset();
}

void DoubleModel::follow(const Model& model) {
  if (version_ == model.version()) return;
  version_ = model.version();
  parameters_.assign(model.parameters().begin(), model.parameters().end());
}

void DoubleModel::reset() {
  for (DoubleCell& layer : layers_) layer.reset();
  place_ = 0;
}

const std::vector<double>& DoubleModel::read(int32_t symbol) {
  const ptrdiff_t id = symbol, E = spec_.embedding;
  assert(!shape_.reals);
  return E == 0 ? read(CellInput{.hot = id}) : read(CellInput{.x = &parameters_[embedding_] + id * E});
}

const std::vector<double>& DoubleModel::read(std::span<const float> numbers) {
  assert(shape_.reals && numbers.size() == static_cast<size_t>(shape_.inputs));
  input_.assign(numbers.begin(), numbers.end());
  return read(CellInput{.x = input_.data()});
}

const std::vector<double>& DoubleModel::read_row(const BatchView& batch, size_t t) {
  if (!shape_.reals) return read(batch.symbols[t]);
  const auto I = static_cast<size_t>(shape_.inputs);
  return read(batch.reals.subspan(t * I, I));
}

const std::vector<double>& DoubleModel::read(CellInput input) {
  for (size_t l = 0; l < layers_.size(); ++l) {
    DoubleCell::Hook hook;
    if (!imposed_[l].empty())
      hook = [this, l](int equation, size_t unit, double before, double computed) {
        return intervened(l, equation, unit, before, computed);
      };
    layers_[l].step(parameters_.data(), input, hook);
    input = {.x = layers_[l].h().data()};
  }
  affine(&parameters_[decoder_], &parameters_[decoder_bias_], O_, H_, input.x, logits_.data());
  ++place_;
  return logits_;
}

double DoubleModel::log_sum() const {
  const double largest = *std::max_element(logits_.begin(), logits_.end());
  double sum = 0;
  for (const double logit : logits_) sum += std::exp(logit - largest);
  return largest + std::log(sum);
}

double DoubleModel::loss(int32_t next) const { return log_sum() - logits_[static_cast<size_t>(next)]; }

double DoubleModel::loss(std::span<const float> values) const {
  double sum = 0;
  if (shape_.head == Head::gaussian) {
    const size_t K = values.size();
    for (size_t k = 0; k < K; ++k)
      sum += gaussian_loss(logits_[k], logits_[K + k], static_cast<double>(values[k]));
    return sum / static_cast<double>(K);
  }
  for (size_t o = 0; o < O_; ++o) {
    const double error = logits_[o] - static_cast<double>(values[o]);
    sum += error * error;
  }
  return sum / static_cast<double>(O_);
}

double DoubleModel::row_loss(const BatchView& batch, size_t t) const {
  const auto K = static_cast<size_t>(shape_.targets());
  return shape_.head == Head::softmax ? loss(batch.classes[t]) : loss(batch.values.subspan(t * K, K));
}

std::vector<double> DoubleModel::probabilities() const {
  const double all = log_sum();
  std::vector<double> p(logits_);
  for (double& value : p) value = std::exp(value - all);
  return p;
}

/// What a value is after the interventions on it. `before`: the same one step before.
double DoubleModel::intervened(size_t layer, int equation, size_t unit, double before,
                               double computed) const {
  using Kind = Intervention::Kind;
  const bool is_state = layers_[layer].graph().equations[static_cast<size_t>(equation)].state >= 0;
  double value = computed;
  for (const auto& [one, of] : imposed_[layer]) {
    if ((of < 0 ? !is_state : of != equation) || place_ < one.first || place_ > one.last ||
        (one.unit >= 0 && static_cast<size_t>(one.unit) != unit))
      continue;
    value = one.kind == Kind::ablate ? 0 : one.kind == Kind::freeze ? before : one.value;
  }
  return value;
}

}  // namespace unroll
