// The front end's knowledge: the experiment as edited, the lanes with everything their events told, and the commands
// that follow. Draws nothing. Every number here comes from an event or is counted from the text.
//
// Edits and training: what is shown is what is learned, or the difference is said. Before the first step an edit
// takes effect by itself after a short rest; later it waits, changed() is true, and the learner restarts or undoes.
// The learning rate, clipping and how samples are drawn take effect at once.
//
// What comes from outside (an experiment, a checkpoint) is checked whole before anything that runs is touched. An
// experiment replaces what is there, and trained lanes that it replaces are kept, paused, until the learner has them
// back or lets them go: one such generation at most. A checkpoint adds a lane.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/document/experiment.h"
#include "engine/generators/generator.h"
#include "engine/lane/protocol.h"
#include "engine/model/intervention_set.h"
#include "engine/tasks/series_time.h"
#include "engine/text/text.h"
#include "web/platform/platform.h"
#include "web/session/edits.h"
#include "web/session/history.h"
#include "web/session/scores.h"
#include "web/session/text_counts.h"

namespace unroll {

struct Prediction {
  std::string prefix;
  int64_t step = -1;
  std::u32string unknown;            ///< characters of the prefix that the vocabulary lacks
  std::vector<float> probabilities;  ///< (V) by the lane's vocabulary; empty before the first answer
  bool intervened = false;
};

/// What the lanes are asked about: a text, or a held-out example of the task.
struct Probed {
  std::string text;
  int64_t example = -1;  ///< its number; −1: the text

  Json in(Json command) const;  ///< a command of protocol.h with the text or the example in it
  std::string key() const { return in(Json::object()).dump(); }  ///< another one for each
};

/// One column for each character of a text, or each time step of an example.
struct ProbeResult {
  std::string asked;  ///< Probed::key
  int64_t step = -1;
  std::u32string text, unknown;  ///< what was read, as symbols (web/toolkit/named_symbols.h)
  std::u32string
      right;  ///< what was to be said: of a text itself, 0 where nothing is asked; of numbers empty
  int top = 0;
  std::vector<float> loss;  ///< (N) as the head has it (engine/tasks/batch.h); NaN where nothing is asked
  std::vector<int32_t> top_ids;           ///< (N, top)
  std::vector<float> top_probs;           ///< (N, top)
  std::vector<float> said;                ///< (N, targets) numbers a lane says
  std::optional<std::u32string> written;  ///< of a translation: what the lane writes on its own
  int64_t version = 0;                    ///< another one for each answer, for caches of the picture
  bool intervened = false;

