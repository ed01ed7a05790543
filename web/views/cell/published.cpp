// The cell view for tests and the page's API: the numbers of the chosen unit from the same reading as the picture.
#include "web/views/published.h"

#include <algorithm>
#include <cmath>

#include "engine/text/text.h"
#include "web/toolkit/math_text.h"
#include "web/views/cell/cell.h"
#include "web/views/cell/worked_out.h"

namespace unroll {
namespace {

Json equation_json(const App& app, const CellNumbers& reading, const Quantity& quantity) {
  const WorkedOut worked = work_out(reading, quantity);
  const std::string forced = imposed(app, reading, quantity.id);
  return {{"id", quantity.id},
          {"symbol", plain_math(quantity.symbol)},
          {"formula", plain_math(quantity.formula)},
          {"numbers", forced.empty() ? worked.numbers : ""},
          {"result", worked.result},
          {"value", number_or_null(worked.value)},
          {"imposed", forced}};
}

}  // namespace

Json cell_json(const App& app, const CellLooks& looks) {
  constexpr const char* depths[] = {"picture", "vector", "formula"};
  const CellNumbers reading = read_cell(app);
  const LaneView& lane = *app.session.lanes[reading.lane];
  Json rows = Json::object(), formulas = Json::array(), next = Json::array(), interventions = Json::array();
  const auto unit = static_cast<size_t>(reading.unit);
  for (const Quantity& quantity : formulas_of(reading).quantities()) {
    rows[std::string(quantity.id)] = number_or_null(value_of(reading, quantity, unit));
    formulas.push_back(equation_json(app, reading, quantity));
  }
  for (const auto& [symbol, probability] : next_characters(app, reading))
    next.push_back({encode_utf8(symbol), number_or_null(static_cast<double>(probability))});
  for (const Intervention& one : lane.interventions)
    interventions.push_back(intervention_text(one, reading.spec, app.task().looks.column));
  const Answer& answer = app.session.answer(reading.lane, "cell");
  const bool read = reading.position < reading.text.size();
  return {{"lane", reading.lane},
          {"layer", reading.layer},
          {"unit", reading.unit},
          {"units", reading.spec.hidden},
          {"position", reading.position},
          {"character", read ? Json(encode_utf8(reading.text[reading.position])) : Json(nullptr)},
          {"depth", depths[static_cast<size_t>(std::clamp(looks.depth, 0, 2))]},
          {"editor", looks.depth == 2 ? looks.editor.json(app) : Json(nullptr)},
          {"ready", reading.ready()},
          {"step", reading.step},
          {"rows", rows},
          {"formulas", formulas},
          {"part", looks.part},
          {"next", next},
          {"playing", looks.playing},
          {"surgery", looks.surgery},
          {"intervened", reading.intervened},
          {"interventions", interventions},
          {"loss",
           {{"now", number_or_null(lane.probe.mean_loss())},
            {"intervened", lane.probe.intervened},
            {"without",
             lane.interventions.empty() ? Json(nullptr) : number_or_null(lane.uninfluenced.mean_loss())}}},
          {"error", answer.error ? Json(answer.error->text()) : Json(nullptr)}};
}

}  // namespace unroll
