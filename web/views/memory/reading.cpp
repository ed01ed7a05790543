#include "web/views/memory/reading.h"

#include <algorithm>
#include <cmath>

#include "engine/probes/measures.h"
#include "web/export.h"
#include "web/session/answers.h"
#include "web/session/json_read.h"
#include "web/toolkit/csv.h"
#include "web/views/published.h"

namespace unroll {
namespace {

constexpr int fewest_lags = 120, most_lags = 960;
constexpr int most_positions = 32, fewest_positions = 8;
constexpr double average_period = 1.2;  // seconds: that of the fewest lags costs the lane some tenths of one

/// As many lags as the horizon needs: twice those of the last answer while it lies beyond them, half where it does not
/// need a quarter.
int lags_after(const Answer& answer) {
  const auto measured = static_cast<int>(std::min<size_t>(answer.values.size(), most_lags));
  int lags = fewest_lags;
  while (lags < measured) lags *= 2;
  const bool reached = read::boolean(answer.header, "reached");
  if (measured == lags && !reached) return std::min(2 * lags, most_lags);
  if (reached && 4 * read::number(answer.header, "characters") < lags) return std::max(lags / 2, fewest_lags);
  return lags;
}

std::vector<float> shares_of(std::span<const float> norms) {
  std::vector<float> shares(norms.begin(), norms.end());
  const float first = shares.empty() ? 0 : shares[0];
  if (first > 0)
    for (float& share : shares) share /= first;
  return first > 0 ? shares : std::vector<float>();
}

}  // namespace

std::vector<LaneMemory> measure_memory(App& app, bool here) {
  const size_t step = app.time_step();
  app.session.ask_probes(app.probed());
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const LaneView& lane = *app.session.lanes[i];
    if ((step > 0 || app.shows_example()) && step < lane.probe.text.size())
      app.session.ask(i, "flow", app.probed().in({{"type", "flow"}, {"position", step}}));
    if (here) continue;
    const int lags = lags_after(app.session.answer(i, "horizon"));
    const int positions = std::max(most_positions * fewest_lags / lags, fewest_positions);
    const double cost = static_cast<double>(lags * positions) / (fewest_lags * most_positions);
    app.session.ask(i, "horizon", {{"type", "horizon"}, {"lags", lags}, {"positions", positions}},
                    average_period * cost);
  }
  return read_memory(app, here);
}

std::vector<LaneMemory> read_memory(const App& app, bool here) {
  std::vector<LaneMemory> memories;
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    LaneMemory& memory = memories.emplace_back();
    const int layers = app.session.lanes[i]->applied.layers;
    const Answer& flow = app.session.answer(i, "flow");
    if (const auto one = flow_answer(flow, std::min(app.chosen.layer, layers - 1)))
      memory.here = shares_of(one->memory);
    if (here) {
      memory.shares = memory.here;
      MemoryHorizon horizon{.influence = {memory.shares.begin(), memory.shares.end()}};
      find_horizon(horizon);
      memory.horizon = horizon.characters;
      memory.reached = horizon.reached;
      continue;
    }
    const Answer& average = app.session.answer(i, "horizon");
    memory.shares = average.values;
    memory.horizon = read::number(average.header, "characters");
    memory.reached = read::boolean(average.header, "reached");
  }
  return memories;
}

std::string memory_csv(const App& app, bool here) {
  Csv csv;
  csv.add("lag");
  for (const std::string& label : app.session.lane_names()) csv.add(label + " share");
  csv.end_row();
  const std::vector<LaneMemory> memories = read_memory(app, here);
  size_t lags = 0;
  for (const LaneMemory& memory : memories) lags = std::max(lags, memory.shares.size());
  for (size_t k = 0; k < lags; ++k) {
    csv.add(k);
    for (const LaneMemory& memory : memories) csv.add(k < memory.shares.size() ? memory.shares[k] : NAN);
    csv.end_row();
  }
  return csv.text();
}

Json memory_json(const App& app, bool here) {
  Json lanes = Json::array();
  for (const LaneMemory& memory : read_memory(app, here))
    lanes.push_back({{"horizon", memory.horizon},
                     {"reached", memory.reached},
                     {"shares", list_json(memory.shares)},
                     {"here", list_json(memory.here)}});
  return {{"mode", here ? "this character" : "average"}, {"lanes", std::move(lanes)}};
}

}  // namespace unroll
