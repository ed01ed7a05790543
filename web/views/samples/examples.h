// In place of samples, of a task that does not write on: several held-out examples with every lane's answers. For
// web/views/samples only.
#pragma once

#include <imgui.h>

#include "web/app.h"

namespace unroll {

void draw_examples(App&, ImVec2 size);
Json examples_json(const App&);

}  // namespace unroll
