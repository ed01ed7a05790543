#include "engine/model/unroll_file.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

#include "engine/document/zip.h"
#include "engine/model/checkpoint.h"
#include "tests/engine/trainer_fixture.h"

using namespace unroll;
using namespace unroll::testing;

namespace {

using Bytes = std::vector<uint8_t>;

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

Bytes zip_of(const std::vector<std::pair<std::string, std::string>>& files) {
  ZipWriter zip;
  Bytes bytes;
  const auto add = [&](std::span<const uint8_t> part) {
    bytes.insert(bytes.end(), part.begin(), part.end());
  };
  for (const auto& [name, content] : files) {
    add(zip.before(name, content.size(), crc32(bytes_of(content))));
    add(bytes_of(content));
  }
  add(zip.end());
  CHECK(zip.size() == bytes.size());
  return bytes;
}

Bytes join(const std::vector<UnrollFilePart>& parts, const std::vector<Bytes>& checkpoints) {
  Bytes bytes;
  for (const UnrollFilePart& part : parts) {
    bytes.insert(bytes.end(), part.bytes.begin(), part.bytes.end());
    if (part.lane < 0) continue;
    const Bytes& checkpoint = checkpoints[static_cast<size_t>(part.lane)];
    bytes.insert(bytes.end(), checkpoint.begin(), checkpoint.end());
  }
  return bytes;
}

/// Two lanes of different cells, trained so many steps, as a file.
struct Saved {
  Experiment experiment;
  std::vector<std::unique_ptr<Trainer>> trainers;
  std::vector<Bytes> checkpoints;
  std::vector<UnrollFileLane> lanes;
  Bytes file;
};
Saved save(int64_t steps) {
  Saved saved;
  TrainSpec train;
  train.batch = 3;
  train.seq_length = 8;
  train.steps = 100;
  saved.experiment = experiment_of(counting_text(), {.cell = "lstm", .hidden = 9}, train);
  saved.experiment.lanes.push_back({.cell = "gru", .hidden = 7, .layers = 2, .embedding = 5, .dropout = 0.3});
  for (size_t lane = 0; lane < 2; ++lane) {
    Experiment alone = saved.experiment;
    alone.lanes = {saved.experiment.lanes[lane]};
    saved.trainers.push_back(make_trainer(alone));
    for (int64_t i = 0; i < steps; ++i) saved.trainers[lane]->step();
    saved.checkpoints.push_back(save_checkpoint(*saved.trainers[lane]));
    const Bytes& checkpoint = saved.checkpoints[lane];
    saved.lanes.push_back({.name = "lane " + std::to_string(lane),
                           .step = steps,
                           .bytes = checkpoint.size(),
                           .crc = crc32(checkpoint),
                           .told = "{\"loss\":[1,2.5]}"});
  }
  const auto parts = lay_out_unroll_file(saved.experiment, nullptr, saved.lanes);
  REQUIRE(parts);
  saved.file = join(*parts, saved.checkpoints);
  return saved;
}

}  // namespace

TEST_CASE("zip: CRC-32 is the one of the standard, also in parts") {
  CHECK(crc32(bytes_of("123456789")) == 0xcbf43926u);
  const std::string text = counting_text();
  CHECK(crc32(bytes_of(text).subspan(7), crc32(bytes_of(text).first(7))) == crc32(bytes_of(text)));
}

TEST_CASE("zip: what is written is read") {
  const std::string long_text = counting_text();
  const Bytes bytes = zip_of({{"a.json", "{}"}, {"lanes/1.bin", long_text}, {"empty", ""}});
  const auto entries = read_zip(bytes);
  REQUIRE(entries);
  REQUIRE(entries->size() == 3);
  CHECK((*entries)[1].name == "lanes/1.bin");
  CHECK(std::ranges::equal((*entries)[1].bytes, bytes_of(long_text)));
  CHECK((*entries)[2].bytes.empty());
  CHECK(read_zip(zip_of({})));
  const auto twice = read_zip(zip_of({{"a", "1"}, {"a", "2"}}));
  REQUIRE(!twice);
  CHECK(twice.error().what == "\"a\" stands in it twice");
  for (const char* name : {"", "/etc", "../a", "a//b", "a b", "ä", "a\\b"})
    CHECK_MESSAGE(!read_zip(zip_of({{name, "1"}})), name);
}

TEST_CASE("zip: an archive that is cut off, lengthened or changed in any byte is refused or says the same") {
  const Bytes good = zip_of({{"a.json", "{\"a\":1}"}, {"b", "some text"}});
  for (size_t n = 0; n < good.size(); ++n) CHECK(!read_zip(std::span(good).first(n)));
  Bytes longer = good;
  longer.push_back(0);
  CHECK(!read_zip(longer));
  for (size_t at = 0; at < good.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      Bytes changed = good;
      changed[at] = static_cast<uint8_t>(changed[at] ^ (1 << bit));
      const auto read = read_zip(changed);
      if (!read) continue;
      // Only what means nothing here can be another one: versions, times, attributes, the flag of UTF-8 names.
      REQUIRE(read->size() == 2);
      CHECK((*read)[0].name == "a.json");
      CHECK(std::ranges::equal((*read)[0].bytes, bytes_of("{\"a\":1}")));
      CHECK(std::ranges::equal((*read)[1].bytes, bytes_of("some text")));
    }
}

