// Files: whole ones in, whole ones out, never half a file under its name.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/model/checkpoint.h"

namespace unroll::cli {

Result<std::string> read_text(const std::string& path, size_t max_bytes);
Result<Checkpoint> read_checkpoint(const std::string& path);
/// The same error, with the file's name before its place.
Error in_file(const std::string& path, const Error&);

/// Says now what write_file would say later: a folder that does not exist, or one that may not be written.
Status check_writable(const std::string& path);
/// Writes beside the file and then renames, so that a file of that name is either the old one or the new one.
Status write_file(const std::string& path, std::span<const uint8_t> bytes);

/// The text of a built-in example. Looked for in `examples` in the working directory, then above the program.
Result<std::string> read_example(const std::string& id);

}  // namespace unroll::cli
