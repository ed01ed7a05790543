// The trainer of one lane: one optimizer step at a time on the batches that a task gives, with truncated BPTT where these
// carry state on. Knows no thread and no clock: whoever owns it decides when to call step(). Deterministic: same
// experiment, same lane, same instruction set → same weights. After the first step nothing is allocated.
#pragma once

#include <memory>
#include <vector>

#include "engine/document/experiment.h"
#include "engine/model/model.h"
#include "engine/model/network.h"
#include "engine/model/optimizer.h"
#include "engine/model/step_part.h"
#include "engine/tasks/task.h"
#include "engine/tasks/text_task.h"
#include "engine/text/text.h"

namespace unroll {

struct StepResult {
  int64_t step = 0;        ///< number of steps done, this one included (not counting one that diverged)
  double loss = 0;         ///< mean loss of the step's batch, before the update
  double grad_norm = 0;    ///< global gradient norm before clipping
  double rate = 0;         ///< learning rate that was used
  double clip_factor = 1;  ///< by which clipping multiplied the gradient
  bool diverged = false;   ///< loss, gradient or new weights were not finite: the last good weights are back
  int left_out = 0;        ///< of the batch's sequences: Head::ctc has no path for them
  /// Where the first number stopped being finite, for people: "equation c of layer 1". Empty where all of the cells were.
  std::string not_finite = {};
};

class Trainer {
 public:
  /// Errors: those of check_size(). The task is the experiment's (create_task).
  static Result<std::unique_ptr<Trainer>> create(const Experiment&, int lane, std::shared_ptr<const Task>);
  /// Of language modelling, on a text that is there already.
  static Result<std::unique_ptr<Trainer>> create(const Experiment&, int lane, std::shared_ptr<const Corpus>);
  /// Bytes; wasm has 2 GiB in all.
  static constexpr uint64_t memory_limit = uint64_t{sizeof(void*) == 4 ? 3 : 8} << 29;

  /// One optimizer step on the next batch. When the loss, the gradient or the weights after it are not finite (or have
  /// a norm above 1e18), the trainer has
  /// diverged: the weights go back to the last good ones (at most 8 steps older than the last ones that gave
  /// a loss of at most about twice what knowing nothing costs), the optimizer's moments to zero, and further calls only report
  /// it, until set_rate or set_clip lets training go on from there.
  StepResult step();

  /// step() in three parts, for whoever must be able to save while a long one runs: run_pass() takes nearly all of the
  /// time and changes nothing that snapshot(), the parameters or experiment() tell; they may meanwhile be read from
  /// another thread, and are those of before the step until end_step().
  void begin_step();
  void run_pass();
  StepResult end_step();

  /// In place of run_pass() where others help (step_part.h): cuts the step into at most so many parts, of which each must be
  /// computed here, or elsewhere with the same weights, until end_step(). Fewer than two: nothing to share, and run_pass()
  /// it is. The weights are the same to the last bit.
  int cut_step(int workers);
  PartInput part(int number) const;
  void run_part(int number);
  PartOutput& output(int number) { return outputs_[static_cast<size_t>(number)]; }  ///< to be filled
  /// As if begin_step() had not been called.
  void leave_step();
  bool in_step() const { return in_step_; }

  /// Who shares the work from the next step on; null: nobody. The weights are the same to the last bit.
  void set_team(std::shared_ptr<Team> team) { model_.set_team(std::move(team)); }
  /// Back to the last good weights (see step()) and to the step that they are of, with the state carried into it and
  /// the optimizer's moments at zero; ends divergence. For a loss that has left all sense without being infinite.
  void rewind();
  int64_t steps_done() const { return steps_done_; }
  double epochs_done() const;  ///< 0 where nothing comes again
  bool diverged() const { return diverged_; }
  /// What the last step() of this object returned; of step 0 before the first.
  const StepResult& last_step() const { return last_; }
  /// What it left behind, for step_record.h.
  const Workspace& workspace() const { return *workspace_; }
  const Batch& batch() const { return batch_; }                        ///< of the last step
  std::span<const int32_t> inputs() const { return batch_.symbols; }   ///< (T, B) of it, of a text
  std::span<const int32_t> targets() const { return batch_.classes; }  ///< likewise
  const Optimizer& optimizer() const { return optimizer_; }
  const Task& task() const { return *task_; }
  const std::shared_ptr<const Task>& shared_task() const { return task_; }
  Model& model() { return model_; }
  const Model& model() const { return model_; }
  const Corpus& corpus() const { return *task_->corpus(); }  ///< of a text
  const Experiment& experiment() const { return experiment_; }
  int lane_index() const { return lane_; }
  const LaneSpec& lane() const { return experiment_.lanes[static_cast<size_t>(lane_)]; }