TEST_CASE("unroll file: every lane goes on bit for bit where it was saved") {
  Saved saved = save(23);
  const auto file = read_unroll_file(saved.file);
  REQUIRE(file);
  CHECK(file->experiment == saved.experiment);
  CHECK(!file->learned);
  REQUIRE(file->lanes.size() == 2);
  for (size_t lane = 0; lane < 2; ++lane) {
    CHECK(file->lanes[lane].name == saved.lanes[lane].name);
    CHECK(file->lanes[lane].told["loss"][1] == 2.5);
    REQUIRE(std::ranges::equal(file->lanes[lane].checkpoint, saved.checkpoints[lane]));
    auto resumed = resume_training(file->lanes[lane].checkpoint);
    REQUIRE(resumed);
    CHECK((*resumed)->steps_done() == 23);
    for (int i = 0; i < 17; ++i) {
      (*resumed)->step();
      saved.trainers[lane]->step();
    }
    CHECK(save_checkpoint(**resumed) == save_checkpoint(*saved.trainers[lane]));
  }
}

TEST_CASE(
    "unroll file: what the lanes learn rides along where it is not what is shown, and a lane may have no "
    "network") {
  Saved saved = save(2);
  Experiment shown = saved.experiment;
  shown.train.seq_length = 12;
  saved.lanes[1].bytes = 0;
  saved.lanes[1].told.clear();
  const auto parts = lay_out_unroll_file(shown, &saved.experiment, saved.lanes);
  REQUIRE(parts);
  const Bytes bytes = join(*parts, saved.checkpoints);
  const auto file = read_unroll_file(bytes);
  REQUIRE(file);
  CHECK(file->experiment == shown);
  REQUIRE(file->learned);
  CHECK(*file->learned == saved.experiment);
  CHECK(file->lanes[1].checkpoint.empty());
  CHECK(file->lanes[1].told.is_null());
}

TEST_CASE("unroll file: a damaged one is refused whole, wherever it is damaged") {
  const Saved saved = save(1);
  for (size_t at = 0; at < saved.file.size(); at += 7) {
    CHECK(!read_unroll_file(std::span(saved.file).first(at)));
    Bytes changed = saved.file;
    changed[at] ^= 0x10;
    const auto read = read_unroll_file(changed);
    if (read) CHECK(read->experiment == saved.experiment);  // a time or a version of the archive
  }
}

TEST_CASE("unroll file: refused in words") {
  const Saved saved = save(1);
  const std::string experiment = to_json(saved.experiment);
  const std::string two = "[{\"name\":\"a\",\"step\":0},{\"name\":\"b\",\"step\":0}]";
  const std::string good = "{\"unroll_file\":1,\"lanes\":" + two + "}";
  REQUIRE(read_unroll_file(zip_of({{"unroll.json", good}, {"experiment.json", experiment}})));
  const auto refused = [&](const std::vector<std::pair<std::string, std::string>>& files) {
    const auto read = read_unroll_file(zip_of(files));
    REQUIRE(!read);
    return read.error().text();
  };
  CHECK(refused({{"unroll.json", "{\"unroll_file\":2,\"places\":[]}"}, {"other", "x"}})
            .find("a newer Unroll, in format 2") != std::string::npos);
  CHECK(refused({{"experiment.json", experiment}}).starts_with("unroll.json: is missing"));
  CHECK(refused({{"unroll.json", good}}).starts_with("experiment.json: is missing"));
  CHECK(refused({{"unroll.json", good}, {"experiment.json", "{\"unroll\":1,\"lanes\":[{}]}"}})
            .find("names 2 lanes") != std::string::npos);
  CHECK(refused({{"unroll.json", good}, {"experiment.json", "{\"unroll\":1,\"hiden\":1}"}})
            .starts_with("experiment.json, hiden"));
  CHECK(refused({{"unroll.json", good}, {"experiment.json", experiment}, {"virus.exe", "x"}})
            .find("does not belong in it: \"virus.exe\"") != std::string::npos);
  for (const char* lane :
       {"{\"name\":\"b\"}", "{\"name\":\"b\",\"step\":-1}", "{\"name\":\"b\",\"step\":0,\"x\":1}", "7",
        "{\"name\":\"b\",\"step\":0,\"checkpoint\":\"lanes/2.safetensors\"}",
        "{\"name\":\"b\",\"step\":0,\"checkpoint\":\"other\"}",
        "{\"name\":\"b\",\"step\":0,\"told\":\"lanes/2.json\"}"}) {
    const std::string contents =
        "{\"unroll_file\":1,\"lanes\":[{\"name\":\"a\",\"step\":0}," + std::string(lane) + "]}";
    CHECK_MESSAGE(!refused({{"unroll.json", contents}, {"experiment.json", experiment}}).empty(), lane);
  }
  const std::string with_lane =
      "{\"unroll_file\":1,\"lanes\":[{\"name\":\"a\",\"step\":0},{\"name\":\"b\",\"step\":0,\"checkpoint\":"
      "\"lanes/2.safetensors\"}]}";
  CHECK(refused({{"unroll.json", with_lane},
                 {"experiment.json", experiment},
                 {"lanes/2.safetensors", "no tensors"}})
            .starts_with("lanes/2.safetensors"));
}