  double mean_loss() const;  ///< nats; NaN before the first answer
};

struct Continuation {
  std::string prefix, text;
  int64_t step = -1;
  std::u32string unknown;
  bool intervened = false;
};

/// What a lane wrote, cut where it began to write with clearly newer weights.
struct Paragraph {
  int64_t step;
  std::u32string text;
};

/// A question to a lane that is repeated while training: at most one is under way.
struct Inquiry {
  bool under_way = false;
  double asked_at = -1e9;
  int64_t id = 0;
  std::string asked;
  int64_t under = 0;  ///< the lane's interventions_version then
  double took = 0;    ///< seconds that the lane worked for the last answer
};

/// What a lane answered last to a question of its own kind (Session::ask).
struct Answer {
  std::string asked;           ///< the command as JSON; empty before the first answer
  Json header;                 ///< of the event
  std::vector<float> values;   ///< its payload
  int64_t step = -1;           ///< of the lane when it answered
  int64_t version = 0;         ///< another one for each answer, for caches of the picture
  double seconds = 0;          ///< from the question to the answer
  std::optional<Error> error;  ///< the lane refused; header and values are those of the answer before
};
struct Question {
  Inquiry inquiry;
  Answer answer;
};

/// What a lane learns that does not share the experiment's text and settings: one from a checkpoint.
struct OwnData {
  std::string file;        ///< where it came from
  uint64_t text_hash = 0;  ///< of its text and task
  double valid = 0;        ///< share held out of it
  TaskSpec task = {};      ///< what is learned of it
  TrainSpec train;
};

/// What a lane's network reads and says, as the lane told it.
struct LaneTask {
  std::string name = TaskSpec().name;
  bool reals = false;       ///< it reads numbers, `inputs` of them; else one of `inputs` symbols
  bool characters = false;  ///< both are the characters of a text
  Head head = Head::softmax;
  int inputs = 0, outputs = 0;
  bool numbers() const { return !shape().has_classes(); }  ///< it says such; else one of `outputs` classes
  bool strings() const {
    return head == Head::ctc;
  }  ///< labels without places are right; class 0 is the blank
  bool squared() const { return head == Head::linear; }  ///< losses are squared errors, which know no nats
  bool densities() const { return numbers() && !squared(); }         ///< losses are nats and may be below 0
  int targets() const { return numbers() ? shape().targets() : 1; }  ///< numbers that are right, of a row
  TaskShape shape() const { return {.outputs = outputs, .head = head}; }
  bool encoder = false, attention = false;  ///< as in TaskShape
  std::vector<std::string> input_names,
      output_names;  ///< of symbols and classes; empty where there are numbers
};

/// A held-out sequence of the task, as a lane told it.
struct ExampleView {
  struct Mark {
    bool needed = false;  ///< else it enters here
    size_t position = 0;
    std::string label;
  };
  int64_t number = -1;
  std::u32string inputs;     ///< as symbols
  std::vector<float> reals;  ///< (N, I) where the inputs are numbers
  std::u32string classes;  ///< right ones as symbols, 0 where nothing is asked; empty where they are numbers
  std::u32string labels;   ///< … where they are a string without places; then classes are all 0
  std::vector<float> values;  ///< (N, O) right numbers
  std::vector<float> scaled;  ///< … as the network is to say them, where those are told in `unit`
  std::optional<std::string>
      unit;  ///< what reals, values and ProbeResult::said are told in; none: they are unscaled
  std::vector<float> weights;  ///< (N) of the losses
  size_t turn = 0;             ///< of a translation: so many inputs are the source, then comes a sign; else 0
  std::vector<Mark> marks;
  std::vector<std::string> columns;  ///< what they are called; empty: by their number
  int64_t version = 0;               ///< another one for each

  size_t size() const { return inputs.size(); }
  bool asks(size_t column) const { return column < weights.size() && weights[column] > 0; }
};

/// Values that follow each other in time, as a lane told them.
struct SeriesView {
  std::string title, quantity, unit, source;
  std::string before;  ///< what people call the value one step before: "yesterday's value"
  int64_t train = 0, first_origin = 0, steps = 0;  ///< as `series` in the protocol
  std::vector<double> seasons;
  TimeAxis axis;
  std::vector<float> values;  ///< NaN: missing
  int64_t version = 0;        ///< another one for each answer

  int64_t length() const { return static_cast<int64_t>(values.size()); }
};

struct LaneView {
  int colour = 0;  ///< index into Palette::lanes; stays with the lane
  std::unique_ptr<platform::LanePort> port;
  std::string isa;               ///< "wasm-relaxed", "avx512"…; empty before `ready`
  std::string fingerprint;       ///< of what it was configured with; empty: nothing yet
  LaneSpec applied;              ///< the spec in it
  std::optional<OwnData> own;    ///< it learns its own text or with its own settings, until it is restarted
  std::optional<Error> refused;  ///< why the last configure built nothing
  bool configured = false;       ///< the answer to the last configure has come
  LaneTask task;
  std::u32string vocabulary;  ///< of classes, as symbols; empty where it says numbers
  std::u32string inputs;      ///< … of what it reads; of a text the same
  int64_t parameters = 0, train_characters = 0, valid_characters = 0, steps_per_epoch = 0, valid_every = 0;
  int batch = 0, seq_length = 0;  ///< effective ones
  std::vector<std::string> notices;

  /// Its worker ended: why, and the step of the state that it can be revived from; -1: none, it begins anew.
  struct End {
    Error error;
    int64_t kept_step = -1;
  };
  std::optional<End> end;
  bool has_network() const { return configured && !end; }  ///< one that can be saved

