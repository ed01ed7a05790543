// Recordings of one's own for a task that hears (engine/tasks/sound_lines.h).
#pragma once

#include <string>

#include "engine/base/result.h"

namespace unroll::cli {

/// The WAV files of a folder and of the folders in it, in the order of the alphabet, or one WAV file, as lines of data.text; any
/// other file is such lines already. Errors name the file.
Result<std::string> read_recordings(const std::string& path);

}  // namespace unroll::cli
