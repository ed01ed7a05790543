// The front end's knowledge: the experiment as edited, the lanes with everything their events told, and the commands
// that follow. Draws nothing. Every number here comes from an event or is counted from the text.
//
// Edits and training: what is shown is what is learned, or the difference is said. Before the first step an edit
// takes effect by itself after a short rest; later it waits, changed() is true, and the learner restarts or undoes.
// The learning rate, clipping and how samples are drawn take effect at once.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/document/experiment.h"
#include "engine/lane/protocol.h"
#include "engine/model/intervention_set.h"
#include "web/platform/platform.h"
#include "web/session/history.h"

namespace unroll {

struct Prediction {
  std::string prefix;
  int64_t step = -1;
  std::u32string unknown;            ///< characters of the prefix that the vocabulary lacks
  std::vector<float> probabilities;  ///< (V) by the lane's vocabulary; empty before the first answer
  bool intervened = false;
};

struct ProbeResult {
  std::string asked;  ///< the text as it was asked for
  int64_t step = -1;
  std::u32string text, unknown;
  int top = 0;
  std::vector<float> loss;       ///< (N) nats, NaN at 0
  std::vector<int32_t> top_ids;  ///< (N, top)
  std::vector<float> top_probs;  ///< (N, top)
  int64_t version = 0;           ///< another one for each answer, for caches of the picture
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

struct LaneView {
  int colour = 0;  ///< index into Palette::lanes; stays with the lane
  std::unique_ptr<platform::LanePort> port;
  std::string isa;          ///< "wasm-relaxed", "avx512"…; empty before `ready`
  std::string fingerprint;  ///< of what it was configured with; empty: nothing yet
  LaneSpec applied;         ///< the spec in it
  bool configured = false;  ///< the answer to the last configure has come
  std::u32string vocabulary;
  int64_t parameters = 0, train_characters = 0, valid_characters = 0, steps_per_epoch = 0, valid_every = 0;
  int batch = 0, seq_length = 0;  ///< effective ones
  std::vector<std::string> notices;

  /// Its worker ended: why, and the step of the state that it can be revived from; -1: none, it begins anew.
  struct End {
    Error error;
    int64_t kept_step = -1;
  };
  std::optional<End> end;

  bool running = false, diverged = false;
  int64_t step = 0;
  double rate = 0, epoch = 0, chars_per_second = 0, seconds = 0;
  LossHistory history;
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

/// The baselines of the text, as a lane measured them.
struct BaselineView {
  double uniform = 0, unigram = 0, bigram = 0, best = 0;
  int best_order = 0;
  bool on_valid = true;
};

struct Problem {
  Error error;
  int count = 1;
};

struct TextCounts {
  size_t characters = 0, symbols = 0, train = 0, valid = 0;
  std::optional<Error> error;  ///< why it cannot be learned
};

class Session {
 public:
  Experiment wanted;    ///< what the panels edit; call edited() afterwards
  std::string example;  ///< id of the built-in text that wanted.data.text is; empty: own text
  std::vector<std::unique_ptr<LaneView>> lanes;  ///< one for each of wanted.lanes
  std::optional<BaselineView> baselines;
  std::vector<Problem> problems;  ///< newest last; the learner dismisses them

  /// Replaces everything. data.text holds the text; `example_id` says which built-in one it is.
  void open(Experiment, std::string example_id);
  void open_checkpoint(std::vector<uint8_t> file);

  /// Takes events and keeps inquiries and delayed edits going; call every frame. True when something arrived.
  bool update();
  /// Seconds until a frame is needed though nothing happens: an edit to apply, an inquiry to send. Negative: none.
  double next_due() const;

  void text_edited();  ///< wanted.data changed
  void edited();       ///< anything else that needs a restart changed
  const TextCounts& text_counts() const { return counts_; }
  bool changed() const;       ///< shown and learned differ
  bool text_changed() const;  ///< … in the text
  bool lane_changed(size_t lane) const;
  void apply();
  void undo_changes();

  bool running() const;  ///< some lane trains
  bool trained() const;  ///< some lane has made a step
  int64_t step() const;  ///< of the lane that is furthest
  void train();
  void pause();
  void step_once();
  void catch_up();  ///< lanes that are behind train on to the step of the one that is furthest
  void reset();
  void new_seed();

  void add_lane(LaneSpec);
  void remove_lane(size_t lane);
  void match_parameters(
      size_t lane);  ///< sets the hidden size so that it has as many parameters as the first other lane
  void save_lane(size_t lane);
  void revive(size_t lane);  ///< one that ended; it trains on when the others do

  void tune();                ///< rates or clip in `wanted` changed
  void set_writing(bool on);  ///< continuous samples, drawn as wanted.view says
  void ask_predictions(const std::string& prefix);
  void ask_probes(const std::string& text);
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
  void report(Error error);

  static constexpr int top = 5;                   ///< candidates per character of a probe
  static constexpr double inquiry_period = 0.35;  ///< seconds between two answers while training

 private:
  /// Whether an inquiry should be sent now; if so, notes that it was.
  bool due(const LaneView&, Inquiry&, const std::string& asked, int64_t answered_step,
           double period = inquiry_period);
  void send(LaneView&, Json header, std::vector<uint8_t> payload = {});
  void configure(size_t lane);
  void start_writing(LaneView&);
  void receive(size_t lane, const std::vector<uint8_t>& bytes);
  void on_configured(size_t lane, const Message&);
  void on_ended(size_t lane, const Json&);
  void on_revived(LaneView&, const Json&);
  void on_metrics(LaneView&, const Message&);
  void on_state(size_t lane, const Json&);
  void on_written(LaneView&, const Json&);
  void on_probe(LaneView&, const Message&);
  void on_answer(LaneView&, const Message&);
  void on_error(LaneView&, const Json&);
  std::unique_ptr<LaneView> open_lane();
  std::string fingerprint(size_t lane) const;
  void count_text();

  Experiment applied_;  ///< data and training settings of the last configure
  std::string applied_example_;
  TextCounts counts_;
  uint64_t text_hash_ = 0, applied_hash_ = 0, baselines_of_ = 0;
  double apply_at_ = -1;    ///< time of the delayed apply; negative: none
  double now_ = 0;          ///< when this frame began
  double round_at_ = -1;    ///< the frame in which questions were asked again last
  double inquiry_in_ = -1;  ///< seconds until a panel's inquiry is due; negative: none waits
  bool writing_ = false;
  std::array<double, 3> sampling_sent_{-1, -1, -1};  // temperature, top_k, top_p
  int64_t next_id_ = 1, baselines_id_ = 0;
  int64_t sample_seed_ = 1;
};

/// Names lanes for people: "LSTM 128", "GRU 2×64".
std::string lane_name(const LaneSpec&);

}  // namespace unroll
