// What reaches into a cell: a list of interventions, as data. engine/model/double_model.h applies it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/document/experiment.h"

namespace unroll {

struct Intervention {
  enum class Kind {
    clamp,   ///< the equation `what` has `value`: a gate, for instance
    set,     ///< the state `what` has `value`, and what is computed from it follows
    ablate,  ///< the state `what` is 0; every state where it is empty
    freeze,  ///< the state `what` stays as it was before character `first`; every state where it is empty
  };
  static constexpr int64_t forever = INT64_MAX;
  static constexpr double largest = 100;                ///< of values that nothing else bounds
  static constexpr size_t most_parameters = 4'000'000;  ///< of a model, for the passes are slow

  Kind kind = Kind::ablate;
  int layer = 0;
  int unit = -1;          ///< −1 = all of the layer
  std::string what = {};  ///< by its name in the cell's equations
  double value = 0;       ///< of clamp and set, within allowed_values
  int64_t first = 0;      ///< the characters of the text during which it holds: first … last
  int64_t last = forever;

  bool operator==(const Intervention&) const = default;
};

/// Applied in their order: of two that set the same value, the later one counts.
using InterventionSet = std::vector<Intervention>;

/// What an equation may be clamped to: what it can be at all (engine/cells/value_range.h), at most −100 … 100.
Range allowed_values(const CellGraph&, const CellEquation&);

/// Errors: a layer, unit, equation or state that the model does not have, a value out of range, last before first.
/// `where` is "set[2].unit".
Status check_interventions(const InterventionSet&, const LaneSpec&);

}  // namespace unroll
