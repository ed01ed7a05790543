// How each parameter block learned, over training: the numbers of probe_blocks.h at some of the steps, few
// enough for any length of training and close enough together for a curve.
//
// A step is recorded when its number is a multiple of stride() or a power of two: the first steps, where most
// happens, are seen at once. Whenever `capacity` steps are kept and another one is due, the stride doubles and
// the steps go that no longer belong. So which steps are known follows from their numbers alone, not from the
// clock. Memory is reserved up front: recording allocates nothing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/model/trainer.h"

namespace unroll {

class BlockHistory {
 public:
  static constexpr size_t capacity = 256;  ///< steps that are kept at most
  static constexpr size_t numbers = 3;  ///< of a block at a step: norm of the weights, of the gradient, ratio

  /// Empty, for this trainer's model. Its first stride: so many steps that measuring one of them costs next to
  /// nothing beside training them all (8 for 16 sequences of 64 characters).
  explicit BlockHistory(const Trainer&);

  /// To be called after every step of the same trainer. One that diverged is not recorded.
  void record(const Trainer&);

  int64_t stride() const { return stride_; }
  std::span<const int64_t> steps() const { return steps_; }  ///< increasing, P of them
  /// (P, blocks, 3) in the order of Model::blocks().
  std::span<const float> values() const { return values_; }

 private:
  bool is_due(int64_t step) const;
  void thin();

  size_t row_;  // numbers of one step
  int64_t stride_;
  std::vector<int64_t> steps_;
  std::vector<float> values_;
};

}  // namespace unroll
