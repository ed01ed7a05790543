// Colours as numbers: OKLab (Ottosson 2020), in which equal steps look equal, WCAG 2 contrast, and the sequential map
// of the heatmaps. Knows nothing of ImGui.
#pragma once

#include <array>
#include <cstdint>

namespace unroll {

/// sRGB, 0xRRGGBB.
using Rgb = uint32_t;

struct Oklab {
  float lightness, a, b;
};
Oklab to_oklab(Rgb);
/// Clamped into the sRGB gamut.
Rgb from_oklab(Oklab);

/// WCAG 2 relative luminance (0 … 1) and contrast ratio (1 … 21).
float luminance(Rgb);
float contrast(Rgb, Rgb);

/// Mix in OKLab: 0 gives `from`, 1 gives `to`.
Rgb mix(Rgb from, Rgb to, float share);

/// A map from 0 … 1 to colours, of straight lines in OKLab, so perceptually uniform, along the blue–yellow axis, which
/// people with red–green deficiencies see in full.
class Ramp {
 public:
  static constexpr int stops = 17;
  /// For amounts: monotone lightness, low values close to the background.
  static Ramp sequential(bool dark);
  /// For signed values: orange below the middle, blue above it, the middle close to the background; both ends equally
  /// light.
  static Ramp diverging(bool dark);
  Rgb at(float share) const;                                          ///< clamped to 0 … 1
  const std::array<Rgb, stops>& colours() const { return colours_; }  ///< evenly spaced

 private:
  std::array<Rgb, stops> colours_{};
};

/// Black or white, whichever reads better on `background`; the contrast is at least 4.58.
Rgb ink_on(Rgb background);

}  // namespace unroll
