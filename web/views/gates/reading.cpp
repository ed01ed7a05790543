#include "web/views/gates/reading.h"

#include <algorithm>
#include <cmath>

#include "engine/cells/gates.h"
#include "web/export.h"
#include "web/session/answers.h"
#include "web/toolkit/csv.h"
#include "web/views/timeline/tracks.h"

namespace unroll {
namespace {

/// Names of the gates of a sigmoid.
std::vector<std::string> sigmoid_gates(const LaneSpec& spec) {
  std::vector<std::string> gates;
  for (const char* name : gate_names(spec.cell))
    if (!track_kind(name).is_signed) gates.push_back(name);
  return gates;
}

}  // namespace

void ask_gates(App& app) {
  const std::string& text = app.probe_text();
  app.session.ask_probes(text);
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const LaneSpec& spec = app.session.lanes[i]->applied;
    const std::vector<std::string> gates = sigmoid_gates(spec);
    if (gates.empty()) continue;
    app.session.ask(i, "gates",
                    {{"type", "activations"},
                     {"text", text},
                     {"layer", std::min(app.chosen.layer, spec.layers - 1)},
                     {"which", gates}});
  }
}

std::vector<GateSaturation> read_gates(const App& app) {
  std::vector<GateSaturation> all;
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const LaneSpec& spec = app.session.lanes[i]->applied;
    for (const std::string& gate : sigmoid_gates(spec)) {
      const std::span<const float> values = activations_of(app.session.answer(i, "gates"), gate);
      const auto hidden = static_cast<size_t>(spec.hidden);
      if (!values.empty() && values.size() % hidden == 0)
        all.push_back({i, gate, saturation(values, hidden)});
    }
  }
  return all;
}

std::string gates_csv(const App& app) {
  Csv csv;
  for (const char* head : {"lane", "gate", "unit", "below 0.1", "above 0.9"}) csv.add(head);
  csv.end_row();
  const std::vector<std::string> labels = app.session.lane_names();
  for (const GateSaturation& one : read_gates(app))
    for (size_t unit = 0; unit < one.shares.open.size(); ++unit) {
      csv.add(labels[one.lane])
          .add(one.gate)
          .add(unit)
          .add(one.shares.closed[unit])
          .add(one.shares.open[unit]);
      csv.end_row();
    }
  return csv.text();
}

Json gates_json(const App& app) {
  Json all = Json::array();
  for (const GateSaturation& one : read_gates(app))
    all.push_back(
        {{"lane", one.lane}, {"gate", one.gate}, {"closed", one.shares.closed}, {"open", one.shares.open}});
  return all;
}

}  // namespace unroll
