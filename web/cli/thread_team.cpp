#include "web/cli/thread_team.h"

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace unroll {
namespace {

/// Tells the processor that this is a loop that waits.
void pause() {
#if defined(__x86_64__) || defined(__i386__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Until it is another value, which is returned.
int wait_while(const std::atomic<int>& signal, int value) {
  constexpr int spins = 4000;  // 60 to 200 µs: in a virtual machine a thread that sleeps takes longer to wake
  for (int i = 0; i < spins; ++i) {
    if (const int now = signal.load(std::memory_order_acquire); now != value) return now;
    pause();
  }
  signal.wait(value, std::memory_order_acquire);
  return signal.load(std::memory_order_acquire);
}

}  // namespace

ThreadTeam::ThreadTeam(int most)
    : size_(most), starts_(static_cast<size_t>(most)), groups_(static_cast<size_t>(most)) {
  threads_.reserve(static_cast<size_t>(most - 1));
  try {
    for (int member = 1; member < most; ++member) threads_.emplace_back([this, member] { serve(member); });
  } catch (...) {
    stop();
    throw;
  }
}

ThreadTeam::~ThreadTeam() { stop(); }

void ThreadTeam::stop() {
  stopping_ = true;
  for (size_t i = 0; i < threads_.size(); ++i) {
    std::atomic<int>& start = starts_[i + 1].value;
    start.fetch_add(1, std::memory_order_release);
    start.notify_one();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void ThreadTeam::serve(int member) {
  const std::atomic<int>& start = starts_[static_cast<size_t>(member)].value;
  for (int runs = 0;;) {
    runs = wait_while(start, runs);
    if (stopping_) return;
    body_(of_, member);
    if (left_.value.fetch_sub(1, std::memory_order_acq_rel) == 1) left_.value.notify_one();
  }
}

void ThreadTeam::call(void (*body)(const void* of, int member), const void* of) {
  body_ = body, of_ = of;
  left_.value.store(size_ - 1, std::memory_order_relaxed);
  for (int member = 1; member < size_; ++member) {
    std::atomic<int>& start = starts_[static_cast<size_t>(member)].value;
    start.fetch_add(1, std::memory_order_release);
    start.notify_one();
  }
  body(of, 0);
  for (int left = left_.value.load(std::memory_order_acquire); left > 0;)
    left = wait_while(left_.value, left);
}

void ThreadTeam::meet(int group, int members) {
  Group& here = groups_[static_cast<size_t>(group)];
  const int round = here.round.value.load(std::memory_order_acquire);
  if (here.arrived.value.fetch_add(1, std::memory_order_acq_rel) + 1 == members) {
    here.arrived.value.store(0, std::memory_order_relaxed);
    here.round.value.store(round + 1, std::memory_order_release);
    here.round.value.notify_all();
  } else {
    wait_while(here.round.value, round);
  }
}

}  // namespace unroll
