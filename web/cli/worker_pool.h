// Threads for data parallelism inside a lane (engine/model/sharded_pass.h), where there are threads: natively.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "engine/model/sharded_pass.h"

namespace unroll {

/// `workers` − 1 threads that wait for work; the caller of run() is the last worker. One run() at a time.
class WorkerPool {
 public:
  /// Throws std::system_error when the system gives no more threads; none is left then.
  explicit WorkerPool(int workers) {
    try {
      for (int i = 1; i < workers; ++i) threads_.emplace_back([this] { serve(); });
    } catch (...) {
      stop();
      throw;
    }
  }
  ~WorkerPool() { stop(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Calls body(0) … body(count − 1). The first exception of a body is thrown again when all have ended.
  void run(int count, const std::function<void(int)>& body) {
    {
      const std::lock_guard lock(mutex_);
      body_ = &body;
      next_ = 0, count_ = count, left_ = count;
    }
    wake_.notify_all();
    std::unique_lock lock(mutex_);
    work(lock);
    done_.wait(lock, [this] { return left_ == 0; });
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

  /// What Trainer::set_parallel takes; keeps its pool alive. Throws as the constructor does.
  static Parallel parallel(int workers) {
    const auto pool = std::make_shared<WorkerPool>(workers);
    return {.workers = workers,
            .run = [pool](int count, const std::function<void(int)>& body) { pool->run(count, body); }};
  }

 private:
  /// Takes tasks until none is left to take. Holds the lock but while a task runs.
  void work(std::unique_lock<std::mutex>& lock) {
    while (next_ < count_) {
      const int task = next_++;
      const std::function<void(int)>& body = *body_;
      lock.unlock();
      std::exception_ptr failure;
      try {
        body(task);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      if (failure && !failure_) failure_ = failure;
      if (--left_ == 0) done_.notify_one();
    }
  }
  void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return stopping_ || next_ < count_; });
      if (stopping_) return;
      work(lock);
    }
  }
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  std::mutex mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(int)>* body_ = nullptr;
  int next_ = 0, count_ = 0, left_ = 0;  // tasks: the next to take, all, not yet ended
  std::exception_ptr failure_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace unroll
