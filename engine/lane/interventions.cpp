// Reaching into the cell: the command `intervene`, and what is answered at once unless it takes the slow pass
// of DoubleModel: `predict` and `probe`.
#include <limits>

#include "engine/lane/intervened_network.h"
#include "engine/lane/parts.h"
#include "engine/model/double_model.h"
#include "engine/probes/intervened_surprise.h"
#include "engine/probes/probe.h"
#include "engine/tasks/translation_task.h"

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

/// A sequence, and what the network says to it: the commands `example` and, with an example, `probe`.
struct ExampleJob final : Lane::Parts::ProbeJob {
  int64_t id;
  std::optional<std::string> text;  ///< the sequence is one's own
  bool is_probe;
  int top;
  Lane::Parts::Reading reading;
  InterventionSet interventions;
  std::unique_ptr<DoubleModel> doubles;  // under interventions
  std::vector<float> outputs, losses;    // (N, O) and (N), as far as it was read
  std::vector<int32_t>
      written;  // of a translation: what the network writes on its own, classes without the end
  std::vector<float> attention;  // … (N − turn, S) of the rows after the source

  bool advance(const Lane::Parts& lane) override {
    const Batch& sequence = reading.sequence;
    const TranslationTask* translation = lane.task().as_translation();
    if (interventions.empty()) {
      ModelNetwork network(lane.model());
      if (translation) write(*translation, network);
      const auto all = network.read(sequence);
      outputs.assign(all.begin(), all.end());
      losses.assign(network.losses().begin(), network.losses().end());
      for (int t = sequence.turn; lane.model().shape().attention && t < sequence.seq_length; ++t) {
        const auto weights = network.workspace().attention(t, 0);
        attention.insert(attention.end(), weights.begin(), weights.end());
      }
      return true;
    }
    if (!doubles) {
      doubles = std::make_unique<DoubleModel>(lane.model(), interventions);
      IntervenedNetwork network(*doubles, lane.model().shape());
      if (translation) write(*translation, network);
      doubles->reset();
    }
    const size_t row = losses.size();
    const std::vector<double>& logits = doubles->read_row(sequence, row);
    const bool classes = lane.model().shape().has_classes();
    for (const double value : classes ? doubles->probabilities() : logits)
      outputs.push_back(static_cast<float>(value));
    losses.push_back(text ? 0 : static_cast<float>(doubles->row_loss(sequence, row)));
    for (const double weight : doubles->attention()) attention.push_back(static_cast<float>(weight));
    return losses.size() == reading.size();
  }

  void answer(const Lane::Parts& lane) override {
    OrderedObject event = lane.answer(is_probe ? "probe" : "example", id);
    if (text)
      event.add("text", *text);
    else
      event.add(is_probe ? "example" : "index", *reading.example);
    event.add("length", reading.size());
    event.add("intervened", !interventions.empty());
    if (lane.task().as_translation())
      event.add("turn", reading.sequence.turn).add_json("written", json_text(Json(written)));
    lane.emit(event, payload_of(is_probe ? probed(lane, event) : shown(lane, event)));
  }

 private:
  void write(const TranslationTask& task, Network& network) {
    reading.shown.batch = std::move(reading.sequence);
    written = task.write(network, reading.shown);
    if (text) task.continue_with(reading.shown, written);
    reading.sequence = std::move(reading.shown.batch);
  }

  /// Losses, best guesses and their probabilities.
  std::vector<float> probed(const Lane::Parts& lane, OrderedObject& event) {
    const Batch& sequence = reading.sequence;
    const TaskShape& shape = lane.model().shape();
    const size_t N = reading.size(), O = static_cast<size_t>(shape.outputs);
    SurpriseProbe found;
    found.top = shape.has_classes() ? std::min(top, shape.outputs) : 0;
    const size_t K = static_cast<size_t>(found.top);
    found.top_ids.resize(N * K);
    found.top_probs.resize(N * K);
    std::vector<float> values = losses;
    for (size_t t = 0; t < N; ++t) {
      if (!sequence.weights.empty() && sequence.weights[t] == 0)
        values[t] = std::numeric_limits<float>::quiet_NaN();
      if (K > 0) keep_best(found, t, std::span<const float>(outputs).subspan(t * O, O));
    }
    values.insert(values.end(), found.top_ids.begin(), found.top_ids.end());
    values.insert(values.end(), found.top_probs.begin(), found.top_probs.end());
    event.add("top", found.top);
    return values;
  }

