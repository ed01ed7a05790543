// Reaching into a cell while it reads, to see what a unit or a gate is for. Interventions are no part of a
// model: they are applied in passes of their own, on a copy, and training never sees them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/probe.h"
#include "engine/result.h"

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
  int gate = 0;       ///< clamp_gate: in the order of cell_traits(cell).gate_names
  double value = 0;   ///< clamp_gate: 0 … 1, −1 … 1 for g of the lstm and n of the gru; set_c: −100 … 100
  int64_t first = 0;  ///< the characters of the text during which it holds: first … last
  int64_t last = forever;
};

/// Applied in their order: of two that set the same value, the later one counts.
using InterventionSet = std::vector<Intervention>;

/// Errors: a layer, unit, gate or c that the model does not have, a value out of range, last before first.
/// `where` is "set[2].unit".
Status check_interventions(const InterventionSet&, const LaneSpec&);

/// As probe_surprise, under interventions that fit the model. In double precision, so without interventions
/// it agrees with probe_surprise up to rounding.
SurpriseProbe probe_surprise(const Model&, const Vocabulary&, std::u32string_view text, int top,
                             const InterventionSet&);

class DoubleModel;

/// The same in pieces of one character. It works on a copy of the weights, that of its making.
class IntervenedSurprise {
 public:
  IntervenedSurprise(const Model&, const Vocabulary&, std::u32string_view text, int top, InterventionSet);
  ~IntervenedSurprise();
  bool advance();                                         ///< true when done
  const SurpriseProbe& result() const { return probe_; }  ///< whole when done

 private:
  std::vector<int32_t> ids_;
  SurpriseProbe probe_;
  std::unique_ptr<DoubleModel> doubles_;
  size_t place_ = 0;  // characters read
};

}  // namespace unroll
