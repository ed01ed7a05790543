// A file that is written at the end of long work, and on the way where it is a file: refused at the start if that would fail, never half there.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "web/cli/places.h"

namespace unroll::cli {

/// Takes the next bytes; false when they could not be written, and errno says why.
using Sink = std::function<bool(std::span<const uint8_t>)>;
/// Gives all bytes to the sink; false as soon as that does.
using Producer = std::function<bool(const Sink&)>;

class OutputFile {
 public:
  /// Follows links, and says now what write() would say later about a file of `bytes` bytes: a folder that is not there
  /// or not one's own, a disk without room, `ulimit -f`. A pipe or a device is opened now (a named pipe waits for its
  /// reader) and written as it is. Removes what killed runs of this program left beside the file.
  static Result<OutputFile> open(const std::string& path, uint64_t bytes);
  OutputFile(OutputFile&&) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  /// Writes to a new file beside it, with mode and owner of the old one, which then takes its name: a file of that name
  /// is either the old or the new one. Where no file can be made or renamed in the folder, the old one is written over.
  Status write(const Producer&);
  bool can_be_written_again() const { return stream_ < 0; }  ///< no pipe and no device
  const std::string& path() const { return path_; }
  bool is_new() const { return stream_ < 0 && place_.kind == Place::Kind::missing; }  ///< when it was opened

 private:
  OutputFile(std::string path, Place place, int stream);
  bool replace(const Producer&);

  std::string path_;  // as it was given
  Place place_;
  int stream_;
};

/// For what could not be written to `path`: a new file in the first of the folders that takes it. Its path.
Result<std::string> write_elsewhere(const std::string& path, const std::vector<std::string>& folders,
                                    const Producer&);

/// All bytes to a descriptor, whatever signals come; false and errno.
bool write_all(int descriptor, std::span<const uint8_t> bytes);

}  // namespace unroll::cli
