// What a step of a lesson waits for: conditions on the state that the program publishes (web/published.cpp), so that nothing
// is told of the learner's doing but what can be seen.
//
//   {"says": "Train 300 steps", "path": "lanes.0.step", "at_least": 300}
//   {"says": "…", "path": "lanes.1.valid.-1.1", "below": {"path": "lanes.0.valid.-1.1", "times": 0.9}}
//   {"says": "…", "any": [{…}, {…}]}        one of these
//
// An object beside a test is never compared with: it names a number elsewhere in the state.
//
// A path goes through objects by name and through lists by number, from the end where that is negative; `*` stands for every
// one, and then it is enough that one of them fulfils the condition. What is not there fulfils none.
#pragma once

#include <string>
#include <vector>

#include "engine/base/json.h"

namespace unroll {

using StatePath = std::vector<std::string>;

struct Condition {
  std::string says;  ///< what the learner is to do, or to see; may be empty within `any`
  StatePath path;
  size_t test = 0;             ///< one of those in check.cpp
  Json value;                  ///< what is compared with, …
  StatePath than;              ///< … or where that stands, …
  double times = 1;            ///< … times this
  std::vector<Condition> any;  ///< one of these; then nothing else counts
};

/// A list of conditions, or one. `where` goes into the error. Those of `says` must have words for people.
Result<std::vector<Condition>> read_conditions(const Json&, const std::string& where, bool says);

bool holds(const Condition&, const Json& state);

}  // namespace unroll
