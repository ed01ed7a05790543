#include "web/cli/reports.h"

#include <algorithm>
#include <cmath>

namespace unroll::cli {

nlohmann::ordered_json score_report(const Score& score, double value) {
  nlohmann::ordered_json report = {
      {"name", score.name}, {"value", value}, {"better", score.higher_is_better ? "higher" : "lower"}};
  if (!score.unit.empty()) report["unit"] = score.unit;
  if (std::isfinite(value))
    for (const auto& [name, other] : score.others) report["others"][name] = other;
  return report;
}

namespace {

bool is_further(std::span<const Baseline> baselines, const Baseline& one) {
  return !one.of.empty() && std::ranges::any_of(baselines, [&](const Baseline& other) {
    return other.of.empty() && other.name == one.name;
  });
}

}  // namespace

nlohmann::ordered_json baselines_report(std::span<const Baseline> baselines) {
  auto report = nlohmann::ordered_json::object();
  for (const Baseline& one : baselines)
    if (!is_further(baselines, one)) report[one.name] = one.value;
  return report;
}

nlohmann::ordered_json further_baselines_report(std::span<const Baseline> baselines) {
  auto report = nlohmann::ordered_json::object();
  for (const Baseline& one : baselines)
    if (is_further(baselines, one)) report[one.of][one.name] = one.value;
  return report;
}

}  // namespace unroll::cli
