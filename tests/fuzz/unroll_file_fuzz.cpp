// A .unroll file: any bytes are a whole experiment, or refused; what is read is written again as it was. The archive's checks let
// nothing through that was changed at random, so an input may also be a recipe, from which the archive is made with sums that are right:
// "recipe\n", then for each file its name, a line feed, its size in decimal, a line feed, and its bytes.
#include <algorithm>
#include <charconv>

#include "engine/document/zip.h"
#include "engine/model/checkpoint.h"
#include "engine/model/unroll_file.h"
#include "tests/fuzz/fuzz.h"

namespace unroll::fuzz {

namespace {

using Bytes = std::vector<uint8_t>;
constexpr std::string_view recipe_mark = "recipe\n";

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

void add_file(std::string& recipe, std::string_view name, std::string_view content) {
  recipe += std::string(name) + "\n" + std::to_string(content.size()) + "\n" + std::string(content);
}

/// The archive of a recipe, as far as that can be read.
Bytes archive_of(std::string_view recipe) {
  ZipWriter zip;
  Bytes bytes;
  const auto add = [&bytes](std::span<const uint8_t> part) {
    bytes.insert(bytes.end(), part.begin(), part.end());
  };
  for (size_t files = 0; !recipe.empty() && files < ZipLimits::entries + 2; ++files) {
    const size_t name_end = std::min(recipe.find('\n'), recipe.size());
    const std::string_view name = recipe.substr(0, std::min<size_t>(name_end, 200));
    recipe.remove_prefix(std::min(name_end + 1, recipe.size()));
    size_t size = 0;
    const auto read = std::from_chars(recipe.data(), recipe.data() + recipe.size(), size);
    recipe.remove_prefix(static_cast<size_t>(read.ptr - recipe.data()));
    if (!recipe.empty()) recipe.remove_prefix(1);
    const std::string_view content = recipe.substr(0, std::min(size, recipe.size()));
    recipe.remove_prefix(content.size());
    add(zip.before(name, content.size(), crc32(bytes_of(content))));
    add(bytes_of(content));
  }
  add(zip.end());
  return bytes;
}

Bytes write(const Experiment& shown, const Experiment* learned, const std::vector<UnrollFileLane>& lanes,
            const std::vector<std::span<const uint8_t>>& checkpoints) {
  const auto parts = lay_out_unroll_file(shown, learned, lanes);
  require(bool(parts));
  Bytes bytes;
  for (const UnrollFilePart& part : *parts) {
    bytes.insert(bytes.end(), part.bytes.begin(), part.bytes.end());
    if (part.lane < 0) continue;
    const auto checkpoint = checkpoints[static_cast<size_t>(part.lane)];
    bytes.insert(bytes.end(), checkpoint.begin(), checkpoint.end());
  }
  return bytes;
}

Bytes checkpoint_of(const Experiment& experiment, int lane) {
  Experiment alone = experiment;
  alone.lanes = {experiment.lanes[static_cast<size_t>(lane)]};
  const auto task = create_task(alone);
  require(bool(task));
  const auto trainer = Trainer::create(alone, 0, *task);
  require(bool(trainer));
  (*trainer)->step();
  return save_checkpoint(**trainer);
}

}  // namespace

std::vector<std::string> seeds() {
  const auto experiment = parse_experiment(
      R"({"unroll":1,"data":{"text":"abc abc abd abc abc abe"},"train":{"batch":2,"seq_length":4},)"
      R"("lanes":[{"cell":"lstm","hidden":3},{"cell":"gru","hidden":2}]})");
  require(bool(experiment));
  const Bytes one = checkpoint_of(*experiment, 0);
  const std::vector<UnrollFileLane> lanes = {
      {.name = "LSTM 3", .step = 1, .bytes = one.size(), .crc = crc32(one), .told = R"({"seconds":2})"},
      {.name = "GRU 2", .step = 0, .told = {}}};
  const Bytes file = write(*experiment, &*experiment, lanes, {one, {}});
  const auto entries = read_zip(file);
  require(bool(entries));
  std::string recipe(recipe_mark), few(recipe_mark);
  for (const ZipEntry& entry : *entries) {
    const std::string_view content(reinterpret_cast<const char*>(entry.bytes.data()), entry.bytes.size());
    add_file(recipe, entry.name, content);
  }
  add_file(few, "unroll.json", R"({"unroll_file":1,"lanes":[{"name":"a","step":3}]})");
  add_file(few, "experiment.json",
           R"({"unroll":1,"data":{"text":"ab ab"},"lanes":[{"cell":"rnn","hidden":2}]})");
  return {std::string(file.begin(), file.end()), recipe, few};
}

void try_input(std::string_view bytes) {
  Bytes made;
  std::span<const uint8_t> data = bytes_of(bytes);
  if (bytes.starts_with(recipe_mark)) data = made = archive_of(bytes.substr(recipe_mark.size()));
  const auto read = read_unroll_file(data);
  if (!read) return require_told(read.error().text());
  require(looks_like_zip(data));
  require(bool(validate(read->experiment)) && read->lanes.size() == read->experiment.lanes.size());
  require(!read->learned ||
          (bool(validate(*read->learned)) && read->learned->lanes.size() == read->lanes.size()));
  std::vector<UnrollFileLane> lanes;
  std::vector<std::span<const uint8_t>> checkpoints;
  for (const UnrollFile::Lane& lane : read->lanes) {
    require(lane.told.is_null() || lane.told.is_object());
    if (!lane.checkpoint.empty()) {
      const auto loaded = load_checkpoint(lane.checkpoint);
      if (!loaded) require_told(loaded.error().text());
    }
    checkpoints.push_back(lane.checkpoint);
    lanes.push_back({.name = lane.name,
                     .step = 0,
                     .bytes = lane.checkpoint.size(),
                     .crc = crc32(lane.checkpoint),
                     .told = lane.told.is_null() ? "" : json_text(lane.told)});
  }
  const Bytes written =
      write(read->experiment, read->learned ? &*read->learned : nullptr, lanes, checkpoints);
  const auto again = read_unroll_file(written);
  require(again && again->experiment == read->experiment && again->learned == read->learned);
  for (size_t i = 0; i < lanes.size(); ++i)
    require(std::ranges::equal(again->lanes[i].checkpoint, checkpoints[i]) &&
            again->lanes[i].told == read->lanes[i].told);
}

}  // namespace unroll::fuzz
