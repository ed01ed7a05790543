// Reaching into a cell while it reads, to see what a unit or a gate is for. Interventions are no part of a
// model: they are applied in passes of their own, on a copy, and training never sees them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/model/intervention_set.h"
#include "engine/probes/probe.h"

namespace unroll {

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
