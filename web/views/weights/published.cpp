// What the view "Weights" shows, as JSON: from the same answers and facts as its picture.
#include "web/views/published.h"

#include <cmath>

#include "web/session/json_read.h"
#include "web/views/weights/blocks.h"
#include "web/views/weights/weights.h"

namespace unroll {
namespace {

Json point_json(const CurvePoint& point) {
  return {{"step", point.step},
          {"weights", number_or_null(static_cast<double>(point.weights))},
          {"gradient", number_or_null(static_cast<double>(point.gradient))},
          {"ratio", number_or_null(static_cast<double>(point.ratio))}};
}

/// The curves of the chosen block: the recorded steps, and all that is drawn.
Json training_json(const WeightsState& view, const Session& session, size_t lane, const std::string& block) {
  const Answer &history = session.answer(lane, "block_history"), &blocks = session.answer(lane, "blocks");
  Json json = {{"recorded", Json::array()}, {"pointed", nullptr}, {"verdict", ""}};
  for (const CurvePoint& point : recorded_curve(history, block))
    json["recorded"].push_back(point_json(point));
  const std::vector<CurvePoint> live = live_curve(history, blocks, block);
  json["points"] = live.size();
  json["last"] = live.empty() ? Json(nullptr) : point_json(live.back());
  if (!live.empty()) json["verdict"] = verdict(static_cast<double>(live.back().ratio));
  if (view.pointed) json["pointed"] = point_json(*view.pointed);
  return json;
}

Json histogram_json(const Histogram& histogram) {
  return {{"reach", histogram.reach}, {"counts", histogram.counts}};
}

}  // namespace

Json weights_json(const App& app, const WeightsState& view) {
  const Session& session = app.session;
  const size_t index = app.chosen.lane;
  const LaneView& lane = *session.lanes[index];
  Json json = {{"lane", index}, {"change", view.change}};
  if (!lane.configured) return json;
  const BlockShape block = chosen_block(view, lane);
  json["block"] = {
      {"name", block.name}, {"rows", block.rows}, {"columns", block.columns}, {"bands", block.bands}};
  const Answer& blocks = session.answer(index, "blocks");
  json["blocks"] = block_norms_json(block_norms(blocks.header, blocks.values));
  json["blocks_step"] = blocks.step;
  json["training"] = training_json(view, session, index, block.name);
  json["matrix"] = nullptr;
  const Answer& answer = session.answer(index, "weights");
  if (answer.error) json["error"] = answer.error->text();
  if (const Answer* matrix = shown_matrix(view, session, index);
      matrix && matrix->version == view.facts.version) {
    const MatrixFacts& facts = view.facts;
    const size_t last = matrix->values.size() - 1;
    json["matrix"] = {{"step", matrix->step},
                      {"scale", facts.scale},
                      {"largest", facts.largest},
                      {"mean", facts.mean},
                      {"deviation", facts.deviation},
                      {"first", number_or_null(static_cast<double>(matrix->values[0]))},
                      {"last", number_or_null(static_cast<double>(matrix->values[last]))},
                      {"histogram", histogram_json(facts.histogram)},
                      {"initial", facts.initial ? histogram_json(*facts.initial) : Json(nullptr)}};
  }
  const Answer& spectrum = session.answer(index, "spectrum");
  json["spectrum"] = Json::array();
  const std::vector<std::string> gates = read::texts(spectrum.header, "gates");
  for (size_t g = 0; g < gates.size() && spectrum.values.size() == 2 * gates.size(); ++g)
    json["spectrum"].push_back(
        {{"gate", gates[g]},
         {"singular", number_or_null(static_cast<double>(spectrum.values[2 * g]))},
         {"eigenvalue", number_or_null(static_cast<double>(spectrum.values[2 * g + 1]))}});
  json["check"] = nullptr;
  if (const auto check = gradient_check_of(session, index)) {
    Json samples = Json::array();
    for (const CheckSample& sample : check->samples)
      samples.push_back(
          {sample.block, sample.index, number_or_null(sample.backward), number_or_null(sample.difference)});
    json["check"] = {{"step", check->step},
                     {"error", number_or_null(check->error)},
                     {"good", check->error < CheckFacts::allowed},
                     {"samples", samples}};
  }
  return json;
}

}  // namespace unroll
