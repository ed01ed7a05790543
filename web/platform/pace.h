// When to draw: after input a few frames at once (a tap is two of Dear ImGui's frames, a new card three), after a lane's event soon but not
// more often than the machine draws easily, at announced times, and otherwise never. Times are in seconds.
#pragma once

#include <algorithm>
#include <array>

namespace unroll {

class Pace {
 public:
  void input() { tail_ = settling; }
  void woken() { woken_ = true; }
  /// A frame at time t although nothing happens. A few such times are kept; the latest ones give way.
  void at(double t) {
    double& latest = *std::max_element(timers_.begin(), timers_.end());
    if (t < latest) latest = t;
  }

  /// Seconds to wait before the next frame: 0 = draw now, negative = until something happens.
  double wait(double now) const {
    if (tail_ > 0) return 0;
    const double timer = *std::min_element(timers_.begin(), timers_.end());
    double next = timer;
    if (woken_) next = std::min(next, last_ + interval());
    return next >= never ? -1 : std::max(0.0, next - now);
  }

  /// A frame was drawn at `now` and took `cost`; `again` = the program asks for the next one at once.
  void drew(double now, double cost, bool again) {
    last_ = now;
    woken_ = false;
    tail_ = std::max(tail_ - 1, again ? 1 : 0);
    for (double& timer : timers_)
      if (timer <= now) timer = never;
    // A frame that once was slow (a font atlas was built) must not count for long.
    cost_ = cost_ + 0.2 * (std::min(cost, 0.25) - cost_);
  }

  /// Distance of frames that only events ask for: drawing takes at most a third of the time.
  double interval() const { return std::clamp(3 * cost_, 1.0 / 30, 0.2); }

 private:
  static constexpr int settling = 5;
  static constexpr double never = 1e18;
  int tail_ = settling;
  bool woken_ = false;
  double last_ = -1, cost_ = 0.005;
  std::array<double, 4> timers_ = {never, never, never, never};
};

}  // namespace unroll
