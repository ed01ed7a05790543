#include "engine/probes/intervened_surprise.h"

#include "engine/model/double_model.h"

namespace unroll {

IntervenedSurprise::IntervenedSurprise(const Model& model, const Vocabulary& vocabulary,
                                       std::u32string_view text, int top, InterventionSet interventions)
    : doubles_(std::make_unique<DoubleModel>(model, std::move(interventions))) {
  Vocabulary::Encoded encoded = vocabulary.encode(text);
  ids_ = std::move(encoded.ids);
  probe_ = make_surprise_probe(vocabulary, ids_, top);
  probe_.unknown = std::move(encoded.unknown);
}

IntervenedSurprise::~IntervenedSurprise() = default;

bool IntervenedSurprise::advance() {
  if (place_ + 1 >= ids_.size()) return true;
  doubles_->read(ids_[place_]);
  ++place_;
  const std::vector<double> p = doubles_->probabilities();
  probe_.loss[place_] = static_cast<float>(doubles_->loss(ids_[place_]));
  keep_best(probe_, place_, std::vector<float>(p.begin(), p.end()));
  return place_ + 1 == ids_.size();
}

SurpriseProbe probe_surprise(const Model& model, const Vocabulary& vocabulary, std::u32string_view text,
                             int top, const InterventionSet& interventions) {
  IntervenedSurprise probe(model, vocabulary, text, top, interventions);
  while (!probe.advance()) continue;
  return probe.result();
}

}  // namespace unroll
