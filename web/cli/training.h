// A training that runs on the command line: told, logged, and saved however it ends.
#pragma once

#include <chrono>
#include <deque>
#include <limits>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/text/baselines.h"
#include "web/cli/console.h"
#include "web/cli/log_file.h"
#include "web/cli/output_file.h"
#include "web/cli/thread_choice.h"
#include "web/cli/train_setup.h"

namespace unroll::cli {

class Training {
 public:
  /// `out` and `log` may be empty.
  /// The trainer shares its work with the team, unless that is null.
  Training(const TrainOptions&, std::unique_ptr<Trainer>, std::shared_ptr<ThreadTeam> team,
           std::optional<OutputFile> out, std::unique_ptr<LogFile> log);

  /// What is to be trained, and what a loss means.
  void introduce();
  /// Trains to the end, or until it diverges, is told to stop (signals.h) or has no more memory: saves in any case, and
  /// before everything else that takes long. The exit code.
  int run();

 private:
  using Clock = std::chrono::steady_clock;
  using Json = nlohmann::ordered_json;
  using Lock = std::unique_lock<std::mutex>;

  void learn(Lock&);
  void step(Lock&);
  void validate(Lock&);
  int end();
  void take_over();
  std::vector<std::string> save();
  void save_on_the_way();
  std::vector<std::string> other_folders() const;
  void introduce_data();
  void measure_baselines();
  std::string shown_score(double value) const;
  std::string decided() const;
  void tell_losses();
  void tell_progress();
  void write_log(const Json& record);
  double train_loss() const;
  double characters_per_second() const;
  std::string speed() const;
  Json report() const;

  int64_t steps() const { return trainer_->experiment().train.steps; }
  int64_t done() const { return trainer_->steps_done(); }
  bool goes_on() const;

  const TrainOptions& options_;
  std::unique_ptr<Trainer> trainer_;
  ThreadChoice threads_;
  std::string not_finite_;  // of a step that diverged
  std::optional<OutputFile> out_;
  std::unique_ptr<LogFile> log_;
  int64_t first_step_;
  int64_t read_rows_ = 0;              // characters or time steps that were trained on
  int64_t left_out_ = 0;               // strings that no path could say
  Baselines baselines_;                // of a given text
  std::vector<Baseline> comparisons_;  // of every task
  ProgressLine progress_;
  std::deque<double> last_losses_;
  Clock::time_point started_ = Clock::now();
  Clock::time_point save_at_;       // when it is saved next on the way
  bool is_told_of_saving_ = false;  // that it failed, until it goes well again
  Clock::duration training_{};      // time in steps, without validation
  double valid_loss_ = std::numeric_limits<double>::quiet_NaN();
  Score score_;              // that it belongs to
  int64_t valid_step_ = -1;  // the step that it was measured at

  // Of everything here, but the pass of a step and the slices of a validation, which only read the model: while one
  // runs, the watcher (signals.h) may take over, save and end the program.
  std::mutex mutex_;
  std::unique_ptr<char[]> reserve_;  // memory that saving will need
  bool is_out_of_memory_ = false, is_saved_ = false, is_save_failed_ = false, has_ended_ = false;
  std::string saved_to_;
};

}  // namespace unroll::cli
