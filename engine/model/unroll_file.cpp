#include "engine/model/unroll_file.h"

#include <algorithm>
#include <map>

#include "engine/base/utf8.h"
#include "engine/document/zip.h"
#include "engine/model/checkpoint_document.h"

namespace unroll {
namespace {

constexpr int format = 1;
constexpr const char* hint = "was this file saved by Unroll?";
constexpr JsonLimits told_limits{.depth = 10, .values = size_t{1} << 20};

std::string checkpoint_name(size_t lane) { return "lanes/" + std::to_string(lane + 1) + ".safetensors"; }
std::string told_name(size_t lane) { return "lanes/" + std::to_string(lane + 1) + ".json"; }

std::string_view text_of(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// The files of an archive, each taken at most once.
class Files {
 public:
  explicit Files(const std::vector<ZipEntry>& entries) {
    for (const ZipEntry& entry : entries) files_[entry.name] = entry.bytes;
  }
  std::optional<std::span<const uint8_t>> take(const std::string& name) {
    const auto found = files_.find(name);
    if (found == files_.end()) return std::nullopt;
    const std::span<const uint8_t> bytes = found->second;
    files_.erase(found);
    return bytes;
  }
  const std::string* left() const { return files_.empty() ? nullptr : &files_.begin()->first; }

 private:
  std::map<std::string, std::span<const uint8_t>> files_;
};

Error within(const std::string& file, const Error& error) {
  return {file + (error.where.empty() ? "" : ", " + error.where), error.what, error.hint};
}

/// unroll.json, of this format: the list of its lanes.
Result<Json> contents_of(Files& files) {
  const std::string name = "unroll.json";
  const auto bytes = files.take(name);
  if (!bytes) return Error{name, "is missing", hint};
  auto document = parse_json(text_of(*bytes));
  if (!document) return within(name, document.error());
  if (!document->is_object() || !document->contains("unroll_file"))
    return Error{name, "does not say which format it has (\"unroll_file\")", hint};
  const Json version = (*document)["unroll_file"];
  if (!version.is_number_integer() || version.get<int64_t>() < 1)
    return Error{name + ", unroll_file", "found " + short_name(version.dump()), "allowed: 1"};
  if (version.get<int64_t>() > format)
    return Error{
        name,
        "was saved by a newer Unroll, in format " + short_name(version.dump()) + "; this one reads format 1",
        "open it where it was saved, or update Unroll; the file was not touched"};
  for (const auto& [key, value] : document->items())
    if (key != "unroll_file" && key != "lanes")
      return Error{name, "has an unknown field " + quotation(key), hint};
  if (!document->contains("lanes") || !(*document)["lanes"].is_array())
    return Error{name + ", lanes", "is no list", hint};
  return (*document)["lanes"];
}

Result<Experiment> experiment_in(const std::string& name, std::span<const uint8_t> bytes) {
  auto experiment = parse_experiment(text_of(bytes));
  if (!experiment) return within(name, experiment.error());
  return experiment;
}

Status read_lane(Files& files, const Json& entry, size_t number, UnrollFile::Lane& lane) {
  const std::string where = "unroll.json, lanes[" + std::to_string(number) + "]";
  if (!entry.is_object()) return Error{where, "is no object", hint};
  const auto names = [&](const char* key, const std::string& allowed) -> Result<bool> {
    if (!entry.contains(key)) return false;
    if (entry[key] == allowed) return true;
    return Error{where + "." + key, "found " + short_name(entry[key].dump()), "allowed: \"" + allowed + "\""};
  };
  for (const auto& [key, value] : entry.items())
    if (key != "name" && key != "step" && key != "checkpoint" && key != "told")
      return Error{where, "has an unknown field " + quotation(key), hint};
  if (!entry.contains("name") || !entry["name"].is_string() || !entry.contains("step") ||
      !entry["step"].is_number_integer() || entry["step"].get<int64_t>() < 0)
    return Error{where, "has no name or no step", hint};
  lane.name = entry["name"].get<std::string>();
  const auto trained = names("checkpoint", checkpoint_name(number)), told = names("told", told_name(number));
  if (!trained) return trained.error();
  if (!told) return told.error();
  if (*trained) {
    const auto bytes = files.take(checkpoint_name(number));
    if (!bytes || bytes->empty()) return Error{checkpoint_name(number), "is missing", hint};
    if (const auto document = experiment_of_checkpoint(*bytes); !document)
      return within(checkpoint_name(number), document.error());
    lane.checkpoint = *bytes;
  }
  if (*told) {
    const auto bytes = files.take(told_name(number));
    if (!bytes) return Error{told_name(number), "is missing", hint};
    auto json = parse_json(text_of(*bytes), told_limits);
    if (!json) return within(told_name(number), json.error());
    if (!json->is_object()) return Error{told_name(number), "is no object", hint};
    lane.told = std::move(*json);
  }
  return ok();
}

}  // namespace

Result<std::vector<UnrollFilePart>> lay_out_unroll_file(const Experiment& shown, const Experiment* learned,
                                                        std::span<const UnrollFileLane> lanes) {
  Json list = Json::array();
  for (size_t i = 0; i < lanes.size(); ++i) {
    Json entry = {{"name", lanes[i].name}, {"step", lanes[i].step}};
    if (lanes[i].bytes > 0) entry["checkpoint"] = checkpoint_name(i);
    if (!lanes[i].told.empty()) entry["told"] = told_name(i);
    list.push_back(std::move(entry));
  }
  std::vector<UnrollFilePart> parts(1);
  ZipWriter zip;
  const auto add_text = [&](const std::string& name, std::string_view text) {
    const std::vector<uint8_t> header = zip.before(name, text.size(), crc32(bytes_of(text)));
    std::vector<uint8_t>& bytes = parts.back().bytes;
    bytes.insert(bytes.end(), header.begin(), header.end());
    bytes.insert(bytes.end(), text.begin(), text.end());
  };
  add_text("unroll.json", json_text({{"unroll_file", format}, {"lanes", std::move(list)}}));
  add_text("experiment.json", to_json(shown));
  if (learned) add_text("learned.json", to_json(*learned));
  for (size_t i = 0; i < lanes.size(); ++i) {
    if (!lanes[i].told.empty()) add_text(told_name(i), lanes[i].told);
    if (lanes[i].bytes == 0) continue;
    const std::vector<uint8_t> header = zip.before(checkpoint_name(i), lanes[i].bytes, lanes[i].crc);
    parts.back().bytes.insert(parts.back().bytes.end(), header.begin(), header.end());
    parts.back().lane = static_cast<int>(i);
    parts.emplace_back();
  }
  if (!zip.fits())
    return Error{"", "the file would have 4 GiB or more", "save the lanes one by one, or make them smaller"};
  const std::vector<uint8_t> end = zip.end();
  parts.back().bytes.insert(parts.back().bytes.end(), end.begin(), end.end());
  return parts;
}

Result<UnrollFile> read_unroll_file(std::span<const uint8_t> bytes) {
  const auto entries = read_zip(bytes);
  if (!entries) return entries.error();
  Files files(*entries);
  const auto lanes = contents_of(files);
  if (!lanes) return lanes.error();
  const auto document = files.take("experiment.json");
  if (!document) return Error{"experiment.json", "is missing", hint};
  auto experiment = experiment_in("experiment.json", *document);
  if (!experiment) return experiment.error();
  UnrollFile file{std::move(*experiment), std::nullopt, {}};
  if (lanes->size() != file.experiment.lanes.size())
    return Error{"unroll.json, lanes",
                 "names " + std::to_string(lanes->size()) + " lanes, and the experiment has " +
                     std::to_string(file.experiment.lanes.size()),
                 hint};
  if (const auto learned = files.take("learned.json")) {
    auto read = experiment_in("learned.json", *learned);
    if (!read) return read.error();
    if (read->lanes.size() != lanes->size())
      return Error{"learned.json, lanes", "are not as many as those of the experiment", hint};
    file.learned = std::move(*read);
  }
  file.lanes.resize(lanes->size());
  for (size_t i = 0; i < lanes->size(); ++i)
    if (const Status status = read_lane(files, (*lanes)[i], i, file.lanes[i]); !status) return status.error();
  if (const std::string* left = files.left())
    return Error{"", "holds a file that does not belong in it: " + quotation(*left), hint};
  return file;
}

}  // namespace unroll
