// A .unroll file: a whole experiment with what its lanes have learned. A ZIP archive of stored files (engine/document/zip.h):
//   unroll.json          {"unroll_file": 1, "lanes": [{"name", "step", "checkpoint"?: "lanes/1.safetensors",
//                        "told"?: "lanes/1.json"}]}, one for each lane of the experiment, in order
//   experiment.json      the experiment as it was shown (engine/document/experiment.h)
//   learned.json         … as the lanes learn it, where edits waited; with the same number of lanes
//   lanes/N.safetensors  the checkpoint of lane N, from 1 (engine/model/checkpoint.h); of a lane that could not be built none
//   lanes/N.json         what the front end was told of it: its curves and scores
// docs/files.md says it for people.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/json.h"
#include "engine/base/result.h"
#include "engine/document/experiment.h"

namespace unroll {

/// What stands between the checkpoints of a file that is written: the bytes, then those of the lane's checkpoint.
struct UnrollFilePart {
  std::vector<uint8_t> bytes;
  int lane = -1;  ///< whose checkpoint follows; −1: none
};
struct UnrollFileLane {
  std::string name;       ///< for people
  int64_t step = 0;       ///< of the checkpoint
  uint64_t bytes = 0;     ///< of it; 0: there is none
  uint32_t crc = 0;       ///< of it, crc32 in engine/document/zip.h
  std::string told = {};  ///< JSON, an object; empty: none
};
/// The file but for the checkpoints, which may lie elsewhere. An error where it would have 4 GiB or more. `learned` may be null.
Result<std::vector<UnrollFilePart>> lay_out_unroll_file(const Experiment& shown, const Experiment* learned,
                                                        std::span<const UnrollFileLane> lanes);

/// A file that was read; checkpoints are views into its bytes.
struct UnrollFile {
  struct Lane {
    std::string name;
    std::span<const uint8_t> checkpoint;  ///< empty: none
    Json told;                            ///< an object, to be read with care; null: none
  };
  Experiment experiment;
  std::optional<Experiment> learned;
  std::vector<Lane> lanes;  ///< as many as the experiment has
};
/// Checks the archive whole, each file's name and kind, the documents, and of every checkpoint the document that it carries;
/// its tensors are checked by who loads it. Of a newer format only that it is newer is said.
Result<UnrollFile> read_unroll_file(std::span<const uint8_t> bytes);

}  // namespace unroll
