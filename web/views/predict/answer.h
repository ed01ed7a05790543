// What comes out, of a task that does not write on: the answers to a held-out example, right or wrong. For
// web/views/predict only.
#pragma once

#include <imgui.h>

#include "web/app.h"

namespace unroll {

void draw_answer(App&, ImVec2 size);
Json answer_json(const App&);

}  // namespace unroll