  /// Inputs, targets, weights, outputs, and what they mean where they are scaled.
  std::vector<float> shown(const Lane::Parts& lane, OrderedObject& event) {
    const Batch& sequence = reading.sequence;
    std::string marks;
    for (const Mark& mark : reading.shown.marks)
      marks +=
          (marks.empty() ? "" : ",") + OrderedObject()
                                           .add("kind", mark.kind == Mark::Kind::enters ? "enters" : "needed")
                                           .add("position", mark.position)
                                           .add("label", mark.label)
                                           .text();
    event.add_json("marks", "[" + marks + "]");
    event.add("columns", reading.shown.columns);
    std::vector<float> values(sequence.symbols.begin(), sequence.symbols.end());
    const auto add = [&](const auto& more) { values.insert(values.end(), more.begin(), more.end()); };
    add(sequence.reals);
    if (text) {
      const TaskShape& shape = lane.model().shape();
      const int targets = shape.has_classes() ? 1 : shape.targets();
      add(std::vector<float>(reading.size() * static_cast<size_t>(targets + 1)));  // targets and weights
    } else {
      add(sequence.classes);
      add(sequence.values);
      add(sequence.weights.empty() ? std::vector<float>(reading.size(), 1.0f) : sequence.weights);
    }
    add(outputs);
    add(attention);
    if (text || reading.shown.right.empty()) return values;
    event.add("unit", reading.shown.unit);
    add(reading.shown.read);
    add(reading.shown.right);
    add(lane.task().meaning(*reading.example, outputs));
    return values;
  }
};

Status ask_example(Lane::Parts& lane, const char* type, int64_t id, int64_t index, int top) {
  auto reading = lane.reading({}, index);
  if (!reading) return reading.error();
  auto job = std::make_unique<ExampleJob>();
  job->id = id;
  job->is_probe = std::string_view(type) == "probe";
  job->top = top;
  job->reading = std::move(*reading);
  job->interventions = lane.session->interventions;
  lane.session->probes.push_back(std::move(job));
  return ok();
}

}  // namespace

Status Lane::Parts::handle(command::Example& example) {
  if (!example.text) return ask_example(*this, "example", example.id, example.index, 0);
  auto job = std::make_unique<ExampleJob>();
  job->id = example.id;
  job->is_probe = false;
  job->text = encode_utf8(*example.text);
  if (task().kind().looks.own_sequence == nullptr)
    return Error{"text", "the task " + std::string(task().kind().name) + " reads no sequence of one's own",
                 "give the index of one of its own"};
  std::optional<unroll::Example> own = task().own_example(*job->text);
  if (!own)
    return Error{"text", "has nothing that the task reads",
                 "give " + std::string(task().kind().looks.own_sequence)};
  job->reading.shown = std::move(*own);
  job->reading.sequence = std::move(job->reading.shown.batch);
  job->interventions = session->interventions;
  session->probes.push_back(std::move(job));
  return ok();
}

Status Lane::Parts::handle(command::Intervene& intervene) {
  const InterventionSet& set = intervene.set;
  if (const Status status = check_interventions(set, model().spec()); !status) return status;
  if (!set.empty() && model().parameters().size() > Intervention::most_parameters)
    return Error{"",
                 "interventions in a model of " + std::to_string(model().parameters().size()) +
                     " parameters would take too long",
                 "at most " + std::to_string(Intervention::most_parameters)};
  session->interventions = set;
  if (session->writer.sampler) session->writer.sampler->intervene(set);
  emit(OrderedObject().add("type", "intervened").add("id", intervene.id).add("count", set.size()));
  return ok();
}

Status Lane::Parts::handle(command::Predict& predict) {
  if (const Status status = check_characters(); !status) return status;
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
  if (probe.example) return ask_example(*this, "probe", probe.id, *probe.example, probe.top);
  if (const Status status = check_characters(); !status) return status;
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
