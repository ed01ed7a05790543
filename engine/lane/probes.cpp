// The probes of a lane: each a job that is done in pieces, so that commands are answered in between. Those
// that read the running model hold its weights; a job that works on a copy does not. Jobs are done one after
// the other, and die with their session. Here those of the gradient and the weights; what happens inside a
// layer is in probes_layer.cpp.
#include <algorithm>

#include "engine/lane/parts.h"
#include "engine/probes/gradient_check.h"
#include "engine/probes/probe.h"
#include "engine/probes/spectrum.h"

namespace unroll {

namespace {

struct FlowJob final : Lane::Parts::ProbeJob {
  int64_t id;
  Lane::Parts::Reading reading;
  std::unique_ptr<GradientFlowMeter> meter;

  bool advance(const Lane::Parts&) override { return meter->advance(); }
  void answer(const Lane::Parts& lane) override {
    const GradientFlow& flow = meter->result().front();
    const auto graph = graph_of(lane.model().spec());
    std::vector<std::string> names;
    for (const CellState& state : graph->states) names.push_back(state.name);
    std::vector<float> values;
    for (const std::vector<float>& state : flow.states)
      values.insert(values.end(), state.begin(), state.end());
    values.insert(values.end(), flow.input.begin(), flow.input.end());
    OrderedObject event = lane.answer("flow", id);
    lane.add_reading(event, reading);
    event.add("position", reading.example ? flow.position - 1 : flow.position)
        .add("lags", flow.lags)
        .add("layers", lane.model().spec().layers)
        .add("states", names)
        .add("output", graph->output);
    lane.emit(event, payload_of(values));
  }
};

struct HorizonJob final : Lane::Parts::ProbeJob {
  int64_t id;
  const char* source;
  std::unique_ptr<MemoryHorizonMeter> meter;

  bool advance(const Lane::Parts&) override { return meter->advance(); }
  void answer(const Lane::Parts& lane) override {
    const MemoryHorizon horizon = meter->result();
    lane.emit(lane.answer("horizon", id)
                  .add("source", source)
                  .add("characters", horizon.characters)
                  .add("reached", horizon.reached)
                  .add("positions", horizon.positions),
              payload_of(std::vector<float>(horizon.influence.begin(), horizon.influence.end())));
  }
};

struct SpectrumJob final : Lane::Parts::ProbeJob {
  int64_t id, step;
  int layer;
  std::unique_ptr<SpectrumMeter> meter;

  bool advance(const Lane::Parts&) override { return meter->advance(); }
  void answer(const Lane::Parts& lane) override {
    std::vector<std::string> names;
    std::vector<float> values;
    for (const Spectrum& one : meter->result()) {
      names.push_back(one.name);
      values.push_back(static_cast<float>(one.singular));
      values.push_back(static_cast<float>(one.eigenvalue));
    }
    lane.emit(OrderedObject()
                  .add("type", "spectrum")
                  .add("id", id)
                  .add("step", step)
                  .add("layer", layer)
                  .add("gates", names),
              payload_of(values));
  }
};

struct GradientCheckJob final : Lane::Parts::ProbeJob {
  int64_t id, step;
  Lane::Parts::Reading reading;
  std::unique_ptr<GradientCheck> check;

