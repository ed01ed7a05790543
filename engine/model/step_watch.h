// Where the time of a training step goes: a model tells whoever watches it which part it has come to.
#pragma once

#include <cstdint>

namespace unroll {

class Model;

enum class StepPart : uint8_t {
  other,      ///< the batch, what is carried, sums of a few numbers
  packing,    ///< weights into the form that products read
  input,      ///< the input part of all layers
  forward,    ///< the loops over time, and what else the cell computes
  output,     ///< output layer, loss, and the way back through both
  backward,   ///< the loops over time back
  gradients,  ///< of all weights
  below,      ///< of the layer below
  update      ///< norms, optimizer, the copy of the last good weights
};
inline constexpr int step_parts = static_cast<int>(StepPart::update) + 1;

class StepWatch {
 public:
  virtual ~StepWatch() = default;
  /// Called by whoever runs the step, on its thread; allocates nothing.
  virtual void enter(StepPart) = 0;
};

/// From the next step on; null: nobody watches. The watch must outlive the model or be taken off.
void watch_steps(Model&, StepWatch*);

}  // namespace unroll
