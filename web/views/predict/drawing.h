// What the lanes make of a drawing, point by point, or of a sound, column by column. For web/views/predict only.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "web/views/predict/answer.h"

namespace unroll {

/// What a lane makes of it: (n, numbers) as it reads it, and probabilities (n, classes) after each point.
struct Verdict {
  std::span<const float> points, said;
  size_t classes = 0;
  size_t count() const { return said.size() / classes; }
  std::span<const float> after(size_t point) const { return said.subspan(point * classes, classes); }
};
/// From the lane's answer to an `example`: inputs, targets, weights, outputs.
std::optional<Verdict> verdict_of(const Answer&, const LaneView&);
/// "a, 93%", or the string that is read.
std::string told(const Verdict&, const LaneView&);
/// The verdicts on the way, each once as long as it stays: "c o a".
std::string way(const Verdict&, const LaneView&);

/// A lane's name and what it says. `right`: whether it is, where that is known.
void draw_lane_says(const App&, size_t lane, std::string words, std::optional<bool> right);
/// A lane's name and verdict; below it a drawing as the lane saw it, the line the stronger the surer it was there (of a sound a
/// band along its columns), and its likeliest letters or words as bars. `right`: whether it is, where that is known.
void draw_verdict(const App&, size_t lane, const std::optional<Verdict>&, const std::string& widget,
                  std::optional<bool> right = std::nullopt);

/// What each lane makes of the timeline's example; asks for that.
void draw_held_out_verdicts(App&);

}  // namespace unroll
