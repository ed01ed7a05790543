#include "web/views/gates/reading.h"

#include <algorithm>
#include <cmath>

#include "web/export.h"
#include "web/session/answers.h"
#include "web/toolkit/csv.h"

namespace unroll {

namespace {

constexpr size_t most_gates = 8;  // of one `activations` (engine/lane/protocol.h)

}  // namespace

std::vector<std::string> sigmoid_gates(const LaneSpec& spec) {
  const auto graph = graph_of(spec);
  std::vector<std::string> gates;
  for (const CellEquation& equation : graph->equations)
    if (gates.size() < most_gates && graph->nodes[static_cast<size_t>(equation.node)].op == CellOp::sigmoid)
      gates.push_back(equation.name);
  return gates;
}

std::string gate_title(const LaneSpec& spec, std::string_view gate) {
  const CellEquation* equation = graph_of(spec)->equation(gate);
  if (!equation || equation->help.empty()) return std::string(gate);
  return std::string(gate) + ": " + equation->help.substr(0, equation->help.find(':'));
}

void ask_gates(App& app) {
  app.session.ask_probes(app.probed());
  for (size_t i = 0; i < app.session.lanes.size(); ++i) {
    const LaneSpec& spec = app.session.lanes[i]->applied;
    const std::vector<std::string> gates = sigmoid_gates(spec);
    if (gates.empty()) continue;
    app.session.ask(i, "gates",
                    app.probed().in({{"type", "activations"},
                                     {"layer", std::min(app.chosen.layer, spec.layers - 1)},
                                     {"which", gates}}));
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
