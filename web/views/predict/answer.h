// What comes out, of a task that does not write on: the answers to a held-out example, right or wrong. For
// web/views/predict only.
#pragma once

#include <imgui.h>

#include <memory>

#include "web/app.h"
#include "web/toolkit/colour.h"

namespace unroll {

struct Recorder;

/// A sequence of one's own that the lanes read, where the task takes some.
struct OwnSequence {
  std::string task;  ///< for which it was begun
  std::string text = {};
  std::shared_ptr<Recorder> recorder = nullptr;  ///< what it is heard with, where it is heard
  // Of a drawing, which is view.prefix:
  bool pen_down = false;  ///< a stroke is being drawn
  std::string sign = {};  ///< what it is called, as one teaches it; also of a recording
};

void draw_answer(App&, OwnSequence&, ImVec2 size);
/// The field for it, begun anew with another task. Gives whether something stands there.
bool own_field(const App&, OwnSequence&, float height, size_t max_bytes);
/// Symbols in cells, wrapped, those that are `wrong` marked (empty: none is). Moves the cursor below.
void draw_symbol_cells(const std::u32string&, const std::vector<bool>& wrong, float room, Rgb colour);
std::string whole_percent(double share);  ///< "93%"
Json answer_json(const App&, const OwnSequence&);

}  // namespace unroll
