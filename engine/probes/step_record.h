// One training step in slow motion: what the last step did with one stream of its batch, character by
// character. Read from what the step left behind, so recording changes nothing.
#pragma once

#include "engine/model/trainer.h"

namespace unroll {

struct StepRecord {
  std::vector<int32_t> inputs, targets;  ///< (T) what was read, and what should have been predicted there
  std::vector<float> losses;             ///< (T) nats; NaN where nothing was asked
  std::vector<float> h;                  ///< (L, T) ‖h_t‖, after character t
  std::vector<float> dh;  ///< (T) ‖∂loss/∂h_t‖ of the bottom layer; loss: the mean over the batch
};

/// Of the trainer's last step(), which must have been one that did not diverge.
StepRecord record_step(const Trainer&, int stream = 0);

}  // namespace unroll
