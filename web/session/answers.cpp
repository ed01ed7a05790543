#include "web/session/answers.h"

#include <algorithm>

#include "web/session/json_read.h"

namespace unroll {

std::optional<FlowAnswer> flow_answer(const Answer& answer, int layer) {
  const size_t lags = read::count(answer.header, "lags"), layers = read::count(answer.header, "layers");
  const size_t states = read::texts(answer.header, "states").size(),
               output = read::count(answer.header, "output");
  if (lags == 0 || layers == 0 || output >= states || answer.values.size() != lags * (layers * states + 1))
    return {};
  const std::span<const float> all = answer.values;
  const size_t row = std::min(static_cast<size_t>(layer), layers - 1) * lags;
  const size_t position = read::count(answer.header, "position");
  const bool of_example = read::field(answer.header, "example") != nullptr;
  return FlowAnswer{.newest = of_example ? position : position - std::min<size_t>(position, 1),
                    .memory = all.subspan(row, lags),
                    .output = all.subspan(output * layers * lags + row, lags),
                    .input = all.last(lags),
                    .same = output == 0};
}

std::optional<ForecastAnswer> forecast_answer(const Answer& answer) {
  const size_t steps = read::count(answer.header, "steps");
  if (steps == 0 || answer.values.size() != 4 * steps) return {};
  const std::span<const float> all = answer.values;
  return ForecastAnswer{.origin = read::integer(answer.header, "origin"),
                        .forecast = all.first(steps),
                        .low = all.subspan(steps, steps),
                        .middle = all.subspan(2 * steps, steps),
                        .high = all.last(steps)};
}

std::optional<StrokesAnswer> strokes_answer(const Answer& answer, const LaneView& lane) {
  const std::vector<double> lengths = read::numbers(answer.header, "lengths");
  const Json* ended = read::field(answer.header, "ended");
  const auto outputs = static_cast<size_t>(lane.task.outputs);
  size_t points = 0;
  for (const double length : lengths) points += static_cast<size_t>(std::clamp(length, 0.0, 1e6));
  if (lane.task.head != Head::mixture || !ended || !ended->is_array() || ended->size() != lengths.size() ||
      answer.values.size() != points * (StrokesAnswer::numbers + outputs))
    return {};
  StrokesAnswer strokes{read::text(answer.header, "text"), read::number(answer.header, "bias", 0), {}};
  const std::span<const float> all = answer.values;
  size_t first = 0;
  for (size_t n = 0; n < lengths.size(); ++n) {
    const auto length = static_cast<size_t>(std::clamp(lengths[n], 0.0, 1e6));
    strokes.letters.push_back(
        {.points = all.subspan(first * StrokesAnswer::numbers, length * StrokesAnswer::numbers),
         .told = all.subspan(points * StrokesAnswer::numbers + first * outputs, length * outputs),
         .ended = (*ended)[n] == true});
    first += length;
  }
  return strokes;
}

std::span<const float> activations_of(const Answer& answer, std::string_view which) {
  const std::vector<std::string> names = read::texts(answer.header, "which");
  const auto at = std::find(names.begin(), names.end(), which);
  if (at == names.end() || answer.values.size() % names.size() != 0) return {};
  const size_t size = answer.values.size() / names.size();
  return std::span(answer.values).subspan(static_cast<size_t>(at - names.begin()) * size, size);
}

std::span<const float> UnitsAnswer::of(std::string_view feature) const {
  const auto at = std::find(features.begin(), features.end(), feature);
  if (at == features.end()) return {};
  return values.subspan(static_cast<size_t>(at - features.begin()) * hidden, hidden);
}

std::optional<UnitsAnswer> units_answer(const Answer& answer) {
  UnitsAnswer units{read::texts(answer.header, "features"), read::count(answer.header, "hidden"),
                    answer.values};
  if (units.features.empty() || units.values.size() != units.features.size() * units.hidden) return {};
  return units;
}

const Answer& ask_units(Session& session, size_t index, int layer, std::string_view pattern) {
  const LaneSpec& spec = session.lanes[index]->applied;
  Json command = {{"type", "units"},
                  {"layer", std::min(layer, spec.layers - 1)},
                  {"which", graph_of(spec)->states.front().name}};
  if (!pattern.empty()) command["pattern"] = pattern;
  return session.ask(index, "units", std::move(command));
}

}  // namespace unroll
