// Inside a lane; for engine/lane/*.cpp only. lane.cpp answers commands, work.cpp does what takes time, and the
// other files are the probes.
#pragma once

#include <chrono>
#include <deque>
#include <string>

#include "engine/lane/commands.h"
#include "engine/lane/company.h"
#include "engine/lane/lane.h"
#include "engine/lane/metrics.h"
#include "engine/model/intervention_set.h"
#include "engine/model/sampler.h"
#include "engine/model/trainer.h"
#include "engine/probes/block_history.h"
#include "engine/probes/layer_probe.h"
#include "engine/text/baselines.h"

namespace unroll {

struct Lane::Parts {
  using Clock = std::chrono::steady_clock;

  /// A text asked for with `sample`, written a piece per slice.
  struct SampleJob {
    command::Sample command;  ///< its prompt without the unknown characters
    std::u32string unknown;
    InterventionSet interventions;
    std::unique_ptr<Sampler> sampler;  ///< made when it is this job's turn
    size_t fed = 0;                    ///< characters of the prompt
    std::u32string text;
    double seconds = 0;  ///< that it took so far
  };
  struct BaselinesJob {
    int64_t id;
    std::unique_ptr<BaselineMeter> meter;  ///< of a given text; else null, and the task says all at once
  };
  /// Scores the running model on the held-out part, in pieces.
  struct Evaluation {
    ModelNetwork network;
    std::unique_ptr<Scorer> scorer;
  };
  /// A probe that takes time (probes*.cpp): done in pieces, at most a few milliseconds each where the model is
  /// not huge.
  struct ProbeJob {
    virtual ~ProbeJob() = default;
    virtual bool advance(const Parts&) = 0;  ///< one piece; true when done
    virtual void answer(const Parts&) = 0;   ///< emits the event
    /// Whether the weights must stay as they are meanwhile: then training waits for it.
    bool holds_weights = true;
    double seconds = 0;  ///< that it took so far
  };
  /// The continuous sample.
  struct Writer {
    bool on = false;
    SamplingOptions options;
    double rate = 0;                   ///< characters per second
    double credit = 0;                 ///< characters that are due
    Clock::time_point seen;            ///< until when credit was given
    std::unique_ptr<Sampler> sampler;  ///< null where the task has no characters
  };
  /// Everything that belongs to one configured model. Members that look at the trainer come after it.
  struct Session {
    std::unique_ptr<Trainer> trainer;
    bool running = false;
    std::optional<int64_t> until;
    SpeedMeter speed;
    Clock::time_point step_begin;               ///< of the step that is under way
    std::optional<BlockHistory> block_history;  ///< of the steps since configure or load
    MetricsBatch batch;
    int64_t left_out = 0;        ///< sequences since configure or load of which the loss could say nothing
    Clock::time_point reported;  ///< the last metrics event
    int64_t valid_every = 0;
    int64_t validated = 0;                           ///< the step of the last finished validation
    Clock::time_point validated_at;                  ///< … and when that was
    std::optional<std::pair<int64_t, Score>> valid;  ///< step and score of one that no event has told yet
    std::unique_ptr<Evaluation> evaluation;          ///< the one that runs; training waits for it
    Writer writer;
    InterventionSet interventions;       ///< those of the last `intervene`
    std::optional<int64_t> walk;         ///< the id of a `walk` whose step is still to be done
    std::vector<float> initial_weights;  ///< of step 0, when they were asked for
    std::deque<SampleJob> samples;
    std::deque<BaselinesJob> baselines;
    std::deque<std::unique_ptr<ProbeJob>> probes;
  };

  Send send;
  std::unique_ptr<Session> session;  ///< null before the first `configure` or `load`
  Company company;
  Clock::time_point work_begin;  ///< of what is answered next, or of its last piece
  double worked_before = 0;      ///< seconds of its pieces before
  std::optional<int> unheard;    ///< events of training since the last `heard`; empty: nobody says it

