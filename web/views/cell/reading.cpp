// What the cell view knows: the question to the lane and its answer.
#include <algorithm>
#include <numeric>

#include "engine/text/text.h"
#include "web/session/json_read.h"
#include "web/toolkit/glyphs.h"
#include "web/views/cell/cell.h"

namespace unroll {
namespace {

// Characters of one answer, around the chosen one: so many that the next and the one before are there at once.
constexpr size_t block = 16, margin = 8;

size_t chosen_position(const App& app, size_t characters) {
  return std::min(app.time_step(), characters - std::min<size_t>(characters, 1));
}

/// Predictions after the whole text are not among those of the probe.
Json prediction_command(const CellNumbers& reading) {
  return {{"type", "predict"}, {"prefix", encode_utf8(reading.text)}};
}

}  // namespace

std::span<const float> CellNumbers::row(std::string_view name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end() || values.empty()) return {};
  return values.subspan(static_cast<size_t>(found - names.begin()) * hidden(), hidden());
}

void ask_cell(App& app) {
  Session& session = app.session;
  session.ask_probes(app.probed());
  const size_t index = app.chosen.lane;
  const LaneView& lane = *session.lanes[index];
  app.chosen.layer = std::clamp(app.chosen.layer, 0, lane.applied.layers - 1);
  app.chosen.unit = std::clamp(app.chosen.unit, 0, lane.applied.hidden - 1);
  const size_t known = lane.probe.asked == app.probed().key() ? lane.probe.text.size() : 0;
  if (known == 0) return;
  const size_t position = chosen_position(app, known), from = position / block * block;
  const size_t first = from - std::min(from, margin);
  session.ask(index, "cell",
              app.probed().in({{"type", "cell"},
                               {"layer", app.chosen.layer},
                               {"position", first},
                               {"count", std::min(block + 2 * margin, known - first)}}));
  const CellNumbers reading = read_cell(app);
  if (!app.shows_example() && reading.ready() && reading.position + 1 == reading.text.size())
    session.ask(index, "cell.next", prediction_command(reading));
}

CellNumbers read_cell(const App& app) {
  const Session& session = app.session;
  CellNumbers reading;
  reading.lane = app.chosen.lane;
  const LaneView& lane = *session.lanes[reading.lane];
  reading.spec = lane.applied;
  reading.layer = std::clamp(app.chosen.layer, 0, lane.applied.layers - 1);
  reading.unit = std::clamp(app.chosen.unit, 0, lane.applied.hidden - 1);
  const Answer& answer = session.answer(reading.lane, "cell");
  reading.text = app.example() ? app.timeline_text() : to_symbols(read::text(answer.header, "text"));
  if (reading.text.empty()) reading.text = lane.probe.text;
  reading.position = chosen_position(app, reading.text.size());
  const size_t first = read::count(answer.header, "position"), count = read::count(answer.header, "count");
  const size_t hidden = read::count(answer.header, "hidden");
  const bool of_this = read::count(answer.header, "layer") == static_cast<size_t>(reading.layer) &&
                       hidden == reading.hidden() && reading.position >= first &&
                       reading.position < first + count;
  if (!of_this) return reading;
  reading.names = read::texts(answer.header, "rows");
  const size_t each = reading.names.size() * hidden;
  if (answer.values.size() != count * each) return reading;
  const size_t offset = reading.position - first;
  reading.values = std::span(answer.values).subspan(offset * each, each);
  reading.step = answer.step;
  reading.version = answer.version * 64 + static_cast<int64_t>(offset);
  reading.intervened = read::boolean(answer.header, "intervened");
  return reading;
}

size_t said_at(const App& app, const CellNumbers& reading) {
  return app.shows_example() ? reading.position : reading.position + 1;
}

std::vector<std::pair<char32_t, float>> next_characters(const App& app, const CellNumbers& reading) {
  constexpr size_t shown = Session::top;
  const LaneView& lane = *app.session.lanes[reading.lane];
  std::vector<std::pair<char32_t, float>> best;
  const size_t next = said_at(app, reading);
  if (next < lane.probe.loss.size()) {
    const auto top = static_cast<size_t>(lane.probe.top);
    for (size_t k = 0; k < std::min(top, shown); ++k) {
      const int32_t id = lane.probe.top_ids[next * top + k];
      if (id < 0 || static_cast<size_t>(id) >= lane.vocabulary.size()) continue;
      best.emplace_back(lane.vocabulary[static_cast<size_t>(id)], lane.probe.top_probs[next * top + k]);
    }
    return best;
  }
  if (app.shows_example()) return best;
  const Answer& answer = app.session.answer(reading.lane, "cell.next");
  Json command = prediction_command(reading);
  if (!reading.ready() || answer.asked != command.dump() || answer.values.size() != lane.vocabulary.size())
    return best;
  const std::vector<float>& all = answer.values;
  std::vector<size_t> order(all.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(order.size(), shown));
  std::partial_sort(order.begin(), end, order.end(),
                    [&](size_t a, size_t b) { return all[a] > all[b] || (all[a] == all[b] && a < b); });
  for (auto id = order.begin(); id != end; ++id) best.emplace_back(lane.vocabulary[*id], all[*id]);
  return best;
}

}  // namespace unroll
