#include "web/cli/log_file.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "web/cli/console.h"
#include "web/cli/places.h"
#include "web/cli/signals.h"

namespace unroll::cli {

namespace {

constexpr auto flush_interval = std::chrono::seconds(1);
constexpr size_t full_block = 1 << 16;        // bytes that are written without waiting for the interval
constexpr off_t longest_line = 1 << 20;       // looked back for the beginning of the last line
constexpr int last_wait_milliseconds = 1000;  // at the end, for a reader that does not read

Error no_log(const std::string& path, int error) {
  return {path, std::string("cannot be written: ") + std::strerror(error), "give another file"};
}

/// Makes the file end with a whole line: one that is JSON gets its line end, a part of one is cut off.
bool mend_last_line(const Place& place) {
  const int file = open_place(place, O_RDWR);
  if (file < 0) return errno == EACCES;  // it may be added to, but not read: nothing to be known
  const off_t size = lseek(file, 0, SEEK_END), from = std::max<off_t>(0, size - longest_line);
  std::string tail(static_cast<size_t>(std::max<off_t>(0, size - from)), '\0');
  const ssize_t got = pread(file, tail.data(), tail.size(), from);
  bool good = got == static_cast<ssize_t>(tail.size());
  if (good && !tail.empty() && tail.back() != '\n') {
    const size_t begin = tail.rfind('\n') + 1;  // npos + 1 is 0
    if (nlohmann::json::accept(tail.substr(begin))) {
      good = pwrite(file, "\n", 1, size) == 1;
    } else {
      good = ftruncate(file, from + static_cast<off_t>(begin)) == 0;
    }
  }
  ::close(file);
  return good;
}

}  // namespace

LogFile::LogFile(std::string path, int file)
    : path_(std::move(path)), file_(file), flushed_(std::chrono::steady_clock::now()) {}

LogFile::~LogFile() {
  if (file_ >= 0) ::close(file_);
}

Result<std::unique_ptr<LogFile>> LogFile::open(const std::string& path, bool append) {
  const auto place = find_place(path);
  if (!place) return Error{path, "cannot be written: " + place.error().what, "give another file"};
  if (place->kind == Place::Kind::folder) return Error{path, "is a folder", "give the name of a file in it"};
  if (place->kind == Place::Kind::disk) return Error{path, "is a disk", "give the name of a file"};
  if (append && place->kind == Place::Kind::file && place->descriptor < 0 && !mend_last_line(*place))
    return no_log(path, errno);
  const bool stream = place->kind == Place::Kind::stream;
  const int file = open_place(*place, O_WRONLY | (stream ? 0 : O_CREAT | O_APPEND | (append ? 0 : O_TRUNC)));
  if (file < 0) return no_log(path, errno);
  if ((fcntl(file, F_GETFL) & O_ACCMODE) == O_RDONLY) {
    ::close(file);
    return no_log(path, EBADF);
  }
  return std::unique_ptr<LogFile>(new LogFile(path, file));
}

void LogFile::add(std::string_view line) {
  if (waiting_.size() + line.size() >= most_waiting) {
    ++lost_;
  } else {
    (waiting_ += line) += '\n';
  }
  const bool due = std::chrono::steady_clock::now() - flushed_ > flush_interval;
  if (due || (error_ == 0 && waiting_.size() >= full_block)) flush(false);
}

void LogFile::flush(bool at_end) {
  size_t done = 0;
  error_ = 0;
  while (done < waiting_.size()) {
    pollfd writable{.fd = file_, .events = POLLOUT, .revents = 0};
    // At the end the model is saved, and nobody waits for ever.
    const int ready = poll(&writable, 1, at_end ? last_wait_milliseconds : -1);
    if (ready == 0 || (ready < 0 && stop_requested())) {
      error_ = ready == 0 ? ETIMEDOUT : EINTR;
      break;
    }
    const size_t size = std::min(waiting_.size() - done, at_end ? size_t{4096} : waiting_.size());
    const ssize_t written = ::write(file_, waiting_.data() + done, size);
    if (written > 0) {
      done += static_cast<size_t>(written);
      continue;
    }
    if (errno == EAGAIN || (errno == EINTR && !stop_requested())) continue;
    error_ = errno;
    break;
  }
  waiting_.erase(0, done);
  flushed_ = std::chrono::steady_clock::now();
  if (error_ == EPIPE) request_stop();  // its reader has gone
}

std::string LogFile::trouble() {
  if (error_ == 0 || error_ == EINTR || said_) return "";
  said_ = true;
  return path_ + ": cannot be written: " + std::strerror(error_) + "; its lines wait in memory";
}

Status LogFile::close() {
  flush(true);
  const int error = error_;
  lost_ += std::count(waiting_.begin(), waiting_.end(), '\n');
  const bool closed = ::close(std::exchange(file_, -1)) == 0;
  if (lost_ == 0 && closed) return ok();
  return Error{path_,
               grouped(lost_) + " lines could not be written: " + std::strerror(error != 0 ? error : errno),
               "make room or give another file"};
}

}  // namespace unroll::cli
