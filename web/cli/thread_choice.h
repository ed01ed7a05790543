// How many threads a training uses: engine/base/worker_choice.h, of a team.
#pragma once

#include <memory>
#include <string>

#include "engine/base/worker_choice.h"
#include "web/cli/thread_team.h"

namespace unroll::cli {

class ThreadChoice {
 public:
  /// No team: one thread, nothing to choose.
  explicit ThreadChoice(std::shared_ptr<ThreadTeam> team)
      : team_(std::move(team)), choice_(team_ ? team_->most() : 1) {}

  /// Before a step; then it must be told how long that step took.
  void begin_step() {
    if (!is_made()) team_->use(choice_.workers());
  }
  /// True when the choice has just been made.
  bool end_step(double seconds) {
    if (!choice_.end_step(seconds)) return false;
    team_->use(choice_.workers());
    return true;
  }

  bool is_made() const { return choice_.is_made(); }
  int threads() const { return team_ ? team_->size() : 1; }
  std::string text() const { return choice_.text(); }

 private:
  std::shared_ptr<ThreadTeam> team_;
  WorkerChoice choice_;
};

}  // namespace unroll::cli
