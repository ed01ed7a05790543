#include "web/session/interventions.h"

#include <algorithm>
#include <iterator>

#include "web/session/json_read.h"

namespace unroll {
namespace {

constexpr const char* kinds[] = {"clamp", "set", "ablate", "freeze"};  // as in Intervention::Kind
constexpr size_t most = 64;                                            // that a lane takes

bool has_value(Intervention::Kind kind) {
  return kind == Intervention::Kind::clamp || kind == Intervention::Kind::set;
}

}  // namespace

Json json_of(const InterventionSet& set) {
  Json list = Json::array();
  for (const Intervention& one : set) {
    Json entry = {{"kind", kinds[static_cast<size_t>(one.kind)]},
                  {"layer", one.layer},
                  {"unit", one.unit},
                  {"first", one.first}};
    if (one.last != Intervention::forever) entry["last"] = one.last;
    if (!one.what.empty()) entry["what"] = one.what;
    if (has_value(one.kind)) entry["value"] = one.value;
    list.push_back(std::move(entry));
  }
  return list;
}

InterventionSet interventions_of(const Json& list, const LaneSpec& lane) {
  if (!list.is_array() || list.size() > most) return {};
  InterventionSet set;
  for (const Json& entry : list) {
    const auto kind = std::ranges::find(kinds, read::text(entry, "kind"));
    const int64_t layer = read::integer(entry, "layer"), unit = read::integer(entry, "unit", -1);
    if (kind == std::end(kinds) || layer != static_cast<int>(layer) || unit != static_cast<int>(unit))
      return {};
    set.push_back({.kind = static_cast<Intervention::Kind>(kind - kinds),
                   .layer = static_cast<int>(layer),
                   .unit = static_cast<int>(unit),
                   .what = read::text(entry, "what"),
                   .value = read::number(entry, "value"),
                   .first = read::integer(entry, "first"),
                   .last = read::integer(entry, "last", Intervention::forever)});
  }
  return check_interventions(set, lane) ? set : InterventionSet();
}

}  // namespace unroll
