// Recordings with what is said in them, as data.text holds them: a line WORD, a tab, who says it, a tab, and what is heard: 26
// characters a column (sound_features.h), the loudness of each band in steps of 0.4 from # (silence) to ~. So an experiment keeps
// what a network hears, not the sound: a second of speech is 1.3 KB, and nobody can play it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace unroll {

inline constexpr size_t most_sound_columns = 150;   ///< of a word: three seconds; 3.9 KB
inline constexpr size_t most_string_columns = 500;  ///< of several, which are read and not kept: ten seconds
inline constexpr size_t most_sounds = 8000, most_sound_names = 100,
                        longest_sound_name = 24;  // the last in bytes

struct NamedSound {
  std::string name;
  std::string speaker;         ///< may be empty
  std::optional<int> number;   ///< of the recording, among those of its speaker
  std::vector<float> columns;  ///< (N, sound_bands), as sound_columns
};

/// The columns as characters, and back: what is no such character is left out, and the rest of a column that is cut off. No more
/// than `most` columns.
std::string sound_text(std::span<const float> columns, size_t most = most_sound_columns);
std::vector<float> read_sound_text(std::string_view, size_t most = most_sound_columns);

/// Empty lines are none. Errors name the line.
Result<std::vector<NamedSound>> read_named_sounds(std::string_view text);

/// What is said and by whom, as names of files tell it: 7_jackson_32.wav is 7, said by jackson, his number 32; in a folder
/// yes/jackson_32.wav, else a word and perhaps a number: "yes 3.wav".
struct SoundName {
  std::string name, source;  ///< source: "jackson_32"
};
SoundName sound_name(std::string_view path);

/// A line without its end.
std::string sound_line(const SoundName&, std::span<const float> columns);
/// A WAV file as a line: resampled, heard, and without the silence around what is said. Errors are those of the file.
Result<std::string> sound_line(std::string_view path, std::span<const uint8_t> wav);

}  // namespace unroll
