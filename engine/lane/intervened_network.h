// The model under interventions as a task sees it, for batches of one. For engine/lane/*.cpp only.
#pragma once

#include "engine/model/double_model.h"
#include "engine/tasks/task.h"

namespace unroll {

class IntervenedNetwork final : public Network {
 public:
  IntervenedNetwork(DoubleModel& doubles, const TaskShape& shape)
      : doubles_(&doubles), classes_(shape.has_classes()) {}
  std::span<const float> read(const Batch& batch) override {
    if (batch.restart) doubles_->reset();
    outputs_.clear();
    for (size_t t = 0; t < static_cast<size_t>(batch.seq_length); ++t) {
      const std::vector<double>& logits = doubles_->read_row(batch, t);
      for (const double value : classes_ ? doubles_->probabilities() : logits)
        outputs_.push_back(static_cast<float>(value));
    }
    return outputs_;
  }

 private:
  DoubleModel* doubles_;
  bool classes_;
  std::vector<float> outputs_;
};

}  // namespace unroll
