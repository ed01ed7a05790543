// Of a task that reads drawings: a pad to draw on with pointer, finger or pen, and what every lane makes of it while one
// draws. What is drawn is view.prefix, as a text of points. For web/views/predict only.
#pragma once

#include "web/views/predict/answer.h"

namespace unroll {

/// `room`: the height of the card; 0: as high as it needs.
void draw_pad(App&, OwnSequence&, float room);
Json pad_json(const App&, const OwnSequence&);

}  // namespace unroll
