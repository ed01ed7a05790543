// What comes next, of a task whose values follow each other in time: how far off every lane is on the held-out end, by how
// many steps ahead, beside what needs no network; which of these is still better; and how much of a forecast is only the
// value before. For web/views/predict only.
#pragma once

#include <imgui.h>

#include "web/app.h"

namespace unroll {

/// `measure`: MAE, RMSE or MASE, as chosen.
void draw_standing(App&, int& measure, ImVec2 size);
Json standing_json(const App&, int measure);

}  // namespace unroll
