// How each parameter block learns: size of its weights, of its gradient, and of the last step's update. A
// ratio of update to weight of about 1e-3 is healthy; far more is too fast, far less hardly learns.
#pragma once

#include <string>
#include <vector>

#include "engine/model/trainer.h"

namespace unroll {

struct BlockMeasure {
  double weight_norm = 0;    ///< Euclidean, as all norms here
  double gradient_norm = 0;  ///< of the last step, before clipping
  double update_norm = 0;    ///< of what the last step added to the block
  double ratio = 0;          ///< update_norm / weight_norm; infinite where an update left all weights 0
};

struct BlockProbe : BlockMeasure {
  std::string name;  ///< PyTorch's
  size_t size = 0;   ///< number of parameters
};

/// One of Model::blocks(). Before the first step, and after one that diverged, the numbers of the step are
/// NaN. Allocates nothing.
BlockMeasure measure_block(const Trainer&, const ParameterBlock&);

/// All of them, in the order of Model::blocks().
std::vector<BlockProbe> probe_blocks(const Trainer&);

}  // namespace unroll
