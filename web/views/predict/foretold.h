// Where each lane expected the next point of a held-out drawing, all along it. For web/views/predict only.
#pragma once

#include "web/app.h"

namespace unroll {

/// Asks for what is said to the timeline's example, and draws it.
void draw_foretold(App&);
/// Of each lane the mean loss there in nats a point; null before it answered.
Json foretold_json(const App&);

}  // namespace unroll
