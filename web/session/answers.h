// What lanes answered, as arrays: views into an Answer, checked against what its header says. Shared by the views that
// ask the same question.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "web/session/session.h"

namespace unroll {

/// How the loss at a character reaches back, as a lane answered (`flow` in the protocol). Lag k is the state after
/// column newest − k.
struct FlowAnswer {
  size_t newest = 0;  ///< column of lag 0: the one before the loss of a text, that of an example's
  std::span<const float> memory, output, input;  ///< (K) norms in the chosen layer
  bool same = false;                             ///< what remembers is what goes up, as h of a gru
};
/// Nothing when the answer is missing or does not hold what it should.
std::optional<FlowAnswer> flow_answer(const Answer&, int layer);

/// A lane's way on from a place of its series (`forecast` in the protocol), step by step.
struct ForecastAnswer {
  int64_t origin = 0;
  std::span<const float> forecast, low, middle,
      high;  ///< of equal length: its own, and tenths of those with noise
};
std::optional<ForecastAnswer> forecast_answer(const Answer&);

/// What a lane's pen wrote (`strokes` in the protocol), letter by letter.
struct StrokesAnswer {
  static constexpr size_t numbers = 4;  ///< of a point
  struct Letter {
    std::span<const float> points;  ///< (N, numbers)
    std::span<const float> told;    ///< (N, outputs) of the mixtures that they were drawn from
    bool ended = false;             ///< by the network itself
    size_t size() const { return points.size() / numbers; }
  };
  std::string text;
  double bias = 0;
  std::vector<Letter> letters;
};
std::optional<StrokesAnswer> strokes_answer(const Answer&, const LaneView&);

/// Decades that pictures of gradient flow and saliency span, below the value at lag 0.
inline constexpr float flow_decades = 4;

/// One array of the answer to `activations`: (N, H), empty when it is not there.
std::span<const float> activations_of(const Answer&, std::string_view which);

/// Correlations of the units with features of the text, as a lane answered to `units`.
struct UnitsAnswer {
  std::vector<std::string> features;
  size_t hidden = 0;
  std::span<const float> values;                              ///< (F, H)
  std::span<const float> of(std::string_view feature) const;  ///< (H), or empty
};
std::optional<UnitsAnswer> units_answer(const Answer&);
/// Asks for them, of the state that remembers.
const Answer& ask_units(Session&, size_t lane, int layer, std::string_view pattern);

}  // namespace unroll
