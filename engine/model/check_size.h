// Whether a lane could be trained here, from its sizes alone: nothing is built. For whoever decides before a lane is asked.
#pragma once

#include "engine/base/result.h"
#include "engine/document/experiment.h"

namespace unroll {

/// Errors: too many parameters, or training that needs more than Trainer::memory_limit. `vocabulary` and `train_size` are
/// of the text: different symbols, and characters to train on, 2 or more. The error's `where` is the lane: "lanes[1]".
Status check_size(const Experiment&, int lane, int vocabulary, size_t train_size);
/// The same of any task, from the sizes of its batches.
Status check_size(const Experiment&, int lane, const TaskShape& shape, int seq_length, int batch);

}  // namespace unroll
