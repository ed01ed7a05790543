// Checkpoints: a .safetensors file (engine/model/safetensors.h). Model tensors bear PyTorch's names and shapes, so
// torch loads them with load_state_dict; what training needs to go on exactly where it stopped rides along:
//   tensors   unroll.optimizer.first, unroll.optimizer.second (P): moments, where the optimizer has them
//             unroll.state.h and the cell's other states by their names, unroll.state.c (L, B, H): what is carried
//             before the next step; of a matrix (L, B, H · H / heads), column by column
//   metadata  format "pt" · unroll "1" · experiment (JSON, one lane: the saved one; with the text when the
//   experiment
//             holds it) · vocabulary (the symbols in order, UTF-8; of the task "text") · task (of every other: JSON with its
//             shape and what a prediction needs, Task::stored) · steps · optimizer_steps · dropout_random
// Files from outside are checked before use: every name, shape and number against the experiment.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/model/model.h"
#include "engine/model/safetensors.h"
#include "engine/model/trainer.h"
#include "engine/text/text.h"

namespace unroll {

std::vector<uint8_t> save_checkpoint(const Trainer&);
/// The same piece by piece, for little memory: copies neither weights nor moments, only the text (several times). False
/// as soon as the sink says so.
bool write_checkpoint(const Trainer&, const ByteSink&);
/// About the bytes of the file.
uint64_t checkpoint_bytes(const Trainer&);

/// A model to use (sample, eval, probe) and, when the file holds it, the state to resume from.
struct Checkpoint {
  Experiment experiment;  ///< one lane: the saved one
  Vocabulary vocabulary;  ///< of a task that reads characters; else empty
  Model model;
  std::optional<Trainer::Snapshot> training;   ///< empty when the file holds the model alone
  std::shared_ptr<const Task> task = nullptr;  ///< of every other than "text", which needs its text first
};
Result<Checkpoint> load_checkpoint(std::span<const uint8_t> bytes);

/// A trainer that goes on exactly where the file stopped. `corpus`, of the task "text" alone, is needed only for an experiment that names a
/// built-in text instead of holding its own; its vocabulary must be the file's. The caller may have changed the
/// learning rate, its schedule, clip and steps in checkpoint.experiment.train.
Result<std::unique_ptr<Trainer>> resume_training(const Checkpoint& checkpoint,
                                                 std::shared_ptr<const Corpus> corpus = nullptr);
/// The same with the task itself: the checkpoint's, or language modelling on the text that it was trained on.
Result<std::unique_ptr<Trainer>> resume_training(const Checkpoint& checkpoint,
                                                 std::shared_ptr<const Task> task);
Result<std::unique_ptr<Trainer>> resume_training(std::span<const uint8_t> bytes,
                                                 std::shared_ptr<const Corpus> corpus = nullptr);

}  // namespace unroll
