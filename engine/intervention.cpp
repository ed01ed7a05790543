#include "engine/intervention.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "engine/cells/cell.h"
#include "engine/double_model.h"

namespace unroll {
namespace {

constexpr double largest_c = 100;

std::string shown(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

/// The error of one intervention, its `where` the name of a field.
Status check(const Intervention& one, const LaneSpec& spec) {
  using Kind = Intervention::Kind;
  const CellTraits& cell = cell_traits(spec.cell);
  const auto outside = [](const char* where, double found, double lowest, double highest) {
    return Error{where, "found " + shown(found), "allowed: " + shown(lowest) + " to " + shown(highest)};
  };
  if (one.layer < 0 || one.layer >= spec.layers) return outside("layer", one.layer, 0, spec.layers - 1);
  if (one.unit < -1 || one.unit >= spec.hidden) return outside("unit", one.unit, -1, spec.hidden - 1);
  if (one.first < 0 || one.last < one.first)
    return Error{"last", "found characters " + std::to_string(one.first) + " to " + std::to_string(one.last),
                 "allowed: 0 and more, the last not before the first"};
  if (one.kind == Kind::clamp_gate) {
    const int gates = static_cast<int>(cell.gate_names.size());
    if (gates == 0) return Error{"kind", "clamps a gate, and this cell has none", "ablate or freeze"};
    if (one.gate < 0 || one.gate >= gates) return outside("gate", one.gate, 0, gates - 1);
    const std::string_view gate = cell.gate_names[static_cast<size_t>(one.gate)];
    const double lowest = gate == "g" || gate == "n" ? -1 : 0;
    if (!(one.value >= lowest && one.value <= 1)) return outside("value", one.value, lowest, 1);
  }
  if (one.kind == Kind::set_c) {
    if (!cell.has_c) return Error{"kind", "sets c, and this cell has none", "ablate or freeze"};
    if (!(one.value >= -largest_c && one.value <= largest_c))
      return outside("value", one.value, -largest_c, largest_c);
  }
  return ok();
}

}  // namespace

Status check_interventions(const InterventionSet& set, const LaneSpec& spec) {
  for (size_t n = 0; n < set.size(); ++n) {
    const Status status = check(set[n], spec);
    if (status) continue;
    Error error = status.error();
    error.where = "interventions[" + std::to_string(n) + "]." + error.where;
    return error;
  }
  return ok();
}

SurpriseProbe probe_surprise(const Model& model, const Vocabulary& vocabulary, std::u32string_view text,
                             int top, const InterventionSet& interventions) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  Vocabulary::Encoded encoded = vocabulary.encode(text);
  const std::span<const int32_t> ids = encoded.ids;
  const size_t K = static_cast<size_t>(std::clamp(top, 0, vocabulary.size()));
  SurpriseProbe probe{.text = vocabulary.decode(ids),
                      .unknown = std::move(encoded.unknown),
                      .top = static_cast<int>(K),
                      .loss = std::vector<float>(ids.size(), nan),
                      .top_ids = std::vector<int32_t>(ids.size() * K),
                      .top_probs = std::vector<float>(ids.size() * K, nan)};
  DoubleModel pass(model, interventions);
  std::vector<int32_t> order(static_cast<size_t>(vocabulary.size()));
  for (size_t n = 1; n < ids.size(); ++n) {
    pass.read(ids[n - 1]);
    probe.loss[n] = static_cast<float>(pass.loss(ids[n]));
    const std::vector<double> p = pass.probabilities();
    std::iota(order.begin(), order.end(), 0);
    const auto is_better = [&](int32_t a, int32_t b) {
      const double pa = p[static_cast<size_t>(a)], pb = p[static_cast<size_t>(b)];
      return pa != pb ? pa > pb : a < b;
    };
    std::ranges::partial_sort(order, order.begin() + static_cast<ptrdiff_t>(K), is_better);
    for (size_t k = 0; k < K; ++k) {
      probe.top_ids[n * K + k] = order[k];
      probe.top_probs[n * K + k] = static_cast<float>(p[static_cast<size_t>(order[k])]);
    }
  }
  return probe;
}

}  // namespace unroll
