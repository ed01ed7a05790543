#include "web/views/timeline/tracks.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace unroll {
namespace {

constexpr TrackKind kinds[] = {
    {"surprise", "surprise", "Surprise", "Loss at each character: how unexpected it was", TrackShape::strip,
     false},
    {"guesses", "guesses", "Best guesses",
     "The best predictions for each character, made before the lane read it", TrackShape::guesses, false},
    {"saliency", "input", "Saliency of the input",
     "How much each input character counts for the loss at the time step: norm of the gradient by it, "
     "logarithmic",
     TrackShape::strip, false},
    {"flow", "gradient", "Gradient flow",
     "How the gradient of the loss at the time step reaches back through the states, logarithmic",
     TrackShape::strip, false},
    {"c", "c", "c: cell state", "Cell state of every unit: the LSTM's memory", TrackShape::units, true},
    {"h", "h", "h: hidden state", "Hidden state of every unit: what the cell gives out", TrackShape::units,
     true},
    {"i", "i", "i: input gate", "Input gate: how much of the candidate is written", TrackShape::units, false},
    {"f", "f", "f: forget gate", "Forget gate: how much of the memory is kept", TrackShape::units, false},
    {"g", "g", "g: candidate", "Candidate: what could be written", TrackShape::units, true},
    {"o", "o", "o: output gate", "Output gate: how much of the memory is shown", TrackShape::units, false},
    {"r", "r", "r: reset gate", "Reset gate: how much of the last state the candidate sees",
     TrackShape::units, false},
    {"z", "z", "z: update gate", "Update gate: how much of the last state is kept", TrackShape::units, false},
    {"n", "n", "n: candidate", "Candidate: the new state", TrackShape::units, true},
};

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

/// log10 of each norm's share of the first one, written to the columns it belongs to: lag k to position − 1 − k.
void place_shares(std::span<const float> norms, size_t position, std::span<float> row) {
  const float first = norms.empty() ? 0 : norms[0];
  for (size_t k = 0; k < norms.size() && k < position; ++k) {
    const size_t column = position - 1 - k;
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
  place_shares(flow->memory, flow->position, std::span(values).first(columns));
  if (rows == 2) place_shares(flow->output, flow->position, std::span(values).subspan(columns));
  place_shares(flow->input, flow->position, input);
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
  const Answer& answer =
      session.ask(index, "activations",
                  {{"type", "activations"}, {"text", wanted.text}, {"layer", layer}, {"which", which}});
  static const Answer none;
  const Answer& units =
      wanted.sort == UnitSort::feature ? ask_units(session, index, layer, wanted.pattern) : none;
  update_order(answer, which[0].get_ref<const std::string&>(), hidden, units, tracks, wanted);
  for (const Json& name : which) update_units(answer, name.get_ref<const std::string&>(), hidden, tracks);
}

}  // namespace

std::span<const TrackKind> track_kinds() { return kinds; }

const TrackKind& track_kind(std::string_view name) {
  return *std::find_if(std::begin(kinds), std::end(kinds) - 1,
                       [&](const TrackKind& kind) { return kind.name == name; });
}

bool has_track(const LaneSpec& lane, const TrackKind& kind) {
  return kind.shape != TrackShape::units || graph_of(lane)->equation(kind.name) != nullptr;
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
    const TrackKind& kind = track_kind(name);
    if (name == "flow" || name == "saliency") flows = true;
    if (kind.shape == TrackShape::units && has_track(lane.applied, kind)) which.push_back(name);
  }
  if (!which.empty())
    update_states(session, index, layer, which, tracks, wanted);  // first: they are wanted soonest
  if (flows && wanted.time_step > 0 && wanted.time_step < columns)
    update_flow(
        session.ask(index, "flow", {{"type", "flow"}, {"text", wanted.text}, {"position", wanted.time_step}}),
        layer, columns, tracks);
}

}  // namespace unroll
