// Pictures of what the faces lack: clusters and words of any script, drawn by the platform with the system's fonts
// when they are first asked for, and kept in textures of our own. Bounded: a few pages of one size; when all are full,
// the page that the last frame used least is emptied. A frame spends only some milliseconds on new pictures; what
// has to wait appears in the next ones.
#pragma once

#include <imgui.h>

#include <string_view>

#include "web/toolkit/colour.h"

namespace unroll {

/// In layout units. Valid for the frame in which it was asked for.
struct AtlasGlyph {
  bool missing;         ///< no font has it
  bool coloured;        ///< brings its own colours
  float advance;        ///< of the pen
  ImVec2 offset, size;  ///< of the picture, from the pen on the baseline; size 0: nothing to be seen
  ImTextureID page;
  ImVec2 uv_min, uv_max;
};

/// The picture of a cluster or word at `em` (layout units; one em for each text). nullptr: not yet, ask again in the
/// next frame, which comes by itself.
const AtlasGlyph* atlas_glyph(std::u32string_view, float em);

/// With the pen at `pen` on the baseline, made smaller by `scale`.
void draw_glyph(ImDrawList*, const AtlasGlyph&, ImVec2 pen, Rgb colour, float opacity, float scale = 1);

/// Before ImGui::NewFrame: makes room, and starts anew when the pixel ratio changed or the graphics context was lost.
void prepare_glyphs(float pixel_ratio);

struct AtlasUse {
  int held, missing;  ///< texts with a picture, and those that no font has
  int pages;
  int emptied;  ///< how often a page was
};
AtlasUse atlas_use();

}  // namespace unroll
