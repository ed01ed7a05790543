// Pictures as PNG files (PNG specification, third edition; RFC 1950 and 1951), 8 bits each of red, green and blue.
// Compressed with the fixed Huffman code, which is plenty for the flat areas of an interface. Needs no screen.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace unroll {

/// `rgb`: (height, width, 3), the top row first; both lengths 1 or more.
std::vector<uint8_t> encode_png(int width, int height, std::span<const uint8_t> rgb);

/// Of PNG's chunks (ISO 3309) and of zlib's streams (RFC 1950).
uint32_t crc32(std::span<const uint8_t> bytes);
uint32_t adler32(std::span<const uint8_t> bytes);

}  // namespace unroll
