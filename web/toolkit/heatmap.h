// A matrix of values as colours, drawn on the GPU: the values lie in a float texture, shaders/heatmap.* colours them.
// Where the shader cannot be had, it is drawn with rectangles of the same colours. It outlives a loss of the graphics.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <span>
#include <vector>

#include "web/toolkit/colour.h"

namespace unroll {

/// Which value has which colour: `low` the first stop of the ramp, `high` the last one.
struct ColourScale {
  float low, high;
  const Ramp* ramp;
  Rgb none;  ///< where there is no value
};

/// The part of a matrix that a rectangle shows; fractions of cells are allowed.
struct CellRange {
  double first_column, last_column, first_row, last_row;
};

class Heatmap {
 public:
  Heatmap() = default;
  ~Heatmap();
  Heatmap(const Heatmap&) = delete;
  Heatmap& operator=(const Heatmap&) = delete;

  /// Replaces the values, (rows, columns) row by row, when `version` is another one than last time. Not finite = none.
  void set(std::span<const float> values, size_t rows, size_t columns, int64_t version);
  int64_t version() const { return version_; }
  size_t rows() const { return rows_; }
  size_t columns() const { return columns_; }
  float extent() const { return extent_; }  ///< magnitude that 98% of the values stay below; 0 without values
  /// A value as it is drawn; NaN where there is none or the place is outside.
  float at(size_t row, size_t column) const;

  /// Colours the rectangle; at most once a frame.
  void draw(ImDrawList*, ImVec2 min, ImVec2 max, const CellRange&, const ColourScale&);

 private:
  void upload();
  static void use(const ImDrawList*, const ImDrawCmd* command);
  void draw_rectangles(ImDrawList*, ImVec2 min, ImVec2 max, const CellRange&) const;

  std::vector<float> values_;  // as in the texture: padded to whole lines of it
  size_t rows_ = 0, columns_ = 0;
  float extent_ = 0;
  int64_t version_ = -1;
  unsigned texture_ = 0;
  int64_t generation_ = -1;  // of the graphics that the texture is in
  ColourScale scale_{};
};

}  // namespace unroll
