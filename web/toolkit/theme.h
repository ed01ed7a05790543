// The look: a light and a dark palette of warm neutrals with one accent, eight lane colours that people with colour
// deficiencies can tell apart, and the ImGui style made from them. Text on its background has a contrast ≥ 4.5.
#pragma once

#include <imgui.h>

#include <array>

#include "web/toolkit/colour.h"

namespace unroll {

struct Palette {
  bool dark;
  Rgb page, card, inset, border,
      strong_border;                     ///< surfaces from back to front; inset: fields and tracks in a card
  Rgb text, dim;                         ///< main and secondary text
  Rgb accent, accent_strong, on_accent;  ///< fill of the main button, the same hovered, text on it
  Rgb accent_text;                       ///< the accent as text or line on a card
  Rgb good, warning, error;              ///< as text on a card
  std::array<Rgb, 8> lanes;              ///< as lines and text on a card
  Ramp ramp;                             ///< of heatmaps of amounts
  Ramp diverging;                        ///< of heatmaps of signed values

  /// The colour of a lane, by its number (LaneView::colour).
  Rgb lane(int colour) const { return lanes[static_cast<size_t>(colour) % lanes.size()]; }
};

const Palette& palette();
void use_theme(bool dark, bool touch);

inline ImU32 solid(Rgb c) { return IM_COL32((c >> 16) & 255u, (c >> 8) & 255u, c & 255u, 255u); }
inline ImU32 faded(Rgb c, float opacity) {
  return (solid(c) & 0x00ffffffu) | static_cast<ImU32>(opacity * 255.0f + 0.5f) << IM_COL32_A_SHIFT;
}
inline ImVec4 vec4(Rgb c, float opacity = 1.0f) { return ImGui::ColorConvertU32ToFloat4(faded(c, opacity)); }

/// The grid: everything stands on multiples of 4.
namespace space {
inline constexpr float xs = 4, s = 8, m = 12, l = 16, xl = 24;
}
float row_height();  ///< of buttons, fields, combos: 28 with a mouse, 40 for fingers
float corner();      ///< radius of controls; cards have twice that
bool touch_targets();

}  // namespace unroll
