#include "web/toolkit/png.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace unroll {
namespace {

constexpr size_t shortest_match = 4,
                 longest_match = 258;  // deflate has matches of 3, too; they save nothing here
constexpr size_t farthest = 32768;

void put_big_endian(std::vector<uint8_t>& out, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<uint8_t>(value >> shift));
}

void put_chunk(std::vector<uint8_t>& out, std::string_view type, std::span<const uint8_t> data) {
  put_big_endian(out, static_cast<uint32_t>(data.size()));
  const size_t begin = out.size();
  out.insert(out.end(), type.begin(), type.end());
  out.insert(out.end(), data.begin(), data.end());
  put_big_endian(out, crc32(std::span(out).subspan(begin)));
}

/// Bits of a deflate stream: the first bit is the lowest of the first byte (RFC 1951, 3.1.1).
struct BitWriter {
  std::vector<uint8_t>& out;
  uint32_t bits = 0;
  int count = 0;

  void put(uint32_t value, int length) {
    bits |= value << count;
    for (count += length; count >= 8; count -= 8, bits >>= 8) out.push_back(static_cast<uint8_t>(bits));
  }
  /// Huffman codes are written from their highest bit on.
  void put_code(uint32_t code, int length) {
    uint32_t reversed = 0;
    for (int i = 0; i < length; ++i) reversed |= ((code >> i) & 1u) << (length - 1 - i);
    put(reversed, length);
  }
  /// A literal or a length by the fixed code (3.2.6).
  void put_symbol(uint32_t symbol) {
    if (symbol < 144)
      put_code(0x30 + symbol, 8);
    else if (symbol < 256)
      put_code(0x190 + symbol - 144, 9);
    else if (symbol < 280)
      put_code(symbol - 256, 7);
    else
      put_code(0xc0 + symbol - 280, 8);
  }
  void finish() {
    if (count > 0) out.push_back(static_cast<uint8_t>(bits));
  }
};

/// The codes of lengths and of distances come in groups with 0, 1, 2… extra bits (3.2.5): the group of `value`, its
/// first value and the number of extra bits. `first`: codes in the groups without extra bits.
struct Group {
  uint32_t code, base;
  int extra;
};
constexpr Group group_of(uint32_t value, uint32_t lowest, uint32_t codes_a_size) {
  uint32_t base = lowest, code = 0;
  for (int extra = 0;; ++extra) {
    const uint32_t codes = extra == 0 ? 2 * codes_a_size : codes_a_size, size = codes << extra;
    if (value < base + size) {
      const uint32_t which = (value - base) >> extra;
      return {code + which, base + (which << extra), extra};
    }
    base += size;
    code += codes;
  }
}

void put_match(BitWriter& bits, uint32_t length, uint32_t distance) {
  const Group l = length == longest_match ? Group{28, longest_match, 0} : group_of(length, 3, 4);
  bits.put_symbol(257 + l.code);
  bits.put(length - l.base, l.extra);
  const Group d = group_of(distance, 1, 2);
  bits.put_code(d.code, 5);
  bits.put(distance - d.base, d.extra);
}

/// A zlib stream of one block. A match is looked for one pixel back, one row back and where the same four bytes
/// were seen last.
std::vector<uint8_t> compress(std::span<const uint8_t> data, size_t row) {
  std::vector<uint8_t> out = {0x78, 0x01};
  BitWriter bits{out};
  bits.put(1, 1);  // the last block …
  bits.put(1, 2);  // … has the fixed code
  constexpr int hash_bits = 15;
  std::vector<uint32_t> seen(size_t{1} << hash_bits, 0);  // place + 1
  const auto slot = [&](size_t at) {
    const uint32_t word = data[at] | static_cast<uint32_t>(data[at + 1]) << 8 |
                          static_cast<uint32_t>(data[at + 2]) << 16 |
                          static_cast<uint32_t>(data[at + 3]) << 24;
    return (word * 2654435761u) >> (32 - hash_bits);
  };
  for (size_t at = 0; at < data.size();) {
    const size_t most = std::min(longest_match, data.size() - at);
    size_t best = 0, distance = 0;
    const auto consider = [&](size_t back) {
      if (back == 0 || back > at || back > farthest) return;
      size_t length = 0;
      while (length < most && data[at + length] == data[at + length - back]) ++length;
      if (length > best) best = length, distance = back;
    };
    const bool hashed = at + shortest_match <= data.size();
    if (hashed) {
      consider(3);
      if (best < most) consider(row);
      uint32_t& last = seen[slot(at)];
      if (best < most && last > 0) consider(at - (last - 1));
      last = static_cast<uint32_t>(at + 1);
    }
    if (best < shortest_match) {
      bits.put_symbol(data[at++]);
      continue;
    }
    put_match(bits, static_cast<uint32_t>(best), static_cast<uint32_t>(distance));
    at += best;
  }
  bits.put_symbol(256);
  bits.finish();
  put_big_endian(out, adler32(data));
  return out;
}

}  // namespace

uint32_t crc32(std::span<const uint8_t> bytes) {
  static constexpr auto table = [] {
    std::array<uint32_t, 256> t{};
    for (uint32_t n = 0; n < 256; ++n) {
      uint32_t c = n;
      for (int k = 0; k < 8; ++k) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
      t[n] = c;
    }
    return t;
  }();
  uint32_t crc = 0xffffffffu;
  for (uint8_t byte : bytes) crc = table[(crc ^ byte) & 255u] ^ (crc >> 8);
  return ~crc;
}

uint32_t adler32(std::span<const uint8_t> bytes) {
  uint32_t a = 1, b = 0;
  for (uint8_t byte : bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

std::vector<uint8_t> encode_png(int width, int height, std::span<const uint8_t> rgb) {
  const size_t row = 3 * static_cast<size_t>(width);
  std::vector<uint8_t> lines;
  lines.reserve((row + 1) * static_cast<size_t>(height));
  for (size_t y = 0; y < static_cast<size_t>(height); ++y) {
    lines.push_back(0);  // no filter
    const auto line = rgb.subspan(y * row, row);
    lines.insert(lines.end(), line.begin(), line.end());
  }
  std::vector<uint8_t> png = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  std::vector<uint8_t> header;
  put_big_endian(header, static_cast<uint32_t>(width));
  put_big_endian(header, static_cast<uint32_t>(height));
  header.insert(header.end(),
                {8, 2, 0, 0, 0});  // 8 bits, red green blue, deflate, filters by row, not interlaced
  put_chunk(png, "IHDR", header);
  put_chunk(png, "IDAT", compress(lines, row + 1));
  put_chunk(png, "IEND", {});
  return png;
}

}  // namespace unroll
