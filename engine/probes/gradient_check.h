// A check of the running model's gradient: the backward pass of the engine, in float32 with its kernels,
// against finite differences of a forward pass of its own, naive and in double precision. Loss: mean over a
// sequence from the states before anything, without dropout. For a parameter θ_i: (L(θ_i + ε) − L(θ_i − ε)) / 2ε.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/model/model.h"

namespace unroll {

struct GradientSample {
  int block = 0;          ///< an index into Model::blocks()
  size_t index = 0;       ///< in the block
  double backward = 0;    ///< what the engine's backward pass says
  double difference = 0;  ///< the finite difference
};

/// Works on a copy of the model, so training may go on meanwhile and nothing of the model changes.
class GradientCheck {
 public:
  static constexpr int64_t most_parameters = 4'000'000;

  /// `ids`: 2 characters or more. `samples` parameters are drawn from `seed`: block after block in turn, and
  /// of a weight that belongs to a character only where the text has that character (elsewhere both are 0).
  /// The model has at most most_parameters.
  GradientCheck(const Model&, std::span<const int32_t> ids, int samples, uint64_t seed);
  /// The same of a sequence with its targets, a batch of one whose arrays are copied.
  GradientCheck(const Model&, Batch sequence, int samples, uint64_t seed);
  ~GradientCheck();

  bool advance();  ///< a few characters of one pass; true when done
  const std::vector<GradientSample>& samples() const;
  /// ‖backward − difference‖ / (‖backward‖ + ‖difference‖) over all samples; 0 when both are 0.
  double error() const;

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace unroll
