// A team of threads (engine/base/team.h), where there are threads: natively. Who waits spins for some hundred microseconds, then
// sleeps.
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "engine/base/team.h"

namespace unroll {

class ThreadTeam final : public Team {
 public:
  /// `most` members: the caller of run() and `most` − 1 threads. Throws std::system_error when the system gives no more
  /// threads; none is left then.
  explicit ThreadTeam(int most);
  ~ThreadTeam() override;
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  int most() const { return static_cast<int>(threads_.size()) + 1; }
  int size() const override { return size_; }
  /// So many members, 1 to most(), from the next run() on.
  void use(int members) { size_ = members; }
  void meet(int group, int members) override;

 private:
  void call(void (*body)(const void* of, int member), const void* of) override;
  void serve(int member);
  void stop();

  // What one thread writes and others wait for, on a cache line of its own. An int: what the system can wait for itself.
  struct alignas(64) Signal {
    std::atomic<int> value = 0;
  };
  struct Group {
    Signal arrived, round;
  };

  void (*body_)(const void*, int) = nullptr;
  const void* of_ = nullptr;
  int size_;
  bool stopping_ = false;
  Signal left_;                 // members that have not ended
  std::vector<Signal> starts_;  // by member: counts the runs that it is asked to
  std::vector<Group> groups_;
  std::vector<std::thread> threads_;
};

}  // namespace unroll
