#include "web/cli/console.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <numbers>

#include "engine/base/utf8.h"
#include "web/cli/signals.h"

namespace unroll::cli {

namespace {

bool stderr_was_closed = false;
int messages_lost = 0, results_lost = 0;  // errno of the first write that failed

}  // namespace

int fail(const Error& error) {
  say("unroll: " + error.text());
  return exit_failure;
}

void say(const std::string& line) {
  const std::string text = readable(line) + "\n";
  for (size_t done = 0; done < text.size();) {
    const ssize_t written = ::write(STDERR_FILENO, text.data() + done, text.size() - done);
    if (written >= 0) {
      done += static_cast<size_t>(written);
    } else if (errno == EAGAIN) {  // somebody else made it not to block
      pollfd writable{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
      poll(&writable, 1, 1000);
      if (stop_requested()) return;
    } else if (errno != EINTR ||
               stop_requested()) {  // not even a reader that reads nothing keeps a stop waiting
      if (messages_lost == 0) messages_lost = errno;
      if (errno == EPIPE) request_stop();
      return;
    }
  }
}

Error out_of_memory() {
  return {"", "there is not enough memory",
          "choose a smaller model, batch or text, or allow more (ulimit -v, the container's limit)"};
}

void open_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) != -1 || errno != EBADF) continue;
    // open() gives the lowest number that is free. Writing to what was opened for reading fails.
    open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY);
    if (stream == STDERR_FILENO) stderr_was_closed = true;
  }
}

bool print(std::string_view text) {
  if (results_lost == 0 && std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
    results_lost = errno;
  return results_lost == 0;
}

bool flush_output() {
  if (results_lost == 0 && (std::fflush(stdout) != 0 || std::ferror(stdout) != 0))
    results_lost = errno != 0 ? errno : EIO;
  return results_lost == 0;
}

int end_output(int exit_code) {
  if (!flush_output()) {
    return fail({"standard output", std::string("could not be written: ") + std::strerror(results_lost),
                 "make room, or send it somewhere else"});
  }
  const bool lost = messages_lost != 0 && !stderr_was_closed;
  return exit_code == exit_success && lost ? exit_failure : exit_code;
}

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

}  // namespace unroll::cli
