// Of a task that hears: a button that records, what is heard while one speaks, and what every lane makes of it meanwhile; with a
// word's name a recording becomes one to learn from. For web/views/predict only.
#pragma once

#include "web/views/predict/answer.h"

namespace unroll {

/// `room`: the height of the card; 0: as high as it needs.
void draw_recorder(App&, OwnSequence&, float room);
/// What is heard in the timeline's example, high sounds above low ones, as wide as what the lanes say below it.
void draw_heard_example(const App&, OwnSequence&, const ExampleView&);
Json recorder_json(const App&, const OwnSequence&);

}  // namespace unroll
