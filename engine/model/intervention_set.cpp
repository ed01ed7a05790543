#include "engine/model/intervention_set.h"

#include <string_view>

#include "engine/base/number.h"
#include "engine/cells/cell.h"

namespace unroll {
namespace {

/// The error of one intervention, its `where` the name of a field.
Status check(const Intervention& one, const LaneSpec& spec) {
  using Kind = Intervention::Kind;
  const CellTraits& cell = cell_traits(spec.cell);
  const auto outside = [](const char* where, double found, double lowest, double highest) {
    return Error{where, "found " + shown(found), "allowed: " + shown(lowest) + " to " + shown(highest)};
  };
  if (one.layer < 0 || one.layer >= spec.layers) return outside("layer", one.layer, 0, spec.layers - 1);
  if (one.unit < -1 || one.unit >= spec.hidden) return outside("unit", one.unit, -1, spec.hidden - 1);
  if (one.first < 0 || one.last < one.first)
    return Error{"last", "found characters " + std::to_string(one.first) + " to " + std::to_string(one.last),
                 "allowed: 0 and more, the last not before the first"};
  if (one.kind == Kind::clamp_gate) {
    const int gates = static_cast<int>(cell.gate_names.size());
    if (gates == 0) return Error{"kind", "clamps a gate, and this cell has none", "ablate or freeze"};
    if (one.gate < 0 || one.gate >= gates) return outside("gate", one.gate, 0, gates - 1);
    const std::string_view gate = cell.gate_names[static_cast<size_t>(one.gate)];
    const double lowest = gate == "g" || gate == "n" ? -1 : 0;
    if (!(one.value >= lowest && one.value <= 1)) return outside("value", one.value, lowest, 1);
  }
  if (one.kind == Kind::set_c) {
    if (!cell.has_c) return Error{"kind", "sets c, and this cell has none", "ablate or freeze"};
    if (!(one.value >= -Intervention::largest_c && one.value <= Intervention::largest_c))
      return outside("value", one.value, -Intervention::largest_c, Intervention::largest_c);
  }
  return ok();
}

}  // namespace

Status check_interventions(const InterventionSet& set, const LaneSpec& spec) {
  for (size_t n = 0; n < set.size(); ++n) {
    const Status status = check(set[n], spec);
    if (status) continue;
    Error error = status.error();
    error.where = "set[" + std::to_string(n) + "]." + error.where;
    return error;
  }
  return ok();
}

}  // namespace unroll
