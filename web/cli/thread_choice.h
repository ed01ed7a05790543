// How many threads a training uses: tried while it trains, for their number changes no bit of what is learned.
#pragma once

#include <memory>
#include <string>

#include "web/cli/thread_team.h"

namespace unroll::cli {

class ThreadChoice {
 public:
  /// All numbers that are tried, 1, 2, 4, … up to team->most(), are at most that. No team: one thread, nothing to choose.
  explicit ThreadChoice(std::shared_ptr<ThreadTeam> team);

  /// What the next step is to use; then it must be told how long that step took.
  void begin_step();
  /// True when the choice has just been made.
  bool end_step(double seconds);

  bool is_made() const { return !team_ || trying_ == 0; }
  int threads() const { return team_ ? team_->size() : 1; }
  /// "4 of 16 (1: 120.1 ms a step, 2: 62.0, 4: 33.5, 8: 36.0)", once it is made.
  std::string text() const;

 private:
  void end_try();

  std::shared_ptr<ThreadTeam> team_;
  int trying_ = 0;                // threads; 0: the choice is made
  int steps_ = -1;                // of this try; the very first step, which makes room, does not count
  double least_ = 0, total_ = 0;  // seconds, of this try's steps
  int chosen_ = 1;
  double best_ = 0;  // seconds of a step with `chosen_`
  std::string tries_;
};

}  // namespace unroll::cli