  /// The full learning rate of this lane: its own, or the experiment's. The schedule is applied to it.
  double rate() const;
  double clip() const { return experiment_.train.clip; }
  /// Takes effect at the next step; recorded in experiment() (set_rate as the lane's own rate, but 0 as the
  /// training's). End
  /// divergence.
  void set_rate(double rate);
  void set_clip(double clip);

  /// Everything that resuming needs beside the parameters and the experiment (engine/model/checkpoint.h stores it).
  /// To resume: create() from the same experiment and corpus, copy the parameters into model().parameters(),
  /// call model().parameters_changed(), restore(). Training then goes on bit for bit as if it had not
  /// stopped.
  struct Snapshot {
    int64_t steps_done = 0;      ///< steps of this lane; also its place in the streams
    Optimizer::State optimizer;  ///< moments, as long as the parameters (see optimizer.h for which are used)
    RecurrentState state;        ///< what is carried, before the next step
    Random::State dropout{};     ///< of the dropout masks
  };
  Snapshot snapshot() const;
  /// The parts of the snapshot that are large, where they are: valid until the trainer changes.
  const Optimizer::State& optimizer_state() const { return optimizer_.state(); }
  const RecurrentState& carried_state() const { return in_step_ ? start_ : state_; }
  Random::State dropout_state() const { return in_step_ ? dropout_start_ : dropout_.state(); }
  /// Errors when the sizes do not fit this lane; nothing is changed then.
  Status restore(const Snapshot&);

 private:
  Trainer(const Experiment&, int lane, std::shared_ptr<const Task>, Model);
  void join_parts();

  Experiment experiment_;  // with the current rate and clip
  int lane_ = 0;
  std::shared_ptr<const Task> task_;
  Model model_;
  Optimizer optimizer_;
  Random dropout_;
  std::unique_ptr<Workspace> workspace_;
  RecurrentState state_;
  Batch batch_;
  int64_t steps_done_ = 0;
  bool diverged_ = false;
  bool in_step_ = false;  // between begin_step and end_step
  double loss_ = 0;       // of the pass that was run
  Random::State dropout_start_{};
  std::vector<Shards> parts_;  // of the step; or none
  std::vector<PartOutput> outputs_;
  std::vector<float> losses_;  // (T, B) of all parts
  StepResult last_;
  // The last good weights, and the state that was carried into the batch which they were good for.
  FloatArray good_parameters_;
  RecurrentState good_state_;
  int64_t good_steps_ = 0;  // steps done then
  RecurrentState start_;    // the state carried into the current batch
};

/// Mean loss of a text under a model, in pieces: TextScorer. Model and ids must outlive it; weights must not change while
/// it runs.
class Evaluator {
 public:
  static constexpr size_t warm_up = TextScorer::warm_up;

  Evaluator(const Model& model, std::span<const int32_t> ids)
      : network_(model), scorer_(ids, model.vocabulary()) {}
  bool advance(int characters) { return scorer_.advance(network_, characters); }  ///< true when done
  double loss() const { return scorer_.loss(); }  ///< nats per character, of what was predicted so far
  int64_t characters() const { return scorer_.characters(); }  ///< predicted so far

 private:
  ModelNetwork network_;
  TextScorer scorer_;
};

}  // namespace unroll
