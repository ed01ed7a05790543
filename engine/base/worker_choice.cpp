#include "engine/base/worker_choice.h"

#include <algorithm>
#include <cstdio>

namespace unroll {
namespace {

// A try ends after so many steps that last so long together, or when it lasts long.
constexpr int enough_steps = 3;
constexpr double enough_seconds = 0.03, long_seconds = 1;
/// More workers must be faster by this much; and when they are slower by this much, still more are not tried.
constexpr double gain = 0.03, loss = 0.1;

}  // namespace

bool WorkerChoice::end_step(double seconds) {
  if (is_made()) return false;
  if (warm_up_ > 0) {
    warm_up_ -= seconds;
    return false;
  }
  if (++steps_ == 0) return false;
  least_ = steps_ == 1 ? seconds : std::min(least_, seconds);
  total_ += seconds;
  const bool is_enough = (steps_ >= enough_steps && total_ >= enough_seconds) || total_ >= long_seconds;
  if (!is_enough) return false;
  end_try();
  return is_made();
}

void WorkerChoice::end_try() {
  char one[64];
  std::snprintf(one, sizeof one, "%s%d: %.1f%s", tries_.empty() ? "" : ", ", trying_, 1e3 * least_,
                tries_.empty() ? " ms a step" : "");
  tries_ += one;
  const bool is_first = trying_ == 1, is_slow = !is_first && least_ > best_ * (1 + loss);
  if (is_first || least_ < best_ * (1 - gain)) chosen_ = trying_, best_ = least_;
  trying_ = is_slow || trying_ == most_ ? 0 : std::min(2 * trying_, most_);
  steps_ = 0, total_ = 0;
}

std::string WorkerChoice::text() const {
  return std::to_string(chosen_) + " of " + std::to_string(most_) + " (" + tries_ + ")";
}

}  // namespace unroll
