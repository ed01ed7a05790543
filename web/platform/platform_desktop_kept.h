// What the desktop program keeps for its next start (platform.h): records of two generations as files of the user's data folder.
//   ID-NUMBER.unroll   a generation, a file like any other (docs/files.md); the larger number is the newer one
//   ID-NUMBER.json     {"saved_at", "about"} of it, written after it: without this the other is not whole
//   ID.lock            locked (flock) by the program that writes the record, as long as it runs
//   off                it is there while the switch is off
// Each file is written beside its place and then renamed (web/cli/output_file.h). Writing is done by a thread of its own, so that a slow
// disk does not hold up the window. Knows no window: tests make one of their own folder.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "web/platform/platform.h"

namespace unroll::platform {

/// What is held on the desktop lies in memory.
class HeldInMemory final : public HeldBytes {
 public:
  explicit HeldInMemory(std::vector<uint8_t> bytes) : bytes(std::move(bytes)) {}
  uint64_t size() const override { return bytes.size(); }
  const std::vector<uint8_t> bytes;
};

class KeptFiles {
 public:
  /// Records that are kept, at most; then the oldest go that no program has.
  static constexpr size_t most = 6;

  /// An empty folder: there is no place for it. `changed` is called from other threads, too.
  KeptFiles(std::filesystem::path folder, std::function<void()> changed);
  ~KeptFiles();  ///< writes what is still to be written

  /// $XDG_DATA_HOME/unroll/kept, or what stands for it where that is not set (XDG Base Directory Specification); empty: neither is.
  static std::filesystem::path usual_folder();

  // As the functions of platform.h, whose work they do.
  std::optional<std::string> take_news();
  std::string keep(const std::string& record, const std::string& about, std::span<const Part> file);
  std::optional<File> open(const std::string& record, bool older, std::string& wrong);
  std::optional<std::vector<uint8_t>> newest(const std::string& record);
  void forget(const std::string& record);
  void turn(bool on);

  void look();          ///< another program may have changed something
  bool writes() const;  ///< something is still to be written

 private:
  struct Generation {
    int64_t number = 0;
    double saved_at = 0;
    uint64_t bytes = 0;
    std::string about;
  };
  struct Job {
    std::string record, about;
    std::vector<Part> file;
  };

  void work();
  void write(const Job&);
  std::map<std::string, std::vector<Generation>> generations() const;  ///< by record, the newest first
  std::filesystem::path path(const std::string& record, int64_t number, const char* extension) const;
  void remove(const std::string& record, int64_t number) const;
  bool claim(const std::string& record);
  bool taken_elsewhere(const std::string& record) const;
  void forget_oldest();
  void sweep() const;
  void tell();

  const std::filesystem::path folder_;
  const std::function<void()> changed_;
  mutable std::mutex mutex_;  // of all below
  std::condition_variable wanted_;
  std::deque<Job> jobs_;
  bool busy_ = false, ends_ = false, on_ = true;
  std::string trouble_;
  std::optional<std::string> news_;
  std::map<std::string, int> mine_;  // records of this program, and the descriptors of their locks
  std::thread thread_;               // last: it uses the members above
};

}  // namespace unroll::platform
