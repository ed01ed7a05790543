#include "web/views/timeline/tracks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/cells/value_range.h"

namespace unroll {
namespace {

/// What has a track whatever the cell is.
const std::array<TrackKind, 4>& common_tracks() {
  static const std::array<TrackKind, 4> kinds = {{
      {"surprise", "surprise", "Surprise", "Loss at each column: how unexpected it was", TrackShape::strip,
       false},
      {"guesses", "guesses", "Best guesses",
       "The best predictions for each column, made before the lane read it", TrackShape::guesses, false},
      {"saliency", "input", "Saliency of the input",
       "How much the input at each column counts for the loss at the time step: norm of the gradient by it, "
       "logarithmic",
       TrackShape::strip, false},
      {"flow", "gradient", "Gradient flow",
       "How the gradient of the loss at the time step reaches back through the states, logarithmic",
       TrackShape::strip, false},
  }};
  return kinds;
}

/// In the words of the comment beside it: "f: forget gate", and "Forget gate: how much of the memory is kept".
TrackKind track_of(const CellGraph& graph, const CellEquation& equation) {
  constexpr size_t longest = 32;  // in the menu
  std::string help = equation.help.empty() ? equation.name + " = " + equation.right : equation.help;
  std::string words = equation.help.substr(0, equation.help.find(':'));
  if (equation.state == graph.output) {
    words = "hidden state";
    help = equation.help.empty() ? "hidden state" : "hidden state: " + equation.help;
  }
  if (!equation.help.empty() && help[0] >= 'a' && help[0] <= 'z')
    help[0] = static_cast<char>(help[0] - 'a' + 'A');
  if (graph.nodes[static_cast<size_t>(equation.node)].matrix)
    help += ". Of a matrix the length of each unit's row is shown";
  const bool has_words = !words.empty() && words.size() <= longest;
  return {.name = equation.name,
          .label = equation.name,
          .title = has_words ? equation.name + ": " + words : equation.name,
          .help = help,
          .shape = TrackShape::units,
          .is_signed = !value_range(graph, equation.node).is_gate()};
}

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

/// log10 of each norm's share of the first one, written to the columns it belongs to: lag k to `newest` − k.
void place_shares(std::span<const float> norms, size_t newest, std::span<float> row) {
  const float first = norms.empty() ? 0 : norms[0];
  for (size_t k = 0; k < norms.size() && k <= newest; ++k) {
    const size_t column = newest - k;
    if (column < row.size() && first > 0)
      row[column] = std::max(std::log10(norms[k] / first), -2 * flow_decades);
  }
}

void update_flow(const Answer& answer, int layer, size_t columns, LaneTracks& tracks) {
  const auto flow = flow_answer(answer, layer);
  const int64_t version = answer.version * Limits::layers + layer;
  if (!flow || tracks.pictures["flow"].version() == version) return;
  const size_t rows = flow->same ? 1 : 2;
  std::vector<float> values(rows * columns, nan), input(columns, nan);
  place_shares(flow->memory, flow->newest, std::span(values).first(columns));
  if (rows == 2) place_shares(flow->output, flow->newest, std::span(values).subspan(columns));
  place_shares(flow->input, flow->newest, input);
  tracks.pictures["flow"].set(values, rows, columns, version);
  tracks.pictures["saliency"].set(input, 1, columns, version);
}

/// The order stays as it is until something else is asked for: rows must not jump while a lane learns.
void update_order(const Answer& activations, std::string_view which, size_t hidden, const Answer& units,
                  LaneTracks& tracks, const TracksWanted& wanted) {
  std::string by = std::to_string(static_cast<int>(wanted.sort)) + "/" + std::to_string(wanted.layer) + "/" +
                   std::to_string(hidden);
  if (wanted.sort == UnitSort::feature)
    by += "/" + std::string(wanted.feature) + "/" + std::string(wanted.pattern);
  if (by == tracks.ordered_by) return;
  const std::span<const float> values = activations_of(activations, which);
  if (wanted.sort == UnitSort::feature) {
    const auto found = units_answer(units);
    const auto correlations = found ? found->of(wanted.feature) : std::span<const float>();
    if (correlations.size() != hidden) return;  // when it is there
    tracks.order = order_by_correlation(correlations);
  } else if (wanted.sort == UnitSort::index) {
    tracks.order = order_by_index(hidden);
  } else {
    if (values.empty()) return;
    tracks.order = wanted.sort == UnitSort::activity ? order_by_activity(values, hidden)
                                                     : order_by_similarity(values, hidden);
  }
  tracks.ordered_by = std::move(by);
  ++tracks.order_version;
}

void update_units(const Answer& answer, std::string_view which, size_t hidden, LaneTracks& tracks) {
  const std::span<const float> values = activations_of(answer, which);
  if (values.empty() || tracks.order.size() != hidden) return;
  Heatmap& picture = tracks.pictures[std::string(which)];
  const int64_t version = answer.version * 4096 + tracks.order_version % 4096;
  if (picture.version() == version) return;
  const size_t columns = values.size() / hidden;
  std::vector<float> rows(values.size());
  for (size_t t = 0; t < columns; ++t)
    for (size_t place = 0; place < hidden; ++place)
      rows[place * columns + t] = values[t * hidden + tracks.order[place]];
  picture.set(rows, hidden, columns, version);
}

/// Pictures of states and gates: `which` of them.
void update_states(Session& session, size_t index, int layer, const Json& which, LaneTracks& tracks,
                   const TracksWanted& wanted) {
  const size_t hidden = static_cast<size_t>(session.lanes[index]->applied.hidden);
  const Answer& answer = session.ask(
      index, "activations", wanted.probed.in({{"type", "activations"}, {"layer", layer}, {"which", which}}));
  static const Answer none;
  const Answer& units =
      wanted.sort == UnitSort::feature ? ask_units(session, index, layer, wanted.pattern) : none;
  update_order(answer, which[0].get_ref<const std::string&>(), hidden, units, tracks, wanted);
  for (const Json& name : which) update_units(answer, name.get_ref<const std::string&>(), hidden, tracks);
}

}  // namespace

std::optional<TrackKind> track_of(const LaneSpec& lane, std::string_view name) {
  for (const TrackKind& kind : common_tracks())
    if (kind.name == name) return kind;
  const auto graph = graph_of(lane);
  const CellEquation* equation = graph->equation(name);
  return equation ? std::optional(track_of(*graph, *equation)) : std::nullopt;
}

std::vector<std::string> track_names(std::span<const LaneSpec> lanes) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const TrackKind& kind : common_tracks()) add(kind.name);
  for (const bool states : {true, false})
    for (const LaneSpec& lane : lanes)
      for (const CellEquation& equation : graph_of(lane)->equations)
        if ((equation.state >= 0) == states) add(equation.name);
  return names;
}

size_t LaneTracks::place_of(size_t unit) const {
  const auto at = std::find(order.begin(), order.end(), unit);
  return at == order.end() ? 0 : static_cast<size_t>(at - order.begin());
}

void update_tracks(Session& session, size_t index, LaneTracks& tracks, const TracksWanted& wanted) {
  const LaneView& lane = *session.lanes[index];
  if (!lane.configured || lane.probe.text.empty()) return;
  const size_t columns = lane.probe.text.size();
  const int layer = std::min(wanted.layer, lane.applied.layers - 1);

  bool flows = false;
  Json which = Json::array();
  for (const std::string& name : wanted.kinds) {
    if (name == "flow" || name == "saliency") flows = true;
    if (const auto kind = track_of(lane.applied, name); kind && kind->shape == TrackShape::units)
      which.push_back(name);
  }
  if (!which.empty())
    update_states(session, index, layer, which, tracks, wanted);  // first: they are wanted soonest
  if (flows && (wanted.time_step > 0 || wanted.probed.example >= 0) && wanted.time_step < columns)
    update_flow(
        session.ask(index, "flow", wanted.probed.in({{"type", "flow"}, {"position", wanted.time_step}})),
        layer, columns, tracks);
}

}  // namespace unroll
