// What a checkpoint says of itself, without its model: for whoever hands the file to a lane.
#pragma once

#include <cstdint>
#include <span>

#include "engine/base/result.h"
#include "engine/document/experiment.h"

namespace unroll {

/// The experiment that the file was saved from; of its tensors nothing is read or checked.
Result<Experiment> experiment_of_checkpoint(std::span<const uint8_t> bytes);

}  // namespace unroll
