// Scores and what they are compared with, as `train --json` and `eval --json` tell them.
#pragma once

#include <nlohmann/json.hpp>
#include <span>

#include "engine/tasks/task.h"

namespace unroll::cli {

/// {name, value, better, unit?, others?: {name: value}}; `value` in place of the score's own.
nlohmann::ordered_json score_report(const Score&, double value);

/// {name: value} by the score's measure; of what is not measured by it, by its own.
nlohmann::ordered_json baselines_report(std::span<const Baseline>);
/// {measure: {name: value}} by the further measures of what is measured by the score's, too; empty where there are none.
nlohmann::ordered_json further_baselines_report(std::span<const Baseline>);

}  // namespace unroll::cli
