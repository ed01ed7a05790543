#include "engine/probes/block_history.h"

#include <algorithm>
#include <bit>

#include "engine/probes/blocks.h"

namespace unroll {
namespace {

/// Characters trained on between two records, at least: measuring a parameter costs about as much as training
/// it on 50 characters.
constexpr int64_t characters_between = 8192;

int64_t first_stride(const Task& task) {
  const int64_t characters = int64_t{task.batch()} * task.seq_length();
  const int64_t steps = std::max<int64_t>(characters_between / std::max<int64_t>(characters, 1), 1);
  return static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(steps)));
}

}  // namespace

BlockHistory::BlockHistory(const Trainer& trainer)
    : row_(numbers * trainer.model().blocks().size()), stride_(first_stride(trainer.task())) {
  steps_.reserve(capacity);
  values_.reserve(capacity * row_);
}

bool BlockHistory::is_due(int64_t step) const {
  return step % stride_ == 0 || std::has_single_bit(static_cast<uint64_t>(step));
}

void BlockHistory::thin() {
  stride_ *= 2;
  size_t kept = 0;
  for (size_t i = 0; i < steps_.size(); ++i) {
    if (!is_due(steps_[i])) continue;
    steps_[kept] = steps_[i];
    std::copy_n(&values_[i * row_], row_, &values_[kept * row_]);
    ++kept;
  }
  steps_.resize(kept);
  values_.resize(kept * row_);
}

void BlockHistory::record(const Trainer& trainer) {
  const StepResult& last = trainer.last_step();
  if (last.step == 0 || last.diverged || !is_due(last.step)) return;
  if (steps_.size() == capacity) {
    thin();
    if (!is_due(last.step)) return;
  }
  steps_.push_back(last.step);
  for (const ParameterBlock& block : trainer.model().blocks()) {
    const BlockMeasure measure = measure_block(trainer, block);
    for (const double number : {measure.weight_norm, measure.gradient_norm, measure.ratio})
      values_.push_back(static_cast<float>(number));
  }
}

}  // namespace unroll
