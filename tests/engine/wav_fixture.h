// WAV files for the tests, byte by byte.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>
#include <vector>

namespace unroll::wav {

struct Form {
  int rate = 8000, bits = 16;
  bool floats = false;
  int channels = 1;         ///< all the same
  bool extensible = false;  ///< the kind of samples stands at the end of a longer description
  bool before = false;      ///< another chunk, of an odd length, comes first
  int kind = 0;             ///< 0: as `floats` says
};

inline std::vector<float> sine(double hertz, int rate, double seconds) {
  std::vector<float> samples;
  for (int n = 0; n < seconds * rate; ++n)
    samples.push_back(0.5f * static_cast<float>(std::sin(2 * std::numbers::pi * hertz * n / rate)));
  return samples;
}

inline std::vector<uint8_t> wav_file(const std::vector<float>& samples, const Form& form) {
  std::vector<uint8_t> file;
  const auto word = [&](std::string_view text) { file.insert(file.end(), text.begin(), text.end()); };
  const auto number = [&](uint64_t value, size_t bytes) {
    for (size_t n = 0; n < bytes; ++n) file.push_back(static_cast<uint8_t>(value >> (8 * n)));
  };
  const size_t bytes = static_cast<size_t>(form.bits) / 8, frame = bytes * static_cast<size_t>(form.channels);
  const auto kind = static_cast<uint64_t>(form.kind ? form.kind : form.floats ? 3 : 1);
  word("RIFF");
  number(0, 4);
  word("WAVE");
  if (form.before) {
    word("LIST");
    number(3, 4);
    word("abc");
    number(0, 1);
  }
  word("fmt ");
  number(form.extensible ? 40 : 16, 4);
  number(form.extensible ? 0xFFFE : kind, 2);
  number(static_cast<uint64_t>(form.channels), 2);
  number(static_cast<uint64_t>(form.rate), 4);
  number(static_cast<uint64_t>(form.rate) * frame, 4);
  number(frame, 2);
  number(static_cast<uint64_t>(form.bits), 2);
  if (form.extensible) {
    number(22, 2);
    number(static_cast<uint64_t>(form.bits), 2);
    number(0, 4);
    number(kind, 2);
    for (int n = 0; n < 14; ++n) number(0, 1);
  }
  word("data");
  number(samples.size() * frame, 4);
  for (const float sample : samples)
    for (int channel = 0; channel < form.channels; ++channel) {
      if (form.floats)
        number(form.bits == 32 ? std::bit_cast<uint32_t>(sample) : std::bit_cast<uint64_t>(double{sample}),
               bytes);
      else
        number(static_cast<uint64_t>(std::llround(std::ldexp(double{sample}, form.bits - 1)) +
                                     (form.bits == 8 ? 128 : 0)),
               bytes);
    }
  return file;
}

}  // namespace unroll::wav