  bool running = false, diverged = false;
  bool told = false;  ///< events of training came since the last `heard`
  int64_t step = 0;
  double rate = 0, epoch = 0, chars_per_second = 0;
  int64_t cores = 1;     ///< that work at its steps
  int64_t left_out = 0;  ///< sequences too short for what they should say, since it was configured
  double seconds = 0;    ///< spent in training
  double earlier_seconds =
      0;  ///< … of them before the lane was loaded from a file or revived, of which it knows nothing
  LossHistory history;
  ScoreHistory scores;
  std::vector<Paragraph> written;
  Prediction prediction;
  ProbeResult probe;
  Continuation continuation;
  Inquiry predict_inquiry, probe_inquiry, sample_inquiry;
  std::map<std::string, Question, std::less<>> questions;
  InterventionSet interventions;      ///< what the lane's answers are under
  InterventionSet accepted;           ///< the last of these that the lane did not refuse
  int64_t interventions_version = 0;  ///< counts changes of it
  ProbeResult uninfluenced;           ///< the last probe without interventions, while there are some
};

/// What needs no network, as a lane measured it on the same held-out part.
struct BaselineView {
  std::string name, about;
  double loss = 0;   ///< NaN: it has none
  double value = 0;  ///< by the measure of the score; NaN: it has none
  std::optional<ScoreLine> curve;
  std::string of = {};  ///< which further measure `value` is; empty: the score itself
};
struct BaselineViews {
  std::vector<BaselineView> all;
  bool on_valid = true;  ///< of a text: else on the training part
};

struct Problem {
  Error error;
  int count = 1;
  std::string
      about;  ///< "file", "lane": a newer problem about the same takes its place; empty: stays beside others
};

/// A checkpoint that was opened. A lane of its own, not yet among the others, reads it; where its text is another one
/// than theirs, the learner says what shall be done.
struct Arrival {
  std::string file;
  std::string example;  ///< id of the built-in text that the front end read for it; empty: there is none
  std::unique_ptr<LaneView> lane;
  Experiment experiment;  ///< the file's; its only lane is this one
  bool asks = false;      ///< it was read, and its text differs
};

/// A file of a whole experiment that was opened (engine/model/unroll_file.h), checked. Its lanes are not yet among the
/// others: each reads its checkpoint, and where one cannot, nothing changes.
struct Opening {
  struct Lane {
    std::vector<uint8_t> checkpoint;  ///< until it was sent; empty: it begins anew
    Json told;
    std::unique_ptr<LaneView> view = nullptr;
    std::optional<Experiment> document = {};  ///< of the checkpoint, once it was read
  };
  std::string file;
  Experiment experiment;                ///< with its text, as below
  std::string example;                  ///< id of the built-in text that this is
  std::optional<Experiment> learned{};  ///< where edits waited
  std::string learned_example{};
  std::vector<Lane> lanes;
  std::string record{};  ///< of what is kept (web/session/keeper.h); empty: a file
  bool older = false;    ///< … the generation before the newest, which is damaged
  size_t waits_for = 0;  ///< lanes that read
};

/// A whole experiment as a file, and what people are told of it.
struct SavedExperiment {
  std::vector<platform::Part> parts;
  uint64_t bytes = 0;
  std::string name;    ///< of the file
  std::string lanes;   ///< "RNN 256 and LSTM 128"
  int64_t step = 0;    ///< of the lane that is furthest
  double seconds = 0;  ///< of training, of the lane that has most
  std::string record;  ///< it was kept in before; empty: none
  /// The smoothed losses of the lane that is furthest, a few of them; empty: there are none.
  std::vector<float> curve;
};

class Session {
 public:
  Experiment wanted;  ///< what the panels edit; call edited() afterwards
  /// Id of the built-in text that wanted.data.text is; empty: it is the learner's own, or wanted.data.example names one that
  /// is generated.
  std::string example;
  std::vector<std::unique_ptr<LaneView>> lanes;  ///< one for each of wanted.lanes
  std::optional<BaselineViews> baselines;
  std::vector<Problem> problems;  ///< newest last; the learner dismisses them
  std::optional<Arrival> arrival;

