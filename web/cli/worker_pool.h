// Threads for data parallelism inside a lane (engine/model/sharded_pass.h), where there are threads: natively.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/model/sharded_pass.h"

namespace unroll {

/// `workers` − 1 threads that wait for work; the caller of run() is the last worker. One run() at a time.
class WorkerPool {
 public:
  explicit WorkerPool(int workers) {
    for (int i = 1; i < workers; ++i) threads_.emplace_back([this, i] { serve(i); });
  }
  ~WorkerPool() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void run(const std::function<void(int)>& body) {
    {
      const std::lock_guard lock(mutex_);
      body_ = &body;
      left_ = threads_.size();
      ++round_;
    }
    wake_.notify_all();
    body(0);
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return left_ == 0; });
  }

  /// What Trainer::set_parallel takes; keeps its pool alive.
  static Parallel parallel(int workers) {
    const auto pool = std::make_shared<WorkerPool>(workers);
    return {.workers = workers, .run = [pool](const std::function<void(int)>& body) { pool->run(body); }};
  }

 private:
  void serve(int index) {
    for (uint64_t seen = 0;;) {
      const std::function<void(int)>* body = nullptr;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return stopping_ || round_ != seen; });
        if (stopping_) return;
        seen = round_;
        body = body_;
      }
      (*body)(index);
      {
        const std::lock_guard lock(mutex_);
        if (--left_ == 0) done_.notify_one();
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(int)>* body_ = nullptr;
  size_t left_ = 0;
  uint64_t round_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace unroll
