// How many share the work of a training: tried while it trains, for their number changes no bit of what is learned. Knows
// no clock: it is told how long each step took.
#pragma once

#include <string>

namespace unroll {

class WorkerChoice {
 public:
  /// Tries 1, 2, 4, … and `most`; 1: nothing to choose. Before that all work for a while (seconds) where they have to warm up.
  explicit WorkerChoice(int most, double warm_up = 0)
      : most_(most), trying_(most > 1 ? 1 : 0), warm_up_(most > 1 ? warm_up : 0) {}

  /// What the next step is to use; then it must be told how long that step took.
  int workers() const { return warm_up_ > 0 ? most_ : trying_ > 0 ? trying_ : chosen_; }
  /// True when the choice has just been made.
  bool end_step(double seconds);
  bool is_made() const { return trying_ == 0; }
  /// "4 of 16 (1: 120.1 ms a step, 2: 62.0, 4: 33.5, 8: 36.0)", once it is made.
  std::string text() const;

 private:
  void end_try();

  int most_;
  int trying_;                    // 0: the choice is made
  double warm_up_;                // what is left of it
  int steps_ = -1;                // of this try; the very first step, which makes room, does not count
  double least_ = 0, total_ = 0;  // seconds, of this try's steps
  int chosen_ = 1;
  double best_ = 0;  // seconds of a step with `chosen_`
  std::string tries_;
};

}  // namespace unroll
