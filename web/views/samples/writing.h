// In place of samples, of a task in which a pen writes what it is asked for: each lane's handwriting of a word, newest at the
// bottom, and above it what it wrote when it knew less. For web/views/samples only.
#pragma once

#include <imgui.h>

#include <map>
#include <vector>

#include "web/app.h"

namespace unroll {

/// What is asked for, and what the lanes wrote before.
struct PenWindow {
  struct Line {
    int64_t step = 0;
    std::vector<std::vector<float>> letters;  ///< the points of each, as StrokesAnswer has them
  };
  int64_t seed = 1;
  bool clouds = false;                     ///< what the lanes were unsure of is drawn as well
  std::string of;                          ///< what was asked for, as the lines below were written
  std::map<int, std::vector<Line>> lines;  ///< by the lane's colour, the oldest first
};

void draw_handwriting(App&, PenWindow&, ImVec2 size);
Json handwriting_json(const App&, const PenWindow&);

}  // namespace unroll
