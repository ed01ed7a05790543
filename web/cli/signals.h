// How the program ends when it is told to: by Ctrl-C (SIGINT), a closed terminal (SIGHUP) or SIGTERM. Signals that
// whoever started the program had it ignore (nohup) stay ignored.
#pragma once

#include <csignal>
#include <functional>
#include <thread>

namespace unroll::cli {

/// For main, before anything else: a stop signal ends the program at once with exit_interrupted, until defer_stops().
/// A write beyond `ulimit -f` becomes an error of that write.
void catch_stop_signals();

/// From now on a stop signal only sets a mark, for who has something to save or to print first. One that comes later
/// than patience_seconds after the first ends the program at once; sooner it does nothing, as launchers tend to send two.
void defer_stops();
inline constexpr int patience_seconds = 5;

/// From now on a write to a pipe whose reader has gone is an error of that write, not the program's end.
void ignore_broken_pipes();

bool stop_requested();
/// As a stop signal: for a training whose reader has gone.
void request_stop();

/// A thread that calls `on_stop` when a stop was requested a moment ago and the watcher still lives: for work that does
/// not come to ask by itself. Where the system gives no thread it does nothing.
class StopWatcher {
 public:
  explicit StopWatcher(std::function<void()> on_stop);
  ~StopWatcher();  ///< waits for on_stop when that was called
  StopWatcher(const StopWatcher&) = delete;
  StopWatcher& operator=(const StopWatcher&) = delete;

 private:
  int end_[2] = {-1, -1};  // a pipe that is closed when the watcher's life ends
  std::thread thread_;
};

/// While it lives, threads are started that leave the stop signals to the main thread, whose blocked reads and writes
/// they shall end.
class StopSignalsBlocked {
 public:
  StopSignalsBlocked();
  ~StopSignalsBlocked();

 private:
  sigset_t before_;
};

}  // namespace unroll::cli