  /// Whether an experiment could be learned: its text, and the memory that its lanes need. data.text holds the text, unless it
  /// is generated.
  static Status check(const Experiment&);
  /// Replaces everything with an experiment that was checked; `example_id` says which built-in text it has.
  void open(Experiment, std::string example_id);
  /// Adds the lane that a checkpoint holds, by and by: see Arrival. `name` is the file's. Where the file only names a
  /// built-in text that is not generated, `example_id` is that name and `text` the text; else both are empty.
  void open_checkpoint(std::string name, std::vector<uint8_t> file, std::string example_id, std::string text);
  /// The learner's word on an arrival that asks: the lane joins with its own text beside the others; or all go over
  /// to its text, the others from step 0.
  enum class Join { keep_mine, use_its_text };
  void join(Join);
  void turn_away() { arrival.reset(); }

  /// Opens a file of a whole experiment by and by; what is there is left once all its lanes have read theirs.
  void open_saved(Opening);
  bool opens() const { return opening_.has_value(); }
  /// Asks all lanes for their checkpoints; when all have come (or one could not be made), the file is taken, once.
  void gather();
  bool gathers() const { return gathering_.has_value(); }
  std::optional<Result<SavedExperiment>> take_gathered() { return std::exchange(gathered_, std::nullopt); }
  /// In which record of what is kept these lanes are; empty: none yet.
  std::string record() const { return ground_.record; }
  void set_record(std::string record) { ground_.record = std::move(record); }

  /// What undo brings back, now; and bringing it back. Lanes that have the same networks go on with them; those of the
  /// generation that was left come back with theirs, and a lane that was removed last.
  Document document() const;
  void show(const Document&);
  int64_t generation() const { return ground_.generation; }  ///< another number for other lanes
  uint64_t data_hash() const { return ground_.text_hash; }   ///< of the data that are shown

  /// What the learner left and can have back: "RNN 256 and LSTM 128 at step 1200"; empty: nothing.
  const std::string& left() const { return left_name_; }
  bool offers_left() const;  ///< … and that it can is still said
  void come_back();          ///< exchanges what is there for what was left
  void let_go();             ///< ends the lanes that were left

  /// Takes events and keeps inquiries and delayed edits going; call every frame. True when something arrived.
  bool update();
  /// Seconds until a frame is needed though nothing happens: an edit to apply, an inquiry to send. Negative: none.
  double next_due() const;

  void data_edited();  ///< wanted.data changed
  void text_edited();  ///< the learner changed wanted.data.text: it is no built-in one any more
  void edited();       ///< anything else that needs a restart changed
  const TextCounts& text_counts() const { return ground_.counts; }
  bool changed() const;                                           ///< shown and learned differ
  bool data_changed() const;                                      ///< … in the task or its data
  bool is_text() const { return learns_text(wanted.data.task); }  ///< a text is learned
  bool reads_text() const;  ///< … or what the task generates: the lanes read and write characters
  /// What makes the text where it never ends; null: it is given, or the task is another one.
  const Generator* generator() const { return generator_of(wanted.data); }
  /// Id of the built-in text, generated or not; empty: there is none.
  const std::string& built_in() const { return wanted.data.example.empty() ? example : wanted.data.example; }
  bool lane_changed(size_t lane) const;
  void apply();
  void undo_changes();

  bool running() const;  ///< some lane trains
  bool trained() const;  ///< some lane has made a step
  int64_t step() const;  ///< of the lane that is furthest
  void train();
  void pause();
  void step_once();
  /// Its loss is infinite, or no better than twice a uniform guess: nothing that it learned is left.
  static bool lost(const LaneView&);
  /// Its held-out loss rises while that of training falls, and its data come again, so that they can be learned by heart.
  static bool memorises(const LaneView&);
  bool done() const;  ///< every lane is at the step where the experiment ends
  void rescue();      ///< lost lanes go back to their last good step and train on at half the rate
  void catch_up();    ///< lanes that are behind train on to the step of the one that is furthest
  void reset();
  void new_seed();

