// Optimizers: torch.optim's SGD (with momentum), RMSprop, Adam and AdamW, with PyTorch's formulas, defaults
// and order of operations, over one flat array of parameters; and the learning-rate schedules. The vector
// loops themselves are in engine/kernels.
#pragma once

#include <cstdint>
#include <span>

#include "engine/base/array.h"
#include "engine/base/team.h"
#include "engine/document/experiment.h"
#include "engine/kernels/kernels.h"

namespace unroll {

/// Learning rate of step `index` (0 = first) when the full rate is `rate`: rises linearly over `spec.warmup`
/// steps (rate · (index + 1) / warmup), then constant, or rate · (1 + cos(π · done)) / 2 where `done` is the
/// share of the steps between warm-up and spec.steps that lie behind (torch CosineAnnealingLR with T_max =
/// steps − warmup).
double scheduled_rate(const TrainSpec& spec, double rate, int64_t index);

/// Factor that brings a gradient of global norm `norm` down to `clip` (torch clip_grad_norm_: clip / (norm +
/// 1e-6) where that is below 1). clip 0 = never.
double clip_factor(double norm, double clip);

class Optimizer {
 public:
  /// `spec` gives the kind and its constants; `parameters` is their number. State starts at zero.
  Optimizer(const TrainSpec& spec, size_t parameters, const kernels::Kernels&);

  /// One step: parameters −= update(gradient_scale · gradients), shared by the team where there is one. Allocates nothing.
  void step(double rate, double gradient_scale, std::span<const float> gradients, std::span<float> parameters,
            Team* team = nullptr);

  /// What the last step added to the parameters from `first` on, as many as `update` holds: found again from
  /// the state that it left. All arguments as they were given to it, but `parameters` as they are after it.
  /// Allocates nothing.
  void last_update(double rate, double gradient_scale, std::span<const float> gradients,
                   std::span<const float> parameters, size_t first, std::span<float> update) const;

  /// Back to the state before the first step.
  void reset();

  /// What resuming needs, in PyTorch's words. Arrays that the kind does not use are empty.
  struct State {
    int64_t steps = 0;  ///< updates done
    FloatArray first;   ///< adam, adamw: exp_avg · sgd: momentum_buffer · each as long as the parameters
    FloatArray second;  ///< adam, adamw: exp_avg_sq · rmsprop: square_avg
  };
  const State& state() const { return state_; }
  /// False, and nothing is changed, when the sizes do not fit this optimizer.
  bool restore(const State&);

 private:
  OptimizerKind kind_;
  double momentum_, beta1_, beta2_, weight_decay_;
  const kernels::Kernels* kernels_;
  State state_;
};

}  // namespace unroll
