#include "engine/model/double_model.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "engine/base/affine.h"
#include "engine/base/ctc.h"
#include "engine/base/gaussian.h"
#include "engine/base/mixture.h"

namespace unroll {

DoubleModel::DoubleModel(const Model& model, InterventionSet interventions)
    : spec_(model.spec()),
      shape_(model.shape()),
      O_(static_cast<size_t>(shape_.outputs)),
      H_(static_cast<size_t>(spec_.hidden)),
      logits_(O_),
      imposed_(static_cast<size_t>(spec_.layers)) {
  const auto graph = graph_of(spec_);
  main_ = stack_of(model, "rnn", "embedding.weight");
  if (shape_.encoder) encoder_ = stack_of(model, "encoder", "encoder_embedding.weight");
  if (shape_.attention) attention_ = model.block("attention.weight").offset;
  for (Intervention& one : interventions) {
    const CellEquation* equation = graph->equation(one.what);
    const int number = equation ? static_cast<int>(equation - graph->equations.data()) : -1;
    imposed_[static_cast<size_t>(one.layer)].push_back({std::move(one), number});
  }
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

DoubleModel::Stack DoubleModel::stack_of(const Model& model, const std::string& module,
                                         const char* embedding) const {
  const auto graph = graph_of(spec_);
  const bool embeds = spec_.embedding > 0 && !shape_.reals;
  Stack stack;
  if (embeds) stack.embedding = model.block(embedding).offset;
  for (int l = 0; l < spec_.layers; ++l) {
    std::vector<size_t> offsets;
    for (const CellTensor& tensor : graph->tensors)
      offsets.push_back(model.block(module + "." + tensor.name + "_l" + std::to_string(l)).offset);
    const int input = l > 0 ? spec_.hidden : embeds ? spec_.embedding : shape_.inputs;
    stack.layers.emplace_back(graph, spec_.hidden, input, std::move(offsets));
  }
  return stack;
}

void DoubleModel::reset() {
  for (Stack* stack : {&encoder_, &main_})
    for (DoubleCell& layer : stack->layers) layer.reset();
  source_.clear();
  logs_.clear();
  encodes_ = false;
  place_ = 0;
}

void DoubleModel::turn_to(bool encoder) {
  if (encodes_ == encoder) return;
  assert(place_ == 0 || !encoder);
  encodes_ = encoder;
  if (encoder) return;
  const size_t states = main_.layers.front().graph().states.size();
  for (size_t l = 0; l < main_.layers.size(); ++l)
    for (size_t s = 0; s < states; ++s)
      std::ranges::copy(encoder_.layers[l].state(static_cast<int>(s)),
                        main_.layers[l].state(static_cast<int>(s)).begin());
}

const std::vector<double>& DoubleModel::read(int32_t symbol) {
  const ptrdiff_t id = symbol, E = spec_.embedding;
  assert(!shape_.reals);
  if (E == 0) return read(CellInput{.hot = id});
  return read(CellInput{.x = &parameters_[(encodes_ ? encoder_ : main_).embedding] + id * E});
}

const std::vector<double>& DoubleModel::read(std::span<const float> numbers) {
  assert(shape_.reals && numbers.size() == static_cast<size_t>(shape_.inputs));
  input_.assign(numbers.begin(), numbers.end());
  return read(CellInput{.x = input_.data()});
}

const std::vector<double>& DoubleModel::read_row(const BatchView& batch, size_t t) {
  turn_to(t < static_cast<size_t>(batch.turn));
  if (!shape_.reals) return read(batch.symbols[t]);
  const auto I = static_cast<size_t>(shape_.inputs);
  return read(batch.reals.subspan(t * I, I));
}

const std::vector<double>& DoubleModel::read(CellInput input) {
  std::vector<DoubleCell>& layers = (encodes_ ? encoder_ : main_).layers;
  for (size_t l = 0; l < layers.size(); ++l) {
    DoubleCell::Hook hook;
    if (!imposed_[l].empty())
      hook = [this, l](int equation, size_t unit, double before, double computed) {
        return intervened(l, equation, unit, before, computed);
      };
    layers[l].step(parameters_.data(), input, hook);
    input = {.x = layers[l].h().data()};
  }
  weights_.clear();
  if (shape_.attention && encodes_) source_.insert(source_.end(), input.x, input.x + H_);
  if (shape_.attention && !encodes_) input.x = attended(input.x);
  affine(&parameters_[decoder_], &parameters_[decoder_bias_], O_, H_, input.x, logits_.data());
  ++place_;
  if (shape_.head == Head::ctc)
    for (const double all = log_sum(); const double logit : logits_) logs_.push_back(logit - all);
  return logits_;
}

/// See attention.h.
const double* DoubleModel::attended(const double* h) {
  const size_t S = source_.size() / H_;
  weights_.assign(S, 0.0);
  double largest = -std::numeric_limits<double>::infinity(), sum = 0;
  for (size_t s = 0; s < S; ++s) {
    for (size_t j = 0; j < H_; ++j) weights_[s] += source_[s * H_ + j] * h[j];
    largest = std::max(largest, weights_[s]);
  }
  for (double& weight : weights_) sum += weight = std::exp(weight - largest);
  for (double& weight : weights_) weight /= sum;
  pair_.assign(2 * H_, 0.0);
  for (size_t s = 0; s < S; ++s)
    for (size_t j = 0; j < H_; ++j) pair_[j] += weights_[s] * source_[s * H_ + j];
  std::copy_n(h, H_, pair_.begin() + static_cast<ptrdiff_t>(H_));
  read_.assign(H_, 0.0);
  for (size_t i = 0; i < H_; ++i) {
    const double* row = &parameters_[attention_ + i * 2 * H_];
    for (size_t j = 0; j < 2 * H_; ++j) read_[i] += row[j] * pair_[j];
    read_[i] = std::tanh(read_[i]);
  }
  return read_.data();
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
  if (shape_.head == Head::gaussian) return gaussian_loss(logits_.data(), values.data(), values.size());
  if (shape_.head == Head::mixture) return mixture_loss(logits_.data(), values.data(), O_);
  for (size_t o = 0; o < O_; ++o) {
    const double error = logits_[o] - static_cast<double>(values[o]);
    sum += error * error;
  }
  return sum / static_cast<double>(O_);
}

double DoubleModel::row_loss(const BatchView& batch, size_t t) const {
  const auto K = static_cast<size_t>(shape_.targets());
  if (shape_.head == Head::ctc)
    return t + 1 == static_cast<size_t>(batch.seq_length) ? string_loss(batch) : 0;
  return shape_.head == Head::softmax ? loss(batch.classes[t]) : loss(batch.values.subspan(t * K, K));
}

double DoubleModel::string_loss(const BatchView& batch) const {
  std::vector<int32_t> labels;
  labels_of(batch, 0, labels);
  std::vector<double> logs;
  for (size_t row = 0; row < logs_.size(); row += O_) {
    logs.push_back(logs_[row]);
    for (const int32_t label : labels) logs.push_back(logs_[row + static_cast<size_t>(label)]);
  }
  std::vector<double> room(ctc_room(logs_.size() / O_, labels.size()));
  return ctc_loss(labels, logs, room);
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
  const bool is_state = main_.layers[layer].graph().equations[static_cast<size_t>(equation)].state >= 0;
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
