// From the options of `train` to a trainer: read, checked, and with a text.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/model/trainer.h"
#include "web/cli/experiment_flags.h"

namespace unroll::cli {

constexpr int64_t default_steps = 1000;

struct TrainOptions {
  std::string text, experiment, resume, out, log, isa;
  std::string task, data;             ///< a task's name, and a file of data of one's own for it
  std::vector<std::string> settings;  ///< of the task: "length=200"
  int lane = 0;
  double epochs = 0;
  double save_every = 60;  ///< seconds between two savings to `out`; 0: only at the end
  int threads = 0;         ///< at most; 0: all processors
  bool json = false;
};

/// What --text, --task, --experiment and the flags ask for, or what --resume goes on with. Before anything is read: that no
/// file has two roles.
Result<std::unique_ptr<Trainer>> make_trainer(const TrainOptions&, const ExperimentFlags&);

}  // namespace unroll::cli
