// Files that are read, whole. (output_file.h and log_file.h write.)
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/model/checkpoint.h"

namespace unroll::cli {

Result<std::string> read_text(const std::string& path, size_t max_bytes);
/// A .safetensors file, or a lane of a .unroll file, counted from 0.
Result<Checkpoint> read_checkpoint(const std::string& path, int lane = 0);
/// The same error, with the file's name before its place.
Error in_file(const std::string& path, const Error&);

/// The file of a built-in text, of those that are not generated. Looked for in `examples` in the working directory, then above the program.
Result<std::string> example_path(const std::string& id);

}  // namespace unroll::cli
