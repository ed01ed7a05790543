#include "web/cli/files.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "engine/base/json.h"
#include "engine/document/experiment.h"

namespace unroll::cli {

namespace fs = std::filesystem;

namespace {

using File = std::unique_ptr<std::FILE, decltype([](std::FILE* file) { std::fclose(file); })>;

constexpr size_t max_checkpoint = size_t{4} << 30;

std::string reason() { return std::strerror(errno); }

template <class Bytes>
Status read_into(const std::string& path, size_t max_bytes, Bytes& bytes) {
  std::error_code none;
  if (fs::is_directory(path, none)) return Error{path, "is a folder", "give the name of a file"};
  const File file(std::fopen(path.c_str(), "rb"));
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

std::string temporary_beside(const std::string& path) { return path + ".part-" + std::to_string(getpid()); }

/// The folder with index.json of the built-in texts; empty when there is none.
fs::path examples_folder() {
  std::error_code none;
  std::vector<fs::path> places = {fs::current_path(none)};
  for (fs::path at = fs::read_symlink("/proc/self/exe", none); at.has_relative_path();
       at = at.parent_path()) {
    places.push_back(at.parent_path());
  }
  for (const fs::path& place : places) {
    if (fs::exists(place / "examples" / "index.json", none)) return place / "examples";
  }
  return {};
}

}  // namespace

Result<std::string> read_text(const std::string& path, size_t max_bytes) {
  std::string text;
  if (const Status status = read_into(path, max_bytes, text); !status) return status.error();
  return text;
}

Result<Checkpoint> read_checkpoint(const std::string& path) {
  std::vector<uint8_t> bytes;
  if (const Status status = read_into(path, max_checkpoint, bytes); !status) return status.error();
  auto checkpoint = load_checkpoint(bytes);
  if (!checkpoint) return in_file(path, checkpoint.error());
  return checkpoint;
}

Error in_file(const std::string& path, const Error& error) {
  return {path + (error.where.empty() ? "" : ", " + error.where), error.what, error.hint};
}

Status check_writable(const std::string& path) {
  std::error_code none;
  if (fs::is_directory(path, none)) return Error{path, "is a folder", "give the name of a file in it"};
  const std::string temporary = temporary_beside(path);
  if (const File file(std::fopen(temporary.c_str(), "wb")); !file) {
    return Error{path, "cannot be written: " + reason(), "give a file in a folder that exists and is yours"};
  }
  fs::remove(temporary, none);
  return ok();
}

Status write_file(const std::string& path, std::span<const uint8_t> bytes) {
  const std::string temporary = temporary_beside(path);
  std::FILE* file = std::fopen(temporary.c_str(), "wb");
  bool good = file != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  good = (file == nullptr || std::fclose(file) == 0) && good;
  good = good && std::rename(temporary.c_str(), path.c_str()) == 0;
  if (good) return ok();
  const Error error{path, "cannot be written: " + reason(), "make room or give another file"};
  std::error_code none;
  fs::remove(temporary, none);
  return error;
}

Result<std::string> read_example(const std::string& id) {
  const fs::path folder = examples_folder();
  if (folder.empty()) {
    return Error{"data.example", "the built-in texts are not here",
                 "run from Unroll's folder, or give --text FILE"};
  }
  const auto json = read_text(folder / "index.json", 1 << 20);
  if (!json) return json.error();
  const auto index = parse_json(*json);
  if (!index) return Error{(folder / "index.json").string(), index.error().what, ""};
  std::string ids;
  for (const Json& entry : *index) {
    const std::string entry_id = entry.value("id", "");
    if (entry_id == id) return read_text(folder / entry.value("file", ""), Limits::text_bytes);
    ids += (ids.empty() ? "" : ", ") + entry_id;
  }
  return Error{"data.example", "there is no built-in text " + quotation(id), "allowed: " + ids};
}

}  // namespace unroll::cli