  bool advance(const Lane::Parts&) override { return check->advance(); }
  void answer(const Lane::Parts& lane) override {
    std::vector<float> values;
    for (const GradientSample& sample : check->samples()) {
      values.push_back(static_cast<float>(sample.block));
      values.push_back(static_cast<float>(sample.index));
      values.push_back(static_cast<float>(sample.backward));
      values.push_back(static_cast<float>(sample.difference));
    }
    std::vector<std::string> names;
    for (const ParameterBlock& block : lane.model().blocks()) names.push_back(block.name);
    OrderedObject event;
    event.add("type", "gradient_check").add("id", id).add("step", step);
    lane.add_reading(event, reading);
    lane.emit(event.add("error", check->error()).add("blocks", names), payload_of(values));
  }
};

/// What flow and horizon may take.
Status check_memory(const Model& model, size_t characters, size_t positions) {
  constexpr uint64_t mebibyte = uint64_t{1} << 20, limit = 256 * mebibyte;
  const uint64_t bytes = GradientFlowMeter::bytes(model, characters, positions);
  if (bytes <= limit) return ok();
  return Error{"text",
               std::to_string(characters) + " characters would need " + std::to_string(bytes / mebibyte) +
                   " MiB of memory with this model",
               "at most " + std::to_string(limit / mebibyte) + "; give a shorter text"};
}

Error too_short(size_t known) {
  return Error{"text", "has " + std::to_string(known) + " characters that the model knows",
               "at least 2 are needed"};
}

}  // namespace

Status Lane::Parts::check_layer(int layer) const {
  const int layers = model().spec().layers;
  if (layer < layers) return ok();
  return Error{"layer", "found " + std::to_string(layer) + ", and the model has " + std::to_string(layers),
               "allowed: 0 to " + std::to_string(layers - 1)};
}

Status Lane::Parts::check_characters() const {
  if (task().characters() != nullptr) return ok();
  return Error{"", "the task " + std::string(task().kind().name) + " has no text to read or write",
               "look at its sequences instead: `example`, or probe, activations, cell and flow with one"};
}

Result<Lane::Parts::Reading> Lane::Parts::reading(const std::u32string& text,
                                                  std::optional<int64_t> example) const {
  Reading reading;
  reading.example = example;
  if (example) {
    reading.shown = task().example(*example);
    reading.sequence = std::move(reading.shown.batch);
    return reading;
  }
  if (const Status status = check_characters(); !status) return status.error();
  reading.text = vocabulary().encode(text);
  reading.sequence = symbols_alone(reading.text.ids);
  return reading;
}

void Lane::Parts::add_reading(OrderedObject& event, const Reading& reading) const {
  if (reading.example) {
    event.add("example", *reading.example).add("length", reading.size());
  } else {
    event.add("text", encode_utf8(vocabulary().decode(reading.text.ids)))
        .add("unknown", encode_utf8(reading.text.unknown));
  }
}

Result<Lane::Parts::SomeText> Lane::Parts::some_text(const std::optional<std::u32string>& given,
                                                     size_t most) const {
  if (const Status status = check_characters(); !status) return status.error();
  if (given) {
    SomeText text{vocabulary().encode(*given).ids, "text"};
    if (text.ids.size() < 2) return too_short(text.ids.size());
    return text;
  }
  const Corpus* corpus = task().corpus();
  if (corpus == nullptr) {
    const Batch shown = task().example(0).batch;
    SomeText text{shown.symbols, "valid"};
    if (!shown.classes.empty()) text.ids.push_back(shown.classes.back());
    text.ids.resize(std::min(text.ids.size(), most));
    return text;
  }
  const bool validates = corpus->valid().size() >= 2;
  const std::span<const int32_t> part = validates ? corpus->valid() : corpus->train();
  const auto read = part.first(std::min(part.size(), most));
  return SomeText{{read.begin(), read.end()}, validates ? "valid" : "train"};
}

Status Lane::Parts::handle(command::Flow& flow) {
  auto read = reading(flow.text, flow.example);
  if (!read) return read.error();
  auto job = std::make_unique<FlowJob>();
  job->id = flow.id;
  job->reading = std::move(*read);
  const size_t known = job->reading.size();
  if (!flow.example && known < 2) return too_short(known);
  if (static_cast<size_t>(flow.position) >= known)
    return Error{"position",
                 "found " + std::to_string(flow.position) + ", and the " +
                     (flow.example ? "sequence" : "text") + " has " + std::to_string(known) + " " +
                     job->reading.units(),
                 std::string("allowed: ") + (flow.example ? "0" : "1") + " to " + std::to_string(known - 1)};
  if (const Status status = check_memory(model(), known, 1); !status) return status;
  // Of a text the loss at a character is that of the row before; of an example that of its own row.
  const int position = flow.example ? flow.position + 1 : flow.position;
  Batch sequence = flow.example ? job->reading.sequence : sequence_of(job->reading.text.ids);
  job->meter =
      std::make_unique<GradientFlowMeter>(model(), std::move(sequence), std::span(&position, 1), flow.lags);
  session->probes.push_back(std::move(job));
  return ok();
}

Status Lane::Parts::handle(command::Horizon& horizon) {
  Result<SomeText> text = some_text(horizon.text, CommandLimits::horizon_characters);
  if (!text) return text.error();
  const Status fits = check_memory(model(), text->ids.size(), static_cast<size_t>(horizon.positions));
  if (!fits) return fits;
  auto job = std::make_unique<HorizonJob>();
  job->id = horizon.id;
  job->source = text->source;
  job->meter = std::make_unique<MemoryHorizonMeter>(model(), text->ids, horizon.lags, horizon.positions);
  session->probes.push_back(std::move(job));
  return ok();
}

Status Lane::Parts::handle(command::Spectrum& spectrum) {
  if (const Status status = check_layer(spectrum.layer); !status) return status;
  const int hidden = model().spec().hidden;
  if (hidden > SpectrumMeter::most_hidden)
    return Error{"", "the spectrum of " + std::to_string(hidden) + " hidden units would take too long",
                 "at most " + std::to_string(SpectrumMeter::most_hidden)};
  auto job = std::make_unique<SpectrumJob>();
  job->id = spectrum.id;
  job->step = session->trainer->steps_done();
  job->layer = spectrum.layer;
  job->meter = std::make_unique<SpectrumMeter>(model(), spectrum.layer);
  job->holds_weights = false;
  session->probes.push_back(std::move(job));
  return ok();
}

Status Lane::Parts::handle(command::GradientCheck& check) {
  const int64_t parameters = static_cast<int64_t>(model().parameters().size());
  if (parameters > unroll::GradientCheck::most_parameters)
    return Error{"", "a gradient check of " + std::to_string(parameters) + " parameters would take too long",
                 "at most " + std::to_string(unroll::GradientCheck::most_parameters)};
  auto read = reading(check.text, check.example);
  if (!read) return read.error();
  if (!check.example && read->size() < 2) return too_short(read->size());
  auto job = std::make_unique<GradientCheckJob>();
  job->id = check.id;
  job->step = session->trainer->steps_done();
  job->reading = std::move(*read);
  Batch sequence = check.example ? job->reading.sequence : sequence_of(job->reading.text.ids);
  job->check =
      std::make_unique<unroll::GradientCheck>(model(), std::move(sequence), check.samples, check.seed);
  job->holds_weights = false;
  session->probes.push_back(std::move(job));
  return ok();
}

void Lane::Parts::probe_until(Clock::time_point deadline) {
  ProbeJob& job = *session->probes.front();
  begin_work(job.seconds);
  bool done = false;
  do {
    done = job.advance(*this);
  } while (!done && Clock::now() < deadline);
  job.seconds = worked();
  if (!done) return;
  job.answer(*this);
  session->probes.pop_front();
}

}  // namespace unroll
