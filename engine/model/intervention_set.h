// What reaches into a cell: a list of interventions, as data. engine/model/double_model.h applies it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/result.h"
#include "engine/document/experiment.h"

namespace unroll {

struct Intervention {
  enum class Kind {
    clamp_gate,  ///< the gate has `value`
    set_c,       ///< c has `value`, and h follows from it; lstm only
    ablate,      ///< h, and c of the lstm, are 0
    freeze,      ///< h, and c of the lstm, stay as they were before character `first`
  };
  static constexpr int64_t forever = INT64_MAX;
  static constexpr double largest_c = 100;
  static constexpr size_t most_parameters = 4'000'000;  ///< of a model, for the passes are slow

  Kind kind = Kind::ablate;
  int layer = 0;
  int unit = -1;      ///< −1 = all of the layer
  int gate = 0;       ///< clamp_gate: in the order of gate_names(cell)
  double value = 0;   ///< clamp_gate: 0 … 1, −1 … 1 for g of the lstm and n of the gru; set_c: −100 … 100
  int64_t first = 0;  ///< the characters of the text during which it holds: first … last
  int64_t last = forever;
};

/// Applied in their order: of two that set the same value, the later one counts.
using InterventionSet = std::vector<Intervention>;

/// Errors: a layer, unit, gate or c that the model does not have, a value out of range, last before first.
/// `where` is "set[2].unit".
Status check_interventions(const InterventionSet&, const LaneSpec&);

}  // namespace unroll