  /// What people call the lanes, each another way: a lane's own name, else cell and size of what runs in it (not of an
  /// edit that waits); equal ones are numbered, "LSTM 128 (2)".
  std::vector<std::string> lane_names() const;
  std::string lane_name(size_t lane) const { return lane_names()[lane]; }
  void add_lane(LaneSpec);
  void remove_lane(size_t lane);
  /// What goes in and out of the lanes; nothing until the text is counted, or a lane has told it.
  std::optional<TaskShape> shape() const;
  /// A lane of such a size that it has as nearly as possible as many parameters as lane `other`; as it is until the shape is
  /// known.
  LaneSpec matched(LaneSpec, size_t other) const;
  void match_parameters(
      size_t lane);  ///< sets the hidden size so that it has as many parameters as the first other lane
  void save_lane(size_t lane);  ///< its checkpoint becomes a file
  void save_onnx(size_t lane);  ///< … the network for other programs
  void revive(size_t lane);     ///< one that ended; it trains on when the others do

  void tune();                ///< rates or clip in `wanted` changed
  void set_writing(bool on);  ///< continuous samples, drawn as wanted.view says
  void ask_predictions(const std::string& prefix);
  void ask_probes(const Probed&);
  /// Held-out example of the task, as far as it was told; asks for it otherwise.
  const ExampleView* ask_example(int64_t number);
  const ExampleView* example_told(int64_t number) const;  ///< null: not yet
  /// The task's series, as far as it was told; asks for it otherwise. Of another task null.
  const SeriesView* ask_series();
  const SeriesView* series_told() const { return series_ ? &*series_ : nullptr; }
  void ask_continuations(const std::string& prefix, int length);
  /// Asks a lane again whenever the command is another one than before or the lane has trained on; `name` tells
  /// questions of the same lane apart, and `command` is one of protocol.h with an id, which is put in. To be called in
  /// every frame that shows the answer, which is the last one that came. While the lane trains it is asked at most
  /// every `period` seconds.
  const Answer& ask(size_t lane, std::string_view name, Json command, double period = inquiry_period);
  /// Asks once, now; the answer is found under `name`.
  void order(size_t lane, std::string_view name, Json command);
  /// What a lane answered under that name; empty when nothing was asked.
  const Answer& answer(size_t lane, std::string_view name) const;
  bool waits(size_t lane, std::string_view name) const;  ///< a question of that name is under way
  /// From now on the lane's predictions, probes and texts are under these.
  void intervene(size_t lane, InterventionSet);
  void report(Error error, std::string about = "");
  void settle(std::string_view about);  ///< what was reported about it is over

  static constexpr size_t most_problems = 8;
  static constexpr double left_said = 30, left_kept = 600;  ///< seconds
  static constexpr int top = 5;                             ///< candidates per character of a probe
  static constexpr double inquiry_period = 0.35;            ///< seconds between two answers while training

