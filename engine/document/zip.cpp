#include "engine/document/zip.h"

#include <algorithm>
#include <array>

#include "engine/base/utf8.h"

namespace unroll {
namespace {

constexpr uint32_t file_mark = 0x04034b50, directory_mark = 0x02014b50, end_mark = 0x06054b50;
constexpr size_t file_header = 30, directory_header = 46, end_header = 22;
constexpr uint16_t needed_version = 10;     // what a reader must know: stored files
constexpr uint16_t utf8_names = 0x0800;     // the only flag that is let pass
constexpr uint16_t date_1980_01_01 = 0x21;  // the same experiment gives the same bytes
constexpr const char* hint = "was this file cut off, or changed by another program?";

constexpr std::array<std::array<uint32_t, 256>, 8> crc_tables() {
  std::array<std::array<uint32_t, 256>, 8> tables{};
  for (uint32_t n = 0; n < 256; ++n) {
    uint32_t value = n;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ (value & 1 ? 0xedb88320u : 0);
    tables[0][n] = value;
  }
  for (size_t k = 1; k < 8; ++k)
    for (size_t n = 0; n < 256; ++n)
      tables[k][n] = (tables[k - 1][n] >> 8) ^ tables[0][tables[k - 1][n] & 0xff];
  return tables;
}

void put16(std::vector<uint8_t>& to, uint32_t value) {
  to.push_back(static_cast<uint8_t>(value & 0xff));
  to.push_back(static_cast<uint8_t>((value >> 8) & 0xff));
}
void put32(std::vector<uint8_t>& to, uint64_t value) {
  put16(to, static_cast<uint32_t>(value & 0xffff));
  put16(to, static_cast<uint32_t>((value >> 16) & 0xffff));
}

uint32_t get16(std::span<const uint8_t> bytes, size_t at) {
  return static_cast<uint32_t>(bytes[at]) | static_cast<uint32_t>(bytes[at + 1]) << 8;
}
uint32_t get32(std::span<const uint8_t> bytes, size_t at) {
  return get16(bytes, at) | get16(bytes, at + 2) << 16;
}

/// From the version that is needed to the length of the extra field, the same in both headers.
void put_facts(std::vector<uint8_t>& to, std::string_view name, uint64_t size, uint32_t crc) {
  put16(to, needed_version);
  put16(to, 0);  // flags
  put16(to, 0);  // stored
  put16(to, 0);  // time
  put16(to, date_1980_01_01);
  put32(to, crc);
  put32(to, size);
  put32(to, size);
  put16(to, static_cast<uint32_t>(name.size()));
  put16(to, 0);
}

bool is_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == '/';
  };
  return !name.empty() && name.size() <= ZipLimits::name && std::ranges::all_of(name, allowed) &&
         name.front() != '/' && name.find("..") == name.npos && name.find("//") == name.npos;
}

Error broken(const std::string& what) { return {"", what, hint}; }

/// What both headers say of a file.
struct Facts {
  uint32_t flags, method, crc, packed, size, name, extra;
  bool operator==(const Facts&) const = default;
};
/// `at`: of the version that is needed.
Facts facts_at(std::span<const uint8_t> bytes, size_t at) {
  return {get16(bytes, at + 2),  get16(bytes, at + 4),  get32(bytes, at + 10), get32(bytes, at + 14),
          get32(bytes, at + 18), get16(bytes, at + 22), get16(bytes, at + 24)};
}

}  // namespace

uint32_t crc32(std::span<const uint8_t> bytes, uint32_t before) {
  static constexpr auto tables = crc_tables();
  uint32_t value = ~before;
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    const uint32_t low = value ^ get32(bytes, at), high = get32(bytes, at + 4);
    value = tables[7][low & 0xff] ^ tables[6][(low >> 8) & 0xff] ^ tables[5][(low >> 16) & 0xff] ^
            tables[4][low >> 24] ^ tables[3][high & 0xff] ^ tables[2][(high >> 8) & 0xff] ^
            tables[1][(high >> 16) & 0xff] ^ tables[0][high >> 24];
  }
  for (; at < bytes.size(); ++at) value = (value >> 8) ^ tables[0][(value ^ bytes[at]) & 0xff];
  return ~value;
}

