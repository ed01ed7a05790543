#include "web/cli/recordings.h"

#include <algorithm>
#include <filesystem>
#include <span>
#include <vector>

#include "engine/document/experiment.h"
#include "engine/tasks/sound_lines.h"
#include "engine/tasks/sound_wav.h"
#include "web/cli/files.h"

namespace unroll::cli {

namespace fs = std::filesystem;

namespace {

constexpr size_t largest_file = size_t{64} << 20;

std::span<const uint8_t> bytes_of(const std::string& file) {
  return {reinterpret_cast<const uint8_t*>(file.data()), file.size()};
}

bool is_wav(const fs::path& path) {
  std::string end = path.extension().string();
  std::ranges::transform(end, end.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return end == ".wav" && !path.filename().string().starts_with('.');
}

/// Of a folder: `below` is its path, and the names of the files go on from there.
Result<std::vector<fs::path>> wav_files(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && at != end; at.increment(error))
    if (is_wav(at->path()) && at->is_regular_file(error)) files.push_back(at->path());
  if (error) return Error{folder, "cannot be read: " + error.message(), "check the name"};
  if (files.empty()) return Error{folder, "holds no WAV file", "put one into it for each word said"};
  if (files.size() > most_sounds)
    return Error{folder, "holds " + std::to_string(files.size()) + " WAV files",
                 "allowed: up to " + std::to_string(most_sounds)};
  std::ranges::sort(files);
  return files;
}

}  // namespace

Result<std::string> read_recordings(const std::string& path) {
  std::error_code none;
  if (!fs::is_directory(path, none)) {
    auto file = read_text(path, std::max(largest_file, Limits::text_bytes));
    if (!file || !looks_like_wav(bytes_of(*file))) return file;
    auto line = sound_line(fs::path(path).filename().string(), bytes_of(*file));
    if (!line) return in_file(path, line.error());
    return *line + '\n';
  }
  const auto files = wav_files(path);
  if (!files) return files.error();
  std::string lines;
  for (const fs::path& file : *files) {
    const auto bytes = read_text(file.string(), largest_file);
    if (!bytes) return bytes.error();
    const auto line = sound_line(file.lexically_relative(path).string(), bytes_of(*bytes));
    if (!line) return in_file(file.string(), line.error());
    lines += *line + '\n';
    if (lines.size() > Limits::text_bytes)
      return Error{path, "holds too much speech: more than 16 MB of what is heard",
                   "give fewer recordings; a second of speech is 1.3 KB"};
  }
  return lines;
}

}  // namespace unroll::cli