 private:
  /// Whether an inquiry should be sent now; if so, notes that it was.
  bool due(const LaneView&, Inquiry&, const std::string& asked, int64_t answered_step,
           double period = inquiry_period);
  void send(LaneView&, Json header, std::vector<uint8_t> payload = {});
  void configure(size_t lane);
  void run(LaneView&);
  void start_writing(LaneView&);
  void receive(LaneView&, const std::vector<uint8_t>& bytes);
  void receive_arrival(const std::vector<uint8_t>& bytes);
  void receive_opening(size_t lane, const std::vector<uint8_t>& bytes);
  void refuse_opening(size_t lane, const Error&);
  void finish_opening();
  void take_loaded(LaneView&, const Experiment& document, const LaneSpec& shown, const Json& told,
                   const std::string& file);
  void on_checkpoint(LaneView&, Message);
  /// A lane that ended (id −1) or refused will give no checkpoint. False: it was not asked for one with this id.
  bool refuse_gathered(const LaneView&, int64_t id, Error);
  bool gathers_these() const;  ///< the lanes are those that were asked
  void pack();
  void insert_lane(size_t at, LaneSpec);
  void take_in(const Experiment&, const OwnData*);  ///< the arrival's lane joins the others
  void on_configured(LaneView&, const Message&);
  void ask_baselines(LaneView&);
  void on_ended(LaneView&, const Json&);
  void on_revived(LaneView&, const Json&);
  void on_metrics(LaneView&, const Message&);
  void on_state(LaneView&, const Json&);
  void on_written(LaneView&, const Json&);
  void on_probe(LaneView&, const Message&);
  void on_example(LaneView&, const Message&);
  void on_series(LaneView&, const Message&);
  void forget_told();  ///< examples and series: others will come
  void on_answer(LaneView&, const Message&);
  void on_error(LaneView&, const Json&);
  int free_colour() const;  ///< the lowest that no lane has
  std::unique_ptr<LaneView> open_lane();
  std::string fingerprint(size_t lane) const;
  void take_data();        ///< notes what wanted.data is
  bool fits(size_t lane);  ///< else says why the lane cannot be trained
  void leave();            ///< keeps the lanes where they were trained; there are none afterwards
  void renew();            ///< leaves the lanes, for others of the same colours
  void renew_same();       ///< the same where the experiment stays: nothing is said of it
  std::string name_of(const LaneView&) const;
  bool poll(double until);  ///< takes events; true when some came

  /// Everything that belongs to one generation of lanes, beside what is public.
  struct Ground {
    Experiment applied;  ///< data and training settings of the last configure
    std::string applied_example;
    TextCounts counts;
    uint64_t text_hash = 0, applied_hash = 0, baselines_of = 0;
    int64_t generation = 0;
    std::string record;
  };
  struct Left {
    Ground ground;
    Experiment wanted;
    std::string example;
    std::vector<std::unique_ptr<LaneView>> lanes;
    std::optional<BaselineViews> baselines;
  };
  Ground ground_;
  std::map<int64_t, ExampleView> told_;  ///< examples of the task that runs, by number
  Inquiry example_inquiry_, series_inquiry_;
  std::optional<SeriesView> series_;
  std::optional<Left> left_;
  std::optional<Opening> opening_;
  /// The lane that was removed last, for undo: it was trained.
  struct Removed {
    LaneSpec spec;
    std::unique_ptr<LaneView> lane;
    double at;
  };
  std::optional<Removed> removed_;
  /// Checkpoints that come in.
  struct Gathering {
    struct Lane {
      const LaneView* lane;
      int64_t id;  ///< of the command; 0: it has none, or it has come
      int64_t step = 0;
      uint32_t crc = 0;
      platform::Held file = nullptr;
      std::string told = {};
    };
    std::vector<Lane> lanes;
    double began = 0;
  };
  std::optional<Gathering> gathering_;
  std::optional<Result<SavedExperiment>> gathered_;
  std::set<int64_t> lane_files_;  // commands `save` whose answers the learner gets
  std::string left_name_;
  double left_at_ = -1e9;
  double apply_at_ = -1;    ///< time of the delayed apply; negative: none
  double now_ = 0;          ///< when this frame began
  double round_at_ = -1;    ///< the frame in which questions were asked again last
  double inquiry_in_ = -1;  ///< seconds until a panel's inquiry is due; negative: none waits
  bool writing_ = false;
  std::array<double, 3> sampling_sent_{-1, -1, -1};  // temperature, top_k, top_p
  int64_t next_id_ = 1, baselines_id_ = 0, generations_ = 0;
  int64_t sample_seed_ = 1;
};

/// What a lane is built from, as a text: another one asks for a restart. Of `learned` its file is not read.
std::string fingerprint_of(const LaneSpec&, const OwnData& learned);

/// But for what is tuned while a lane runs: learning rate and clipping.
bool same_but_rates(TrainSpec, const TrainSpec&);
/// Cell and size of a lane for people: "LSTM 128", "GRU 2×64".
std::string cell_and_size(const LaneSpec&);

}  // namespace unroll
