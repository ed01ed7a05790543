#include "web/toolkit/surface.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "web/toolkit/opengl.h"
#include "web/toolkit/theme.h"

namespace unroll {
namespace {

struct Fill {
  ImVec2 min, max;
  Rgb colour;
};

/// Those of the frame that is being made; a callback carries its index.
std::vector<Fill>& fills() {
  static std::vector<Fill> list;
  static int frame = -1;
  if (frame != ImGui::GetFrameCount()) list.clear();
  frame = ImGui::GetFrameCount();
  return list;
}

/// Called by the backend while it renders. It sets its own scissor rectangle again for the next command.
void clear(const ImDrawList*, const ImDrawCmd* command) {
  const Fill& fill = fills()[reinterpret_cast<uintptr_t>(command->UserCallbackData)];
  const ImDrawData& data = *ImGui::GetDrawData();
  const auto pixel = [](float coordinate, float scale) {
    return static_cast<GLint>(std::lround(coordinate * scale));
  };
  const ImVec2 scale = data.FramebufferScale;
  const GLint left = pixel(fill.min.x - data.DisplayPos.x, scale.x),
              right = pixel(fill.max.x - data.DisplayPos.x, scale.x);
  const GLint top = pixel(fill.min.y - data.DisplayPos.y, scale.y),
              bottom = pixel(fill.max.y - data.DisplayPos.y, scale.y);
  if (right <= left || bottom <= top) return;
  glScissor(left, pixel(data.DisplaySize.y, scale.y) - bottom, right - left, bottom - top);
  const ImVec4 colour = vec4(fill.colour);
  glClearColor(colour.x, colour.y, colour.z, 1);
  glClear(GL_COLOR_BUFFER_BIT);
}

void fill_by_clearing(ImDrawList* draw, ImVec2 min, ImVec2 max, Rgb colour) {
  const ImVec2 low = draw->GetClipRectMin(), high = draw->GetClipRectMax();
  min = {std::max(min.x, low.x), std::max(min.y, low.y)};
  max = {std::min(max.x, high.x), std::min(max.y, high.y)};
  if (min.x >= max.x || min.y >= max.y) return;
  std::vector<Fill>& list = fills();
  draw->AddCallback(clear, reinterpret_cast<void*>(list.size()));
  list.push_back({min, max, colour});
}

}  // namespace

void fill_surface(ImDrawList* draw, ImVec2 min, ImVec2 max, float radius, Rgb colour) {
  fill_by_clearing(draw, {min.x, min.y + radius}, {max.x, max.y - radius}, colour);
  // One pixel more than the corners: where a pixel ratio is not whole, the two kinds of edges must overlap.
  const float strip = std::min(radius + 1, max.y - min.y);
  draw->AddRectFilled(min, {max.x, min.y + strip}, solid(colour), radius, ImDrawFlags_RoundCornersTop);
  draw->AddRectFilled({min.x, max.y - strip}, max, solid(colour), radius, ImDrawFlags_RoundCornersBottom);
}

}  // namespace unroll
