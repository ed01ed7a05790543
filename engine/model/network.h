// A model as a task sees it: for scores, and for everything else that reads sequences without training.
#pragma once

#include <memory>

#include "engine/model/model.h"
#include "engine/tasks/task.h"

namespace unroll {

/// The model must outlive it. Allocates only where a batch has another B or a longer T than those before.
class ModelNetwork final : public Network {
 public:
  explicit ModelNetwork(const Model& model) : model_(&model) {}

  std::span<const float> read(const Batch&) override;
  std::span<const float> losses() const override;
  void repeat(int batch) override;
  const Workspace& workspace() const { return *workspace_; }  ///< of the last read()

 private:
  const Model* model_;
  std::unique_ptr<Workspace> workspace_;
  RecurrentState state_;
  bool has_losses_ = false;
};

}  // namespace unroll
