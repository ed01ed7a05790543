// ZIP archives (PKWARE's APPNOTE 6.3.10) of files that are stored as they are, not compressed: what a .unroll file is
// (engine/model/unroll_file.h). Without ZIP64, so below 4 GiB. Copies no file's bytes: the writer makes what stands between
// them, and the reader gives views.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace unroll {

/// CRC-32 as ZIP has it; `before`: that of the bytes before these.
uint32_t crc32(std::span<const uint8_t> bytes, uint32_t before = 0);

struct ZipLimits {
  static constexpr size_t entries = 64, name = 100;           ///< files, bytes of a name
  static constexpr uint64_t bytes = (uint64_t{1} << 32) - 1;  ///< of the archive
};

/// What stands between the files of an archive.
class ZipWriter {
 public:
  /// What comes before the bytes of the next file. Names are as read_zip allows them, and each another one.
  std::vector<uint8_t> before(std::string_view name, uint64_t size, uint32_t crc);
  /// What comes after the bytes of the last one.
  std::vector<uint8_t> end();
  uint64_t size() const { return at_; }  ///< of the archive so far, with the bytes of the files
  bool fits() const { return at_ + directory_.size() + 22 <= ZipLimits::bytes; }

 private:
  uint64_t at_ = 0;
  size_t entries_ = 0;
  std::vector<uint8_t> directory_;
};

struct ZipEntry {
  std::string name;
  std::span<const uint8_t> bytes;  ///< in the archive
};
/// Checks everything: that the directory is whole and says the same as what stands before each file, that the files fill the
/// archive from its first byte without gap or overlap, their number, names (letters, digits, ". _ - /" of ASCII, no path out of the
/// archive, no name twice), sizes and CRC. Refused in words: compressed or encrypted files, archives in parts, with a comment, or
/// with anything before or after them. Directories without content are passed over.
Result<std::vector<ZipEntry>> read_zip(std::span<const uint8_t> bytes);
/// Whether it begins like an archive.
bool looks_like_zip(std::span<const uint8_t> bytes);

}  // namespace unroll
