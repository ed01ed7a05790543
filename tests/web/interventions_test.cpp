#include "web/session/interventions.h"

#include <doctest/doctest.h>

using namespace unroll;

TEST_CASE("interventions in a file: they come back as they were, and nothing else does") {
  const LaneSpec lane = {.cell = "lstm", .hidden = 8, .layers = 2};
  using Kind = Intervention::Kind;
  const InterventionSet set = {{.kind = Kind::clamp, .layer = 1, .unit = 3, .what = "f", .value = 0.25},
                               {.kind = Kind::set, .what = "c", .value = -2, .first = 4, .last = 9},
                               {.kind = Kind::ablate, .unit = 7},
                               {.kind = Kind::freeze, .what = "h", .first = 2}};
  CHECK(interventions_of(json_of(set), lane) == set);
  CHECK(interventions_of(json_of({}), lane).empty());

  CHECK(interventions_of(json_of(set), {.cell = "lstm", .hidden = 8}).empty());              // no layer 1
  CHECK(interventions_of(json_of(set), {.cell = "gru", .hidden = 8, .layers = 2}).empty());  // no f
  for (const char* wrong :
       {"null", "{}", "[1]", R"([{"kind":"melt"}])", R"([{"kind":"clamp","what":"f","value":7}])",
        R"([{"kind":"ablate","unit":8}])", R"([{"kind":"ablate","layer":4294967296}])",
        R"([{"kind":"ablate","first":3,"last":2}])",
        R"([{"kind":"ablate"},{"kind":"ablate","unit":"x","layer":-1}])"}) {
    CAPTURE(wrong);
    CHECK(interventions_of(Json::parse(wrong), lane).empty());
  }
  CHECK(interventions_of(json_of(InterventionSet(65)), lane).empty());
}
