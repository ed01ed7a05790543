// What is heard of a sound: how strong it is in each of 26 bands of pitch, a column every 20 ms. Every sound is first brought to
// one rate, that of a telephone, which even the simplest recordings have, so that they all speak of the same bands: what lies
// above 4 kHz is not heard.
#pragma once

#include <span>
#include <vector>

namespace unroll {

inline constexpr int sound_rate = 8000;         ///< samples a second
inline constexpr int sound_window = 200;        ///< samples: 25 ms
inline constexpr int sound_hop = 80;            ///< samples: 10 ms
inline constexpr int sound_bands = 26;          ///< from 0 to half the rate
inline constexpr float sound_silence = 1e-10f;  ///< power below which nothing is told apart
inline constexpr double sound_column = 0.02;    ///< seconds: a column is the mean of two windows

/// HTK's scale of pitch: 2595 log10(1 + f/700).
double mel(double hertz);

/// Band-limited to what both rates can hold: a windowed sinc (Kaiser 1974, its side lobes 120 dB down). A rate
/// that is no multiple of 25 counts as the nearest one, which is off by 0.3% at most. Sample n of what comes out lies at n/to seconds; before and after the sound is silence.
std::vector<double> resampled_sound(std::span<const float> samples, int from, int to = sound_rate);

/// Of samples at sound_rate: the logarithm of the power in each band, (windows, bands); a window begins every 10 ms and lies
/// whole within the sound. Hann's window, |FFT|², triangles on the mel scale, log(max(x, sound_silence)).
std::vector<float> log_mel(std::span<const double> samples);

/// What is heard of a sound: (N, bands), as log_mel, the mean of each two windows that follow each other.
std::vector<float> sound_columns(std::span<const float> samples, int rate);

/// The columns from the first to the last in which somebody speaks, with a little around them: those that are louder than a
/// share of the way from the quietest to the loudest ones. All of them where none is quiet.
std::vector<float> spoken_part(std::span<const float> columns);
/// The same of each piece of it, where it is quiet for `pause` columns or more between two; one where none is quiet.
std::vector<std::vector<float>> spoken_parts(std::span<const float> columns, size_t pause);
/// Whether anybody speaks at all, with silence before or after it.
bool is_spoken(std::span<const float> columns);
/// … and so many columns ago ended.
bool has_fallen_silent(std::span<const float> columns, size_t silence);

/// Mean 0 of each band, and variance 1 over all of them (a variance for each would make noise as large as speech where a band has
/// nothing else). What is 48 dB below the loudest counts as that: a file's silence is deeper than any room's. What never changes
/// is 0.
std::vector<float> normalised_sound(std::span<const float> columns);

}  // namespace unroll
