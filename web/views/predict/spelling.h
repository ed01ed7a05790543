// What the lanes read where right is a string of labels without places: the likeliest string so far after each point, and how
// probable each label and the blank are on the way. For web/views/predict only.
#pragma once

#include <string>

#include "web/views/predict/drawing.h"

namespace unroll {

/// The likeliest string of the whole; class 0 is the blank.
std::u32string spelled(const Verdict&, const LaneView&);
/// "help", or "nothing" of an empty one.
std::string spelled_text(const Verdict&, const LaneView&);
/// The likeliest strings on the way, each once as long as it stays: "h he hel help".
std::string spelling_way(const Verdict&, const LaneView&);
/// The mean probability of the blank.
double blank_share(const Verdict&);

/// A lane's name and string; below it the drawing, and beneath its points' columns the curves of the blank and of each label
/// that is ever likely, with the string as it stands where it changes. `right`: whether it is, where that is known.
void draw_spelling(const App&, size_t lane, const std::optional<Verdict>&, const std::string& widget,
                   std::optional<bool> right = std::nullopt);

}  // namespace unroll
