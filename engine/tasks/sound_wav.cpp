#include "engine/tasks/sound_wav.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace unroll {
namespace {

using Bytes = std::span<const uint8_t>;

constexpr const char* formats =
    "allowed: WAV files of whole numbers with 8, 16, 24 or 32 bits, or of floats with 32 or 64";
constexpr uint64_t whole = 1, floats = 3, extensible = 0xFFFE;  // how samples are written
constexpr uint64_t without_end = 0xFFFFFFFF;                    // the size of what was written to a pipe
constexpr size_t header = 12, chunk_header = 8;

Error wrong(std::string what, std::string hint = formats) { return {"", std::move(what), std::move(hint)}; }

/// A whole number of `size` bytes, the lowest first.
uint64_t number(Bytes bytes, size_t at, size_t size) {
  uint64_t value = 0;
  for (size_t n = 0; n < size; ++n) value |= uint64_t{bytes[at + n]} << (8 * n);
  return value;
}

bool says(Bytes bytes, size_t at, std::string_view word) {
  return bytes.size() >= at + word.size() && std::memcmp(bytes.data() + at, word.data(), word.size()) == 0;
}

/// What the chunk "fmt " says.
struct Format {
  uint64_t kind, channels, rate, bits;
  size_t sample_bytes() const { return static_cast<size_t>(bits) / 8; }
  size_t frame_bytes() const { return static_cast<size_t>(channels) * sample_bytes(); }
};

Result<Format> read_format(Bytes chunk) {
  if (chunk.size() < 16) return wrong("the description of its samples is cut off", "record or save it again");
  Format format{number(chunk, 0, 2), number(chunk, 2, 2), number(chunk, 4, 4), number(chunk, 14, 2)};
  if (format.kind == extensible && chunk.size() >= 26) format.kind = number(chunk, 24, 2);
  const auto has = [&](std::initializer_list<uint64_t> bits) {
    return std::ranges::find(bits, format.bits) != bits.end();
  };
  if (format.kind != whole && format.kind != floats)
    return wrong("its samples are packed (format " + std::to_string(format.kind) + ")",
                 std::string("save it without compression; ") + formats);
  if (format.kind == whole ? !has({8, 16, 24, 32}) : !has({32, 64}))
    return wrong("its samples have " + std::to_string(format.bits) + " bits");
  if (format.channels < 1 || format.channels > 64)
    return wrong("it has " + std::to_string(format.channels) + " channels", "allowed: 1 to 64");
  if (format.rate < least_rate || format.rate > most_rate)
    return wrong("it has " + std::to_string(format.rate) + " samples a second",
                 "allowed: " + std::to_string(least_rate) + " to " + std::to_string(most_rate));
  return format;
}

float sample(Bytes data, size_t at, const Format& format) {
  const uint64_t bits = number(data, at, format.sample_bytes());
  if (format.kind == floats)
    return format.bits == 32 ? std::bit_cast<float>(static_cast<uint32_t>(bits))
                             : static_cast<float>(std::bit_cast<double>(bits));
  if (format.bits == 8) return (static_cast<float>(bits) - 128) / 128;  // the only one without a sign
  const auto raised = static_cast<int32_t>(static_cast<uint32_t>(bits) << (32 - format.bits));
  return static_cast<float>(raised) / 2147483648.0f;
}

Result<Recording> read_samples(Bytes data, const Format& format) {
  const size_t count = data.size() / format.frame_bytes();
  if (count == 0) return wrong("it holds no sound", "record it again");
  if (static_cast<double>(count) > longest_recording * static_cast<double>(format.rate))
    return wrong("it lasts " + std::to_string(count / format.rate) + " seconds",
                 "allowed: up to " + std::to_string(static_cast<int>(longest_recording)) +
                     "; cut it into one file for each word");
  Recording recording{.rate = static_cast<int>(format.rate), .samples = std::vector<float>(count)};
  for (size_t n = 0; n < count; ++n) {
    float sum = 0;
    for (size_t channel = 0; channel < format.channels; ++channel)
      sum += sample(data, n * format.frame_bytes() + channel * format.sample_bytes(), format);
    if (!std::isfinite(sum))
      return wrong("sample " + std::to_string(n + 1) + " is no number", "record or save it again");
    recording.samples[n] = sum / static_cast<float>(format.channels);
  }
  return recording;
}

}  // namespace

bool looks_like_wav(Bytes file) { return says(file, 0, "RIFF") && says(file, 8, "WAVE"); }

Result<Recording> read_wav(Bytes file) {
  if (!looks_like_wav(file)) return wrong("is no WAV file");
  std::optional<Format> format;
  for (size_t at = header; at + chunk_header <= file.size();) {
    const uint64_t size = number(file, at + 4, 4);
    const size_t begin = at + chunk_header, there = file.size() - begin;
    const bool is_data = says(file, at, "data");
    if (size > there && !(is_data && size == without_end))
      return wrong("is cut off: " + std::to_string(there) + " bytes are there of " + std::to_string(size),
                   "record or save it again");
    const Bytes chunk = file.subspan(begin, std::min<size_t>(there, static_cast<size_t>(size)));
    if (says(file, at, "fmt ")) {
      auto read = read_format(chunk);
      if (!read) return read.error();
      format = *read;
    } else if (is_data) {
      if (!format) return wrong("its samples are not described", "record or save it again");
      return read_samples(chunk, *format);
    }
    at = begin + chunk.size() + chunk.size() % 2;  // chunks begin at even places
  }
  return wrong("it holds no sound", "record it again");
}

}  // namespace unroll
