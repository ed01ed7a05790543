#include "web/toolkit/strokes.h"

#include <algorithm>
#include <cmath>

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

}  // namespace unroll
