// Recordings as WAV files (RIFF, Microsoft & IBM 1991): whole numbers of 8, 16, 24 or 32 bits, or floats of 32 or 64 bits, of
// any rate, of one channel or several.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/result.h"

namespace unroll {

/// Sound as a microphone gives it.
struct Recording {
  int rate = 0;                ///< samples a second
  std::vector<float> samples;  ///< −1 … 1; the mean of the channels
};

inline constexpr int least_rate = 4000, most_rate = 192'000;
inline constexpr double longest_recording = 60;  ///< seconds

bool looks_like_wav(std::span<const uint8_t>);
/// Errors say what the file is or lacks; whoever reads it says which file it is.
Result<Recording> read_wav(std::span<const uint8_t>);

}  // namespace unroll
