#include "web/cli/files.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "engine/base/json.h"
#include "engine/base/utf8.h"
#include "engine/document/experiment.h"
#include "engine/document/zip.h"
#include "engine/generators/generator.h"
#include "engine/model/unroll_file.h"
#include "web/cli/places.h"

namespace unroll::cli {

namespace fs = std::filesystem;

namespace {

using File = std::unique_ptr<std::FILE, decltype([](std::FILE* file) { std::fclose(file); })>;

constexpr size_t max_checkpoint = size_t{4} << 30;

std::string reason() { return std::strerror(errno); }

template <class Bytes>
Status read_into(const std::string& path, size_t max_bytes, Bytes& bytes) {
  const auto place = find_place(path);
  if (!place) return Error{path, "cannot be read: " + place.error().what, "check the name"};
  if (place->kind == Place::Kind::folder) return Error{path, "is a folder", "give the name of a file"};
  const int descriptor = open_place(*place, O_RDONLY);
  const File file(descriptor < 0 ? nullptr : fdopen(descriptor, "rb"));
  if (!file) return Error{path, "cannot be read: " + reason(), "check the name"};
  char block[1 << 16];
  for (size_t got; (got = std::fread(block, 1, sizeof block, file.get())) > 0;) {
    if (bytes.size() + got > max_bytes) {
      return Error{path, "is larger than " + std::to_string(max_bytes) + " bytes", "give a smaller file"};
    }
    bytes.insert(bytes.end(), block, block + got);
  }
  if (std::ferror(file.get())) return Error{path, "cannot be read: " + reason(), ""};
  return ok();
}

/// A file of a built-in text: beside index.json, or, made by the build, beside the program. Looked for in the folder
/// `examples` of the working folder, the program's, and those above it; empty when there is none.
fs::path example_file(const std::string& name) {
  std::error_code none;
  std::vector<fs::path> places = {fs::current_path(none)};
  for (fs::path at = fs::read_symlink("/proc/self/exe", none); at.has_relative_path(); at = at.parent_path())
    places.push_back(at.parent_path());
  for (const fs::path& place : places)
    if (fs::exists(place / "examples" / name, none)) return place / "examples" / name;
  return {};
}

}  // namespace

Result<std::string> read_text(const std::string& path, size_t max_bytes) {
  std::string text;
  if (const Status status = read_into(path, max_bytes, text); !status) return status.error();
  return text;
}

Result<Checkpoint> read_checkpoint(const std::string& path, int lane) {
  std::vector<uint8_t> bytes;
  if (const Status status = read_into(path, max_checkpoint, bytes); !status) return status.error();
  const std::string place = std::to_string(lane);
  if (!looks_like_zip(bytes)) {
    if (lane != 0)
      return Error{"--lane", "found " + place + ", but " + short_name(path) + " holds one lane",
                   "it is for .unroll files and experiments"};
    auto checkpoint = load_checkpoint(bytes);
    if (!checkpoint) return in_file(path, checkpoint.error());
    return checkpoint;
  }
  const auto file = read_unroll_file(bytes);
  if (!file) return in_file(path, file.error());
  const auto at = static_cast<size_t>(lane);
  if (at >= file->lanes.size())
    return Error{"--lane", "found " + place,
                 "allowed for this file: 0 to " + std::to_string(file->lanes.size() - 1)};
  if (file->lanes[at].checkpoint.empty())
    return Error{path, "holds no network for lane " + place + " (" + short_name(file->lanes[at].name) + ")",
                 "choose another one with --lane"};
  auto checkpoint = load_checkpoint(file->lanes[at].checkpoint);
  if (!checkpoint) return in_file(path + ", lane " + place, checkpoint.error());
  return checkpoint;
}

Error in_file(const std::string& path, const Error& error) {
  return {path + (error.where.empty() ? "" : ", " + error.where), error.what, error.hint};
}

Result<std::string> example_path(const std::string& id) {
  const fs::path index_file = example_file("index.json");
  if (index_file.empty()) {
    return Error{"data.example", "the built-in texts are not here",
                 "run from Unroll's folder, or give --text FILE"};
  }
  const auto json = read_text(index_file, 1 << 20);
  if (!json) return json.error();
  const auto index = parse_json(*json);
  if (!index) return Error{index_file.string(), index.error().what, ""};
  std::string ids;
  for (const Generator* generator : generators())
    ids += (ids.empty() ? "" : ", ") + std::string(generator->id);
  for (const Json& entry : *index) {
    const std::string entry_id = entry.value("id", "");
    if (entry_id == id) {
      const fs::path file = example_file(entry.value("file", ""));
      if (!file.empty()) return file.string();
      return Error{"data.example", quotation(id) + " was not built",
                   "it is made from an npm package: run npm ci in Unroll's folder and build again"};
    }
    ids += (ids.empty() ? "" : ", ") + entry_id;
  }
  return Error{"data.example", "there is no built-in text " + quotation(id), "allowed: " + ids};
}

}  // namespace unroll::cli
