// What is known of the data without asking a lane: how many characters a text has, and whether a lane could learn it.
// Draws nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/result.h"
#include "engine/document/experiment.h"

namespace unroll {

struct TextCounts {
  bool endless = false;  ///< it is generated: `characters` and `train` are 0
  size_t characters = 0, symbols = 0, train = 0, valid = 0;
  std::optional<Error> error;  ///< why it cannot be learned
};

/// Of a text that is given, or generated; nothing where the task is another one.
TextCounts count_text(const DataSpec&);
/// Whether a lane could be trained on what was counted; always where nothing was. The error's `where` is the lane.
Status check_size(const Experiment&, int lane, const TextCounts&);

/// Of what is learned: the text, or which one is generated, and the task.
uint64_t hash_of(const DataSpec&);

}  // namespace unroll
