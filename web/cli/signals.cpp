#include "web/cli/signals.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

#include "web/cli/console.h"

namespace unroll::cli {

namespace {

constexpr int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};

volatile std::sig_atomic_t deferred = 0, stop_mark = 0;
volatile time_t first_stop = 0;
int wake[2] = {-1, -1};  // a pipe that holds a byte once a stop is requested

time_t seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

void on_stop_signal(int) {
  const int before = errno;
  if (deferred == 0) _exit(exit_interrupted);
  if (stop_mark != 0 && seconds() - first_stop > patience_seconds) _exit(exit_interrupted);
  request_stop();
  errno = before;
}

}  // namespace

void catch_stop_signals() {
  for (const int signal : stop_signals) {
    struct sigaction action{};
    if (sigaction(signal, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = on_stop_signal;  // without SA_RESTART: a blocked read or write ends
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, nullptr);
  }
  std::signal(SIGXFSZ, SIG_IGN);
}

void defer_stops() {
  if (wake[0] < 0 && pipe(wake) == 0) {
    for (const int end : wake) {
      fcntl(end, F_SETFD, FD_CLOEXEC);
      fcntl(end, F_SETFL, O_NONBLOCK);
    }
  }
  deferred = 1;
}

void ignore_broken_pipes() { std::signal(SIGPIPE, SIG_IGN); }

bool stop_requested() { return stop_mark != 0; }

void request_stop() {
  if (stop_mark != 0) return;
  first_stop = seconds();
  stop_mark = 1;
  if (wake[1] >= 0 && ::write(wake[1], "x", 1) < 0) return;  // full: it holds a byte already
}

StopWatcher::StopWatcher(std::function<void()> on_stop) {
  if (pipe(end_) != 0) return;
  const auto watch = [stop = wake[0], end = end_[0], on_stop = std::move(on_stop)] {
    constexpr int grace_milliseconds = 250;
    pollfd either[] = {{.fd = stop, .events = POLLIN, .revents = 0},
                       {.fd = end, .events = POLLIN, .revents = 0}};
    while (either[0].revents == 0 && either[1].revents == 0) poll(either, 2, -1);
    if (either[1].revents == 0 && poll(&either[1], 1, grace_milliseconds) == 0) on_stop();
  };
  const StopSignalsBlocked blocked;
  try {
    thread_ = std::thread(watch);
  } catch (const std::system_error&) {
    return;  // who works without it ends at its next question
  }
}

StopWatcher::~StopWatcher() {
  if (end_[1] >= 0) close(end_[1]);
  if (thread_.joinable()) thread_.join();
  if (end_[0] >= 0) close(end_[0]);
}

StopSignalsBlocked::StopSignalsBlocked() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : stop_signals) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, &before_);
}

StopSignalsBlocked::~StopSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

}  // namespace unroll::cli
