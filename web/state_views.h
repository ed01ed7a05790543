// Parts of the published state (web/state_json.cpp) that belong to views into the models.
#pragma once

#include "engine/base/json.h"
#include "web/app.h"

namespace unroll {

Json timeline_json(const App&);
Json memory_json(const App&);
Json cell_json(const App&);

}  // namespace unroll
