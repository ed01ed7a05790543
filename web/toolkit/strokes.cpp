#include "web/toolkit/strokes.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/mixture.h"
#include "web/toolkit/theme.h"

namespace unroll {

void draw_strokes(ImDrawList* draw, ImVec2 min, ImVec2 size, std::span<const float> points,
                  std::span<const Rgb> colours, float thick) {
  std::vector<ImVec2> places;
  ImVec2 at(0, 0), least(INFINITY, INFINITY), most(-INFINITY, -INFINITY);
  for (size_t n = 0; n < points.size() / 3; ++n) {
    at = {at.x + points[3 * n], at.y + points[3 * n + 1]};
    least = {std::min(least.x, at.x), std::min(least.y, at.y)};
    most = {std::max(most.x, at.x), std::max(most.y, at.y)};
    places.push_back(at);
  }
  const float room_x = size.x - 2 * thick, room_y = size.y - 2 * thick;
  const float scale =
      std::min(room_x / std::max(most.x - least.x, 1e-3f), room_y / std::max(most.y - least.y, 1e-3f));
  const ImVec2 middle((least.x + most.x) / 2, (least.y + most.y) / 2);
  for (ImVec2& place : places)
    place = {min.x + size.x / 2 + scale * (place.x - middle.x),
             min.y + size.y / 2 + scale * (place.y - middle.y)};
  for (size_t n = 0; n < places.size() && n < colours.size(); ++n) {
    const bool begins = n == 0 || points[3 * n + 2] > 0.5f;
    if (!begins) draw->AddLine(places[n - 1], places[n], solid(colours[n]), thick);
    draw->AddCircleFilled(places[n], thick / 2, solid(colours[n]), 8);  // a round end, and a dot
  }
}

void draw_mixture(ImDrawList* draw, ImVec2 origin, float scale, std::span<const float> outputs, double bias,
                  Rgb colour) {
  constexpr double least_share = 0.05;
  constexpr int corners = 20;
  constexpr float least_size = 0.7f, darkest = 0.3f;  // pixels; opacity
  const Mixture mixture(outputs.data(), outputs.size(), bias);
  for (size_t j = 0; j < mixture.size(); ++j) {
    const MixtureComponent one = mixture.component(j);
    const double share = std::exp(one.log_weight), rest = std::sqrt(1 - one.correlation * one.correlation);
    if (!(share > least_share)) continue;
    const auto size = [&](double spread) {
      return std::max(static_cast<float>(std::exp(spread)) * scale, least_size);
    };
    const float wide = size(one.spread_x), high = size(one.spread_y);
    const ImVec2 middle(origin.x + scale * static_cast<float>(one.x),
                        origin.y + scale * static_cast<float>(one.y));
    for (int n = 0; n < corners; ++n) {
      // Points of the unit circle, as draw_from_mixture makes points of two normal numbers.
      const double angle = 2 * std::numbers::pi * n / corners, a = std::cos(angle), b = std::sin(angle);
      draw->PathLineTo({middle.x + wide * static_cast<float>(a),
                        middle.y + high * static_cast<float>(one.correlation * a + rest * b)});
    }
    draw->PathFillConvex(faded(colour, darkest * static_cast<float>(share)));
  }
}

}  // namespace unroll
