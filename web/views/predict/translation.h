// Translations: what each lane writes to a source on its own, held-out ones beside what is right, sources of one's own, and
// where attention looked. For web/views/predict only.
#pragma once

#include <vector>

#include "web/session/solutions.h"
#include "web/views/predict/answer.h"

namespace unroll {

/// The timeline's example, lane by lane; nothing of a lane that has not read it.
void draw_translations(App&, const ExampleView&, const std::vector<std::optional<Solution>>&);

/// A field for a source, and what every lane writes to it.
void draw_own_source(App&, OwnSequence&);
Json own_source_json(const App&, const OwnSequence&);

}  // namespace unroll
