// Inside the curves panel: what its pictures share. For web/views/curves only.
#pragma once

#include <imgui.h>
#include <imgui_internal.h>

#include <string>
#include <vector>

#include "web/app.h"
#include "web/toolkit/plot.h"

namespace unroll::curves {

struct Plot {
  ImDrawList* draw;
  ImRect area;
  Axis x, y;

  ImVec2 at(double across, double up) const { return {x.pixel(across), y.pixel(up)}; }
};

/// Grid and numbers of both axes; across whole numbers only. `y_unit`: "%" shows shares as percentages.
void draw_axes(const Plot&, const std::string& y_unit = "");

/// A dashed line at a height, with its name in the gutter at the right.
struct Level {
  std::string label;
  double value;
};
void draw_levels(const Plot&, std::vector<Level>, float gutter);

void draw_best(ImDrawList*, ImVec2 at, Rgb colour);  ///< a little sign of the best held-out value
void draw_dot(ImDrawList*, ImVec2 at, Rgb colour);   ///< the ring that stands for a validation

/// Places entries of a legend one after the other; wraps.
struct Flow {
  Flow();
  ImVec2 next(float entry);
  void end() const;  ///< leaves the cursor below

  ImVec2 start, at;
  float width;
};

// --- The pictures, each in a rectangle of the card, with its legend above

/// The baselines on the scale of the loss (nats, or squared errors).
std::vector<Level> loss_levels(const Session&);
/// What a loss is counted in: "nats per character", "squared error".
std::string loss_unit(const App&);
void draw_loss(App&, float height);
std::string loss_csv(const Session&);

/// The newest score of the lanes, for its names; null before the first.
const ScoreView* any_score(const Session&);
/// Over the steps; `other`: which of ScoreView::others, −1 the score itself.
void draw_score(App&, int other, float height);
/// Before there is one: the lanes, and what needs no network at `measure`, one of the further measures.
void draw_no_score(App&, const std::string& measure, float height);
std::string score_csv(const Session&, int other);

/// Curve number `which` of the score, newest of each lane: accuracy by lag.
void draw_score_curve(App&, size_t which, float height);
std::string score_curve_csv(const Session&, size_t which);

}  // namespace unroll::curves
