// The command `units`: which unit follows what in the text?
#include <algorithm>

#include "engine/lane/parts.h"
#include "engine/probes/unit_features.h"

namespace unroll {

namespace {

constexpr size_t characters_at_once = 256;

struct UnitsJob final : Lane::Parts::ProbeJob {
  int64_t id;
  Lane::Parts::SomeText text;
  int layer;
  CellRow row;
  TextFeatures features;
  std::unique_ptr<LayerMeter> meter;  // made when it is this job's turn
  std::unique_ptr<FeatureCorrelation> correlation;
  size_t place = 0;

  bool advance(const Lane::Parts& lane) override {
    const size_t N = text.ids.size(), F = features.names.size(),
                 H = static_cast<size_t>(lane.model().spec().hidden);
    if (!meter) {
      meter = std::make_unique<LayerMeter>(lane.model(), text.ids, layer, std::vector{row}, 0, N,
                                           LayerMeter::Order::by_row);
      correlation = std::make_unique<FeatureCorrelation>(F, H);
    }
    if (!meter->advance()) return false;
    for (const size_t end = std::min(place + characters_at_once, N); place < end; ++place)
      correlation->add(std::span(features.values).subspan(place * F, F),
                       std::span(meter->values()).subspan(place * H, H));
    return place == N;
  }

  void answer(const Lane::Parts& lane) override {
    lane.emit(lane.answer("units", id)
                  .add("source", text.source)
                  .add("characters", text.ids.size())
                  .add("layer", layer)
                  .add("which", row.name)
                  .add("hidden", lane.model().spec().hidden)
                  .add("features", features.names),
              payload_of(correlation->result()));
  }
};

}  // namespace

Status Lane::Parts::handle(command::Units& units) {
  if (const Status status = check_characters(); !status) return status;
  if (const Status status = check_layer(units.layer); !status) return status;
  const Result<CellRow> row = activation_row(units.which, "which");
  if (!row) return row.error();
  const size_t fitting = CommandLimits::unit_values / static_cast<size_t>(model().spec().hidden);
  Result<SomeText> text = some_text(units.text, std::min(CommandLimits::units_characters, fitting));
  if (!text) return text.error();
  std::optional<Pattern> pattern;
  if (units.pattern) {
    Result<Pattern> parsed = Pattern::parse(*units.pattern);
    if (!parsed) return parsed.error();
    pattern = std::move(*parsed);
  }
  auto job = std::make_unique<UnitsJob>();
  job->id = units.id;
  job->layer = units.layer;
  job->row = *row;
  job->text = std::move(*text);
  job->features = text_features(vocabulary().decode(job->text.ids), pattern ? &*pattern : nullptr);
  session->probes.push_back(std::move(job));
  return ok();
}

}  // namespace unroll
