#include "web/cli/console.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <numbers>

#include "engine/base/utf8.h"

namespace unroll::cli {

namespace {

volatile std::sig_atomic_t stop_mark = 0;

void on_stop_signal(int signal) {
  stop_mark = 1;
  std::signal(signal, SIG_DFL);
}

}  // namespace

int fail(const Error& error) {
  say("unroll: " + error.text());
  return exit_failure;
}

void say(const std::string& line) { std::fprintf(stderr, "%s\n", readable(line).c_str()); }

std::string grouped(int64_t number) {
  std::string text = std::to_string(number);
  const size_t sign = number < 0 ? 1 : 0;
  for (size_t at = text.size(); at > 3 + sign;) text.insert(at -= 3, ",");
  return text;
}

std::string fixed(double number, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, number);
  return text;
}

std::string duration(std::chrono::duration<double> time) {
  const auto seconds = static_cast<int64_t>(std::min(std::round(time.count()), 1e9));
  char text[64];
  if (seconds < 3600) {
    std::snprintf(text, sizeof text, "%d:%02d", static_cast<int>(seconds / 60),
                  static_cast<int>(seconds % 60));
  } else {
    std::snprintf(text, sizeof text, "%d:%02d:%02d", static_cast<int>(seconds / 3600),
                  static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60));
  }
  return text;
}

double bits(double nats) { return nats / std::numbers::ln2; }

ProgressLine::ProgressLine() : on_terminal_(isatty(STDERR_FILENO) != 0) {}
ProgressLine::~ProgressLine() { clear(); }

bool ProgressLine::is_due() const {
  return on_terminal_ && std::chrono::steady_clock::now() - drawn_ > std::chrono::milliseconds(100);
}

void ProgressLine::draw(const std::string& text) {
  if (!on_terminal_) return;
  std::fprintf(stderr, "\r\033[K%s", readable(text).c_str());
  std::fflush(stderr);
  visible_ = true;
  drawn_ = std::chrono::steady_clock::now();
}

void ProgressLine::clear() {
  if (visible_) std::fputs("\r\033[K", stderr);
  visible_ = false;
}

void catch_stop_signals() {
  std::signal(SIGINT, on_stop_signal);
  std::signal(SIGTERM, on_stop_signal);
}

bool stop_requested() { return stop_mark != 0; }

}  // namespace unroll::cli
