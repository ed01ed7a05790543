#include "engine/model/intervention_set.h"

#include <algorithm>

#include "engine/base/utf8.h"
#include "engine/cells/value_range.h"

namespace unroll {
namespace {

using Kind = Intervention::Kind;

std::string names_of(const CellGraph& graph, bool states) {
  std::string names;
  for (const CellEquation& equation : graph.equations)
    if (!states || equation.state >= 0) names += (names.empty() ? "" : ", ") + equation.name;
  return names;
}

/// The error of one intervention, its `where` the name of a field.
Status check(const Intervention& one, const LaneSpec& spec, const CellGraph& graph) {
  const auto outside = [](const char* where, double found, double lowest, double highest) {
    return Error{where, "found " + shown(found), "allowed: " + shown(lowest) + " to " + shown(highest)};
  };
  if (one.layer < 0 || one.layer >= spec.layers) return outside("layer", one.layer, 0, spec.layers - 1);
  if (one.unit < -1 || one.unit >= spec.hidden) return outside("unit", one.unit, -1, spec.hidden - 1);
  if (one.first < 0 || one.last < one.first)
    return Error{"last", "found characters " + std::to_string(one.first) + " to " + std::to_string(one.last),
                 "allowed: 0 and more, the last not before the first"};
  const bool clamps = one.kind == Kind::clamp, has_value = clamps || one.kind == Kind::set;
  if (one.what.empty() && !has_value) return ok();
  const CellEquation* equation = graph.equation(one.what);
  if (!equation || (!clamps && equation->state < 0))
    return Error{
        "what",
        "found " + quotation(one.what) + ", which is no " + (clamps ? "equation" : "state") + " of this cell",
        "allowed: " + names_of(graph, !clamps)};
  if (!has_value) return ok();
  const Range range = allowed_values(graph, *equation);
  if (!range.holds(one.value)) return outside("value", one.value, range.minimum, range.maximum);
  return ok();
}

}  // namespace

Range allowed_values(const CellGraph& graph, const CellEquation& equation) {
  const ValueRange range = value_range(graph, equation.node);
  const double most = Intervention::largest;
  return {std::clamp(range.low, -most, most), std::clamp(range.high, -most, most)};
}

Status check_interventions(const InterventionSet& set, const LaneSpec& spec) {
  const auto graph = graph_of(spec);
  for (size_t n = 0; n < set.size(); ++n) {
    const Status status = check(set[n], spec, *graph);
    if (status) continue;
    Error error = status.error();
    error.where = "set[" + std::to_string(n) + "]." + error.where;
    return error;
  }
  return ok();
}

}  // namespace unroll
