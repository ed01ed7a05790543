// A row of values as a coloured strip, drawn on the GPU: the values lie in a float texture, shaders/heatmap.* colours
// them. Where the shader cannot be had, the strip is drawn with rectangles of the same colours.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <span>
#include <vector>

#include "web/colour.h"

namespace unroll {

class Heatmap {
 public:
  Heatmap() = default;
  ~Heatmap();
  Heatmap(const Heatmap&) = delete;
  Heatmap& operator=(const Heatmap&) = delete;

  /// Replaces the values when `version` is another one than last time. Not finite = none.
  void set(std::span<const float> values, int64_t version);
  /// Values [first, last) over the rectangle, each of equal width; `top` is the value of the ramp's end. At most
  /// once a frame.
  void draw(ImDrawList*, ImVec2 min, ImVec2 max, double first, double last, float top, const Ramp&, Rgb none);

 private:
  static void use(const ImDrawList*, const ImDrawCmd* command);
  std::vector<float> values_;
  int64_t version_ = -1;
  unsigned texture_ = 0;
  float top_ = 1;
  const Ramp* ramp_ = nullptr;
  Rgb none_ = 0;
};

}  // namespace unroll
