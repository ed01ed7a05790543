// Line icons drawn from strokes on a 16 × 16 grid, so that they are sharp at any pixel ratio and need no font.
#pragma once

#include <imgui.h>

#include "web/toolkit/colour.h"

namespace unroll {

enum class Icon {
  none,
  play,
  pause,
  step,
  back,
  reset,
  undo,
  redo,
  dice,
  sun,
  moon,
  link,
  help,
  plus,
  minus,
  close,
  copy,
  file,
  save,
  down,
  up,
  pencil,
  fit,
  balance,
  warning,
  forward,
  tracks,
  sort,
  search,
  cloud,
  sliders,
  check,
  book,
};

void draw_icon(ImDrawList*, Icon, ImVec2 centre, ImU32 colour, float size = 16.0f);

}  // namespace unroll
