// The published state of the timeline's tracks: read from what their pictures are drawn from.
#include "web/views/published.h"

#include <algorithm>
#include <cmath>

#include "web/toolkit/named_symbols.h"
#include "web/views/timeline/timeline.h"

namespace unroll::timeline {
namespace {

Json row_json(const Heatmap& heat, size_t row) {
  Json values = Json::array();
  for (size_t column = 0; column < std::min(heat.columns(), most_published); ++column)
    values.push_back(rounded_or_null(heat.at(row, column)));
  return values;
}

Json lane_tracks_json(const App& app, const State& own, size_t index) {
  const LaneView& lane = *app.session.lanes[index];
  const auto found = own.tracks.find(lane.colour);
  if (found == own.tracks.end()) return Json::object();
  const LaneTracks& tracks = found->second;
  Json pictures = Json::object();
  for (const std::string& name : app.session.wanted.view.tracks) {
    const auto picture = tracks.pictures.find(name);
    const auto kind = track_of(lane.applied, name);
    if (picture == tracks.pictures.end() || !kind) continue;
    const Heatmap& heat = picture->second;
    Json shown = {{"rows", heat.rows()}, {"columns", heat.columns()}};
    if (kind->shape == TrackShape::units) {
      shown["unit"] = row_json(heat, tracks.place_of(static_cast<size_t>(app.chosen.unit)));
    } else {
      shown["values"] = row_json(heat, 0);
      if (heat.rows() > 1) shown["h"] = row_json(heat, 1);
    }
    pictures[name] = std::move(shown);
  }
  Json order = Json::array();
  for (size_t i = 0; i < std::min<size_t>(tracks.order.size(), 16); ++i) order.push_back(tracks.order[i]);
  Json state = {
      {"pictures", std::move(pictures)},
      {"order", std::move(order)},
      {"step", app.session.answer(index, "activations").step},
      {"answer_milliseconds", std::round(1e4 * app.session.answer(index, "activations").seconds) / 10},
      {"interventions", lane.interventions.size()}};
  if (const auto units = units_answer(app.session.answer(index, "units"))) {
    for (const std::string& feature : units->features)
      state["units"][feature] = list_json(units->of(feature));
  }
  return state;
}

}  // namespace

Json published(const App& app, const State& own) {
  constexpr const char* sorts[] = {"index", "activity", "similarity", "feature"};
  Json lanes = Json::array();
  for (size_t i = 0; i < app.session.lanes.size(); ++i) lanes.push_back(lane_tracks_json(app, own, i));
  Json shown = nullptr;
  if (const ExampleView* example = app.example()) {
    Json marks = Json::array();
    for (const ExampleView::Mark& mark : example->marks)
      marks.push_back({{"needed", mark.needed}, {"position", mark.position}, {"label", mark.label}});
    shown = {{"number", example->number},
             {"columns", example->size()},
             {"reads", symbol_texts(example->inputs.substr(0, most_published))},
             {"marks", std::move(marks)}};
  }
  return {{"example", std::move(shown)},
          {"tracks", app.session.wanted.view.tracks},
          {"time_step", app.time_step()},
          {"chosen", app.chosen.column},
          {"lane", app.chosen.lane},
          {"layer", app.chosen.layer},
          {"unit", app.chosen.unit},
          {"sort", sorts[static_cast<size_t>(own.sort)]},
          {"feature", own.feature},
          {"column_width", own.zoom},
          {"pan", own.pan},
          {"lanes", std::move(lanes)}};
}

}  // namespace unroll::timeline
