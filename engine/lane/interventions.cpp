// Reaching into the cell: the command `intervene`, and what is answered at once unless it takes the slow pass
// of DoubleModel: `predict` and `probe`.
#include "engine/lane/parts.h"
#include "engine/probes/intervened_surprise.h"

namespace unroll {

namespace {

void emit_prediction(const Lane::Parts& lane, int64_t id, const Sampler& sampler, size_t known,
                     std::u32string_view unknown) {
  lane.emit(lane.answer("prediction", id)
                .add("unknown", encode_utf8(unknown))
                .add("prefix_length", known)
                .add("intervened", sampler.is_intervened()),
            payload_of(sampler.distribution()));
}

void emit_probe(const Lane::Parts& lane, int64_t id, const SurpriseProbe& found, bool intervened) {
  std::vector<float> values(found.loss);
  values.insert(values.end(), found.top_ids.begin(), found.top_ids.end());
  values.insert(values.end(), found.top_probs.begin(), found.top_probs.end());
  lane.emit(lane.answer("probe", id)
                .add("text", encode_utf8(found.text))
                .add("unknown", encode_utf8(found.unknown))
                .add("top", found.top)
                .add("intervened", intervened),
            payload_of(values));
}

struct PredictJob final : Lane::Parts::ProbeJob {
  int64_t id;
  std::u32string prefix, unknown;
  InterventionSet interventions;
  std::unique_ptr<Sampler> sampler;  // here and below: made when it is this job's turn
  size_t fed = 0;

  bool advance(const Lane::Parts& lane) override {
    if (!sampler) {
      sampler = std::make_unique<Sampler>(lane.model(), lane.vocabulary(), 0, interventions);
    } else {
      sampler->feed({&prefix[fed++], 1});
    }
    return fed == prefix.size();
  }
  void answer(const Lane::Parts& lane) override {
    emit_prediction(lane, id, *sampler, prefix.size(), unknown);
  }
};

struct SurpriseJob final : Lane::Parts::ProbeJob {
  int64_t id;
  std::u32string text;
  int top;
  InterventionSet interventions;
  std::unique_ptr<IntervenedSurprise> meter;

  bool advance(const Lane::Parts& lane) override {
    if (!meter)
      meter = std::make_unique<IntervenedSurprise>(lane.model(), lane.vocabulary(), text, top, interventions);
    return meter->advance();
  }
  void answer(const Lane::Parts& lane) override { emit_probe(lane, id, meter->result(), true); }
};

}  // namespace

Status Lane::Parts::handle(command::Intervene& intervene) {
  const InterventionSet& set = intervene.set;
  if (const Status status = check_interventions(set, model().spec()); !status) return status;
  if (!set.empty() && model().parameters().size() > Intervention::most_parameters)
    return Error{"",
                 "interventions in a model of " + std::to_string(model().parameters().size()) +
                     " parameters would take too long",
                 "at most " + std::to_string(Intervention::most_parameters)};
  session->interventions = set;
  session->writer.sampler->intervene(set);
  emit(OrderedObject().add("type", "intervened").add("id", intervene.id).add("count", set.size()));
  return ok();
}

Status Lane::Parts::handle(command::Predict& predict) {
  const Vocabulary::Encoded encoded = vocabulary().encode(predict.prefix);
  const std::u32string known = vocabulary().decode(encoded.ids);
  if (session->interventions.empty()) {
    Sampler sampler(model(), vocabulary(), 0);
    sampler.feed(known);
    if (const Status status = sampler.check(); !status) return status;
    emit_prediction(*this, predict.id, sampler, known.size(), encoded.unknown);
    return ok();
  }
  auto job = std::make_unique<PredictJob>();
  job->id = predict.id;
  job->prefix = known;
  job->unknown = encoded.unknown;
  job->interventions = session->interventions;
  session->probes.push_back(std::move(job));
  return ok();
}

Status Lane::Parts::handle(command::Probe& probe) {
  if (session->interventions.empty()) {
    emit_probe(*this, probe.id, probe_surprise(model(), vocabulary(), probe.text, probe.top), false);
    return ok();
  }
  auto job = std::make_unique<SurpriseJob>();
  job->id = probe.id;
  job->text = std::move(probe.text);
  job->top = probe.top;
  job->interventions = session->interventions;
  session->probes.push_back(std::move(job));
  return ok();
}

}  // namespace unroll
