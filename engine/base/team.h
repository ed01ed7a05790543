// Several processors that share the work of a pass. The engine knows no thread: whoever does gives it a Team, or none. What is
// shared is cut so that every number is computed by one member, in the order in which one alone would: results are the same
// to the last bit whatever the size of the team.
#pragma once

#include <algorithm>
#include <cstddef>

namespace unroll {

class Team {
 public:
  virtual ~Team() = default;
  /// Members, at least 1; the caller of run() is number 0.
  virtual int size() const = 0;
  /// Calls body(0) … body(size − 1), at the same time; returns when all have ended. One run() at a time, and none within a
  /// body, which throws nothing.
  template <class Body>
  void run(const Body& body) {
    call([](const void* of, int member) { (*static_cast<const Body*>(of))(member); }, &body);
  }
  /// Within a body, by each of the `members` of a group: returns when all of them have called it. Groups are numbered from
  /// 0, and are fewer than size().
  virtual void meet(int group, int members) = 0;

 protected:
  virtual void call(void (*body)(const void* of, int member), const void* of) = 0;
};

/// Deals 0 … count − 1 out in ranges that are multiples of `grain` (but the last): body(first, last, member), once for each
/// member that gets one. Without a team, or where there is no more than one grain, the caller does all.
template <class Body>
void divide(Team* team, ptrdiff_t count, ptrdiff_t grain, const Body& body) {
  const ptrdiff_t members = team ? team->size() : 1, grains = (count + grain - 1) / grain;
  if (members == 1 || grains <= 1) {
    if (count > 0) body(ptrdiff_t{0}, count, 0);
    return;
  }
  team->run([&](int member) {
    const ptrdiff_t first = grains * member / members * grain,
                    last = std::min(grains * (member + 1) / members * grain, count);
    if (first < last) body(first, last, member);
  });
}

}  // namespace unroll
