// Parameter blocks as the views show them: their norms as an event of the lane protocol brings them (`blocks`, `walk`),
// short names, and bars on a logarithmic axis.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/json.h"
#include "web/toolkit/colour.h"

namespace unroll {

/// NaN where no step was done.
struct BlockNorms {
  std::string name;  ///< PyTorch's
  int64_t size = 0;  ///< parameters
  float weights = 0, gradient = 0, update = 0, ratio = 0;
};

/// From "names" and "sizes" of the header and (blocks, 4) values; empty when they do not fit together.
std::vector<BlockNorms> block_norms(const Json& header, std::span<const float> values);

Json block_norms_json(const std::vector<BlockNorms>&);  ///< for View::publish

/// "weight_hh_l0" of "rnn.weight_hh_l0"; the decoder and the embedding keep theirs.
std::string short_name(const std::string& block);

/// In three significant digits, or as many as asked for: "3.47", "0.0123", "1.23e-5"; "–" for what is not finite.
std::string figure(double value, int digits = 3);
std::string percent(double share);  ///< "3.1%", "0.02%"

/// What an update moves a block by, beside its size, when it learns well: about a thousandth.
inline constexpr double healthy_ratio = 1e-3, least_ratio = 1e-4, most_ratio = 1e-2;
inline bool healthy(double ratio) { return ratio >= least_ratio && ratio <= most_ratio; }

/// Smallest and largest of the positive values so far, widened to whole decades.
struct Decades {
  double low = 0, high = 0;
  void take(double value);
  void widen();                     ///< at least one decade, at most eight
  float share(double value) const;  ///< 0 … 1 on the logarithmic axis; 0 for what is not positive
  bool any() const { return high > 0; }
};

/// A bar behind its number.
void draw_bar(ImDrawList*, ImVec2 min, ImVec2 size, float share, Rgb colour, const std::string& text,
              float opacity = 1);

}  // namespace unroll
