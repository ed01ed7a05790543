// A question of two answers that is asked at the end: what is read, coloured by the answer that a lane would give after each
// of it; a sequence of one's own, read by all lanes; and how often they are right and wrong on the held-out ones. For
// web/views/predict only.
#pragma once

#include "web/views/predict/answer.h"

namespace unroll {

/// Of the timeline's example. Returns whether there is such a question.
bool draw_running(const App&, size_t lane);

/// A field for it, and what every lane makes of it.
void draw_own_sequence(App&, OwnSequence&);
Json own_sequence_json(const App&, const OwnSequence&);

/// The score with its further measures, lane by lane, and what needs no network.
void draw_held_out(const App&);
Json held_out_json(const App&);

}  // namespace unroll
