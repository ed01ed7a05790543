// Interventions as JSON: in the command of a lane (engine/lane/protocol.h) and in a .unroll file, the same list.
#pragma once

#include "engine/base/json.h"
#include "engine/model/intervention_set.h"

namespace unroll {

Json json_of(const InterventionSet&);
/// Of a file: empty unless all of it is an intervention on such a lane.
InterventionSet interventions_of(const Json& list, const LaneSpec&);

}  // namespace unroll