std::vector<uint8_t> ZipWriter::before(std::string_view name, uint64_t size, uint32_t crc) {
  std::vector<uint8_t> header;
  put32(header, file_mark);
  put_facts(header, name, size, crc);
  header.insert(header.end(), name.begin(), name.end());

  put32(directory_, directory_mark);
  put16(directory_, needed_version);  // made by
  put_facts(directory_, name, size, crc);
  put16(directory_, 0);  // comment
  put16(directory_, 0);  // disk
  put16(directory_, 0);  // attributes
  put32(directory_, 0);
  put32(directory_, at_);
  directory_.insert(directory_.end(), name.begin(), name.end());

  ++entries_;
  at_ += header.size() + size;
  return header;
}

std::vector<uint8_t> ZipWriter::end() {
  std::vector<uint8_t> tail = directory_;
  put32(tail, end_mark);
  put16(tail, 0);
  put16(tail, 0);
  put16(tail, static_cast<uint32_t>(entries_));
  put16(tail, static_cast<uint32_t>(entries_));
  put32(tail, directory_.size());
  put32(tail, at_);
  put16(tail, 0);
  at_ += tail.size();
  return tail;
}

bool looks_like_zip(std::span<const uint8_t> bytes) {
  return bytes.size() >= 4 && (get32(bytes, 0) == file_mark || get32(bytes, 0) == end_mark);
}

Result<std::vector<ZipEntry>> read_zip(std::span<const uint8_t> bytes) {
  if (!looks_like_zip(bytes)) return broken("is no archive");
  if (bytes.size() > ZipLimits::bytes) return Error{"", "has 4 GiB or more", "save fewer or smaller lanes"};
  if (bytes.size() < end_header || get32(bytes, bytes.size() - end_header) != end_mark)
    return broken("its end is missing");
  const size_t end = bytes.size() - end_header;
  const uint32_t entries = get16(bytes, end + 10), length = get32(bytes, end + 12),
                 begin = get32(bytes, end + 16);
  if (get16(bytes, end + 4) != 0 || get16(bytes, end + 6) != 0 || get16(bytes, end + 8) != entries ||
      get16(bytes, end + 20) != 0)
    return broken("is a part of an archive, or has a comment");
  if (entries > ZipLimits::entries)
    return Error{"", "holds " + std::to_string(entries) + " files",
                 "allowed: up to " + std::to_string(ZipLimits::entries)};
  if (begin > end || length != end - begin) return broken("its directory is damaged");

  std::vector<ZipEntry> found;
  size_t at = 0;  // in the files; they come in the directory's order
  size_t row = begin;
  for (uint32_t n = 0; n < entries; ++n) {
    if (end - row < directory_header || get32(bytes, row) != directory_mark)
      return broken("its directory is damaged");
    const Facts facts = facts_at(bytes, row + 6);
    const size_t comment = get16(bytes, row + 32), rest = size_t{facts.name} + facts.extra + comment;
    if (end - row - directory_header < rest) return broken("its directory is damaged");
    const std::string name(reinterpret_cast<const char*>(bytes.data() + row + directory_header), facts.name);
    const std::string shown = quotation(name);
    if (!is_name(name)) return broken("holds a file of the name " + shown);
    if (facts.method != 0 || facts.packed != facts.size)
      return Error{"", shown + " is compressed", "pack the files as they are, as zip -0 does"};
    if ((facts.flags & ~utf8_names) != 0) return broken(shown + " is encrypted or streamed");
    if (get32(bytes, row + 42) != at) return broken("there is a gap before " + shown);
    if (begin - at < file_header || get32(bytes, at) != file_mark)
      return broken("the header of " + shown + " is damaged");
    Facts own = facts_at(bytes, at + 4);
    const uint32_t own_extra = own.extra;
    own.extra = facts.extra;  // times of day: programs write more of them here than there
    if (own != facts) return broken("the header of " + shown + " is not what the directory says");
    const size_t data = at + file_header + facts.name + own_extra;
    if (data > begin || begin - data < facts.size) return broken(shown + " goes beyond the archive");
    if (!std::ranges::equal(bytes.subspan(at + file_header, facts.name),
                            bytes.subspan(row + directory_header, facts.name)))
      return broken("the header of " + shown + " is not what the directory says");
    const std::span<const uint8_t> content = bytes.subspan(data, facts.size);
    if (crc32(content) != facts.crc) return broken(shown + " is damaged (its CRC is another one)");
    if (std::ranges::any_of(found, [&](const ZipEntry& other) { return other.name == name; }))
      return broken(shown + " stands in it twice");
    if (name.back() != '/')
      found.push_back({name, content});
    else if (!content.empty())
      return broken(shown + " has content");
    at = data + facts.size;
    row += directory_header + rest;
  }
  if (at != begin || row != end) return broken("holds what its directory does not name");
  return found;
}

}  // namespace unroll
