// The timeline and the memory view as tables (CSV), from what their pictures are drawn from.
#pragma once

#include <string>

#include "web/app.h"

namespace unroll {

/// A line for each character: it, and for each lane its loss (nats), its best guess, and the visible tracks; shares of
/// the gradient at lag 0 for saliency and gradient flow, every unit for states and gates.
std::string timeline_csv(const App&);
/// A line for each lag: the share of each lane.
std::string memory_csv(const App&);

}  // namespace unroll
