#include "engine/model/sampler.h"

#include <algorithm>
#include <cmath>

#include "engine/model/double_model.h"

namespace unroll {

int32_t draw(std::span<const float> probabilities, const SamplingOptions& options, Random& random,
             std::vector<Candidate>& scratch) {
  const auto best = std::ranges::max_element(probabilities);
  if (options.temperature <= 0) return static_cast<int32_t>(best - probabilities.begin());

  // p^(1/temperature), relative to the best so that nothing of weight underflows.
  scratch.clear();
  const double top = *best, exponent = 1.0 / options.temperature;
  for (size_t i = 0; i < probabilities.size(); ++i) {
    const double share = probabilities[i] / top;
    scratch.push_back({static_cast<int32_t>(i), exponent == 1.0 ? share : std::pow(share, exponent)});
  }
  size_t count = scratch.size();
  const bool cut_k = options.top_k > 0 && static_cast<size_t>(options.top_k) < count;
  const bool cut_p = options.top_p < 1.0;
  if (cut_k) count = static_cast<size_t>(options.top_k);
  if (cut_k || cut_p) {
    // Not std::sort: of the two, this one is small, and only the best need an order.
    std::ranges::partial_sort(scratch, scratch.begin() + static_cast<ptrdiff_t>(count),
                              [](const Candidate& a, const Candidate& b) {
                                return a.weight != b.weight ? a.weight > b.weight : a.id < b.id;
                              });
  }
  double total = 0;
  for (size_t i = 0; i < count; ++i) total += scratch[i].weight;
  if (cut_p) {
    double kept = 0;
    size_t i = 0;
    while (i < count && (i == 0 || kept < options.top_p * total)) kept += scratch[i++].weight;
    count = i;
    total = kept;
  }
  double left = (random.next() + 0.5) * 0x1p-32 * total;
  for (size_t i = 0; i < count; ++i) {
    left -= scratch[i].weight;
    if (left < 0) return scratch[i].id;
  }
  return scratch[count - 1].id;  // rounding left a crumb
}

Sampler::Sampler(const Model& model, const Vocabulary& vocabulary, uint64_t seed,
                 InterventionSet interventions)
    : model_(&model),
      vocabulary_(&vocabulary),
      random_(seed, random_stream::samples),
      workspace_(model.make_workspace(1, 1)),
      state_(model.make_state(1)),
      probabilities_(static_cast<size_t>(vocabulary.size())) {
  scratch_.reserve(probabilities_.size());
  intervene(std::move(interventions));
}

Sampler::~Sampler() = default;
Sampler::Sampler(Sampler&&) noexcept = default;

void Sampler::intervene(InterventionSet interventions) {
  doubles_.reset();
  if (!interventions.empty()) doubles_ = std::make_unique<DoubleModel>(*model_, std::move(interventions));
  reset();
}

void Sampler::zero() {
  model_->restart(state_);
  if (doubles_) doubles_->reset();
}

void Sampler::reset() {
  zero();
  advance(std::max(vocabulary_->id(U'\n'), 0));
  is_fresh_ = true;
}

std::u32string Sampler::feed(std::u32string_view text) {
  std::u32string unknown;
  for (const char32_t symbol : text) {
    const int32_t id = vocabulary_->id(symbol);
    if (id < 0) {
      if (unknown.find(symbol) == std::u32string::npos) unknown += symbol;
      continue;
    }
    if (is_fresh_) zero();  // forget the line break that only stood for a beginning
    advance(id);
  }
  return unknown;
}

Status Sampler::check() const {
  const bool finite = std::ranges::all_of(probabilities_, [](float p) { return std::isfinite(p); });
  if (finite) return ok();
  return Error{"", "the model gives no probabilities: a number in it is not finite",
               "its weights are too large to compute with"};
}

char32_t Sampler::write(const SamplingOptions& options) {
  const int32_t id = draw(probabilities_, options, random_, scratch_);
  advance(id);
  return vocabulary_->symbol(id);
}

void Sampler::advance(int32_t id) {
  if (doubles_) {
    doubles_->follow(*model_);
    doubles_->read(id);
    std::ranges::transform(doubles_->probabilities(), probabilities_.begin(),
                           [](double p) { return static_cast<float>(p); });
  } else {
    model_->step(*workspace_, id, state_, probabilities_);
  }
  is_fresh_ = false;
}

}  // namespace unroll