  // --- Commands, each answered at once or by work(): lane.cpp, interventions.cpp, probes*.cpp
  Status handle(command::Configure&);
  Status handle(command::Run&);
  Status handle(command::Pause&);
  Status handle(command::Step&);
  Status handle(command::Tune&);
  Status handle(command::Write&);
  Status handle(command::Heard&);
  Status handle(command::Rewind&);
  Status handle(command::Sample&);
  Status handle(command::Predict&);
  Status handle(command::Probe&);
  Status handle(command::Activations&);
  Status handle(command::Cell&);
  Status handle(command::Intervene&);
  Status handle(command::Flow&);
  Status handle(command::Horizon&);
  Status handle(command::Spectrum&);
  Status handle(command::Units&);
  Status handle(command::Blocks&);
  Status handle(command::BlockHistory&);
  Status handle(command::Weights&);
  Status handle(command::Walk&);
  Status handle(command::GradientCheck&);
  Status handle(command::Baselines&);
  Status handle(command::Example&);
  Status handle(command::Series&);
  Status handle(command::Forecast&);
  Status handle(command::Strokes&);
  Status handle(command::Save&);
  Status handle(command::Onnx&);
  Status handle(command::Load&);

  /// The work for an answer begins, or goes on after so many seconds of it.
  void begin_work(double before = 0);
  double worked() const;                                     ///< seconds for it so far
  OrderedObject answer(const char* type, int64_t id) const;  ///< the beginning of most: type, id, step, took
  void emit(const OrderedObject& header, std::span<const uint8_t> payload = {}) const;
  void send_state(const char* reason = nullptr, const std::string& message = {}) const;
  void begin(std::unique_ptr<Trainer> trainer, int lane, bool loaded);
  /// Room for so many copies of the parameters, while a command makes a file of them.
  Status check_file_room(const char* command, size_t copies) const;
  std::string file_name(const char* extension) const;  ///< "unroll-lstm-128-step-300.safetensors"

  // --- What commands have in common
  Status check_layer(int layer) const;  ///< an error when the model has no such layer
  /// An equation of this cell; else an error at `where`.
  Result<CellRow> activation_row(const std::string& name, const std::string& where) const;
  /// What a probe reads: a text's known characters, or a held-out sequence.
  struct Reading {
    Vocabulary::Encoded text;
    std::optional<int64_t> example;
    Batch sequence;  ///< of one; of a text symbols alone
    Example shown;   ///< … of an example, but for its batch
    size_t size() const { return static_cast<size_t>(sequence.seq_length); }
    /// "characters that the model knows", or "time steps".
    const char* units() const { return example ? "time steps" : "characters that the model knows"; }
  };
  Result<Reading> reading(const std::u32string& text, std::optional<int64_t> example) const;
  /// Says which it was in an answer.
  void add_reading(OrderedObject&, const Reading&) const;
  /// An error where the task has no characters, for commands that need them.
  Status check_characters() const;
  struct SomeText {
    std::vector<int32_t> ids;  ///< 2 or more
    const char* source;        ///< "text", "valid" or "train"
  };
  /// A text that was given, without unknown characters; else the beginning, at most so long, of the validation
  /// part, or of the training part where there is none.
  Result<SomeText> some_text(const std::optional<std::u32string>& given, size_t most) const;
  void send_error(std::string_view command, const Json& id, const Error&) const;  ///< id null: it has none

  // --- work.cpp: slices
  // ----------------------------------------------------------------------------------------
  bool work(bool may_train);
  void start(std::optional<int64_t> until);
  void stop(const char* reason, const std::string& message = {});
  void train_until(Clock::time_point deadline);
  bool train_one_step();  ///< false: helpers are still at it
  void leave_step();
  void validate_until(Clock::time_point deadline);
  void sample_until(Clock::time_point deadline);
  void measure_baselines_until(Clock::time_point deadline);
  void probe_until(Clock::time_point deadline);
  void write_due();
  bool may_tell() const;  ///< whether what was told last was heard
  void emit_of_training(const OrderedObject& header, std::span<const uint8_t> payload = {});
  void report();
  void send_walk(const StepResult&);
  bool wants_validation() const;
  void start_validation();

  const Model& model() const { return session->trainer->model(); }
  const Task& task() const { return session->trainer->task(); }
  const Vocabulary& vocabulary() const { return *task().characters(); }  ///< where there are characters
};

}  // namespace unroll
