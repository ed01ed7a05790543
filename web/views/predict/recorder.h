// Of a task that hears: a button that records, what is heard while one speaks, and what every lane makes of it meanwhile; with a
// word's name a recording becomes one to learn from. For web/views/predict only.
#pragma once

#include "web/views/predict/answer.h"

namespace unroll {

/// `room`: the height of the card; 0: as high as it needs.
void draw_recorder(App&, OwnSequence&, float room);
Json recorder_json(const App&, const OwnSequence&);

}  // namespace unroll
