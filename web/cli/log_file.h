// A file of lines that grows while the program works. Lines that cannot be written for a while (a full disk) wait in
// memory and follow when there is room; what is lost in the end is counted, and an error.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace unroll::cli {

class LogFile {
 public:
  /// A new file, or with `append` the end of the one that is there: a last line that a kill cut off is taken out then.
  /// Pipes and devices are written as they are; /dev/stderr is where the messages go.
  static Result<std::unique_ptr<LogFile>> open(const std::string& path, bool append);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  void add(std::string_view line);
  /// Before work that takes long. (add() does so every second.)
  void flush() { flush(false); }
  /// What could not be written when it should have been: to be said once, while the program goes on.
  std::string trouble();
  /// Writes what is left. An error when lines are missing.
  Status close();

 private:
  LogFile(std::string path, int file);
  void flush(bool at_end);

  static constexpr size_t most_waiting = size_t{64} << 20;  // bytes

  std::string path_;
  int file_;
  std::string waiting_;
  std::chrono::steady_clock::time_point flushed_;
  int error_ = 0;  // of the last write, errno
  bool said_ = false;
  int64_t lost_ = 0;  // lines
};

}  // namespace unroll::cli
