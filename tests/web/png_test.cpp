// The PNG encoder: decoded again here by a decoder that knows only what the encoder uses (one block of the fixed
// code), after RFC 1951; the page's tests let a browser decode. And the two checksums by their published values.
#include "web/toolkit/png.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "engine/base/random.h"

using namespace unroll;

namespace {

using Bytes = std::vector<uint8_t>;

uint32_t big_endian(std::span<const uint8_t> bytes, size_t at) {
  return static_cast<uint32_t>(bytes[at]) << 24 | static_cast<uint32_t>(bytes[at + 1]) << 16 |
         static_cast<uint32_t>(bytes[at + 2]) << 8 | bytes[at + 3];
}

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// Bits of a deflate stream.
struct BitReader {
  std::span<const uint8_t> bytes;
  size_t at = 0;

  uint32_t bit() {
    if (at / 8 >= bytes.size()) FAIL("the stream ends early");
    const uint32_t value = bytes[at / 8] >> (at % 8) & 1u;
    ++at;
    return value;
  }
  uint32_t number(int length) {
    uint32_t value = 0;
    for (int i = 0; i < length; ++i) value |= bit() << i;
    return value;
  }
  uint32_t code(int length, uint32_t value = 0) {
    for (int i = 0; i < length; ++i) value = value << 1 | bit();
    return value;
  }
  /// 3.2.6: 7 bits 0000000 … 0010111 are 256 … 279; 8 bits 00110000 … 10111111 are 0 … 143; 8 bits 11000000 …
  /// 11000111 are 280 … 287; 9 bits 110010000 … 111111111 are 144 … 255.
  uint32_t symbol() {
    uint32_t value = code(7);
    if (value <= 23) return value + 256;
    value = code(1, value);
    if (value >= 48 && value <= 191) return value - 48;
    if (value >= 192 && value <= 199) return value - 192 + 280;
    return code(1, value) - 400 + 144;
  }
};

Bytes inflate(std::span<const uint8_t> zlib) {
  constexpr uint32_t length_base[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                      31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
  constexpr int length_bits[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
  constexpr uint32_t distance_base[] = {1,    2,    3,    4,    5,    7,    9,    13,    17,    25,
                                        33,   49,   65,   97,   129,  193,  257,  385,   513,   769,
                                        1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
  REQUIRE(zlib.size() > 6);
  CHECK((zlib[0] & 15) == 8);                  // deflate
  CHECK((zlib[0] * 256 + zlib[1]) % 31 == 0);  // RFC 1950: FCHECK
  BitReader bits{zlib.subspan(2, zlib.size() - 6)};
  REQUIRE(bits.number(3) == 3);  // the last block, fixed code
  Bytes out;
  for (uint32_t symbol = bits.symbol(); symbol != 256; symbol = bits.symbol()) {
    if (symbol < 256) {
      out.push_back(static_cast<uint8_t>(symbol));
      continue;
    }
    if (symbol > 285) FAIL("a length that does not exist");
    const uint32_t length = length_base[symbol - 257] + bits.number(length_bits[symbol - 257]);
    const uint32_t code = bits.code(5);
    REQUIRE_MESSAGE(code < std::size(distance_base), "a distance that does not exist");
    if (code >= std::size(distance_base)) return out;  // so that compilers know it, too
    const uint32_t distance =
        distance_base[code] + bits.number(code < 4 ? 0 : static_cast<int>(code) / 2 - 1);
    if (distance > out.size()) FAIL("a distance to before the beginning");
    for (uint32_t i = 0; i < length; ++i) out.push_back(out[out.size() - distance]);
  }
  CHECK((bits.at + 7) / 8 == bits.bytes.size());
  CHECK(big_endian(zlib, zlib.size() - 4) == adler32(out));
  return out;
}

/// The pixels of a file that encode_png made.
Bytes decode(const Bytes& png, uint32_t width, uint32_t height) {
  constexpr uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  REQUIRE(std::ranges::equal(std::span(png).first(8), signature));
  Bytes pixels;
  std::string order;
  for (size_t at = 8; at < png.size();) {
    const size_t size = big_endian(png, at);
    const std::string type(png.begin() + static_cast<std::ptrdiff_t>(at) + 4,
                           png.begin() + static_cast<std::ptrdiff_t>(at) + 8);
    const auto data = std::span(png).subspan(at + 8, size);
    CHECK(big_endian(png, at + 8 + size) == crc32(std::span(png).subspan(at + 4, size + 4)));
    order += type + " ";
    if (type == "IHDR") {
      REQUIRE(size == 13);
      CHECK(big_endian(data, 0) == width);
      CHECK(big_endian(data, 4) == height);
      CHECK(std::ranges::equal(data.subspan(8), Bytes{8, 2, 0, 0, 0}));
    }
    if (type == "IDAT") {
      const Bytes lines = inflate(data);
      const size_t row = 3 * width + 1;
      REQUIRE(lines.size() == row * height);
      for (size_t y = 0; y < height; ++y) {
        if (lines[y * row] != 0) FAIL("a filter in row ", y);
        const auto line = std::span(lines).subspan(y * row + 1, row - 1);
        pixels.insert(pixels.end(), line.begin(), line.end());
      }
    }
    at += size + 12;
  }
  CHECK(order == "IHDR IDAT IEND ");
  return pixels;
}

}  // namespace

TEST_CASE("png: the checksums have their published values") {
  CHECK(crc32(bytes_of("123456789")) == 0xcbf43926u);
  CHECK(crc32(bytes_of("IEND")) == 0xae426082u);
  CHECK(adler32(bytes_of("")) == 1u);
  CHECK(adler32(bytes_of("Wikipedia")) == 0x11e60398u);
}

TEST_CASE("png: pictures come back pixel by pixel") {
  Random random(7);
  for (const auto& [width, height] : {std::pair{1, 1}, {2, 1}, {3, 5}, {64, 40}, {700, 90}, {4000, 3}}) {
    const size_t size = 3 * static_cast<size_t>(width) * static_cast<size_t>(height);
    Bytes flat(size, 0x5c), noise(size), mixed(size, 0xff);
    for (uint8_t& byte : noise) byte = static_cast<uint8_t>(random.uniform() * 256);
    // Stretches of noise and of repetition, of every length that a match can have and more.
    for (size_t at = 0, run = 1; at < size; at += 2 * run, ++run)
      for (size_t i = at; i < std::min(at + run, size); ++i) mixed[i] = noise[i % 97];
    for (const Bytes& pixels : {flat, noise, mixed}) {
      const Bytes png = encode_png(width, height, pixels);
      CHECK(decode(png, static_cast<uint32_t>(width), static_cast<uint32_t>(height)) == pixels);
    }
  }
}

TEST_CASE("png: what an interface shows becomes small") {
  const int width = 800, height = 600;
  Bytes pixels(3 * static_cast<size_t>(width * height), 0xf4);
  for (int y = 100; y < 500; ++y)
    for (int x = 100; x < 700; ++x) pixels[3 * static_cast<size_t>(y * width + x)] = 0x20;
  CHECK(encode_png(width, height, pixels).size() < pixels.size() / 100);
}
