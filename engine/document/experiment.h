// The experiment: one JSON document from which everything can be rebuilt. The page keeps it in the URL hash,
// a checkpoint carries it, the command line reads it. The structs below are its schema, field for field under
// the same names; the table in experiment_fields.cpp says range, choices and one line of help for each;
// experiment.cpp is its only validator. Every field but "unroll": 1 may be missing and then has the default
// written here; unknown fields are errors. An error gives the field's path, what was found and what is
// allowed. Uses engine/base, and of engine/cells what reads equations.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/number.h"
#include "engine/base/result.h"
#include "engine/cells/graph.h"
#include "engine/tasks/batch.h"
#include "engine/tasks/kinds.h"

namespace unroll {

enum class Nonlinearity { tanh, relu };  ///< of the rnn cell only
enum class Init { uniform, orthogonal };
enum class OptimizerKind { sgd, rmsprop, adam, adamw };
enum class Schedule { constant, cosine };

/// JSON names of the enumerations ("tanh", "adamw", …).
const char* name(Nonlinearity);
const char* name(Init);
const char* name(OptimizerKind);
const char* name(Schedule);

struct DataSpec {
  std::string text;  ///< UTF-8, at most Limits::text_bytes
  /// Instead of `text`: the id of a built-in one. The engine makes those that are generated (engine/generators); of the
  /// others the front end reads the file.
  std::string example;
  double valid = 0.1;  ///< share of the text, at its end, held out for validation
  TaskSpec task = {};  ///< what is learned from it

  bool operator==(const DataSpec&) const = default;
};

struct TrainSpec {
  int batch = 16;
  int seq_length = 64;
  OptimizerKind optimizer = OptimizerKind::adam;
  double rate = 0.003;        ///< learning rate
  double momentum = 0.9;      ///< sgd only
  double beta1 = 0.9;         ///< adam, adamw
  double beta2 = 0.999;       ///< adam, adamw; rmsprop's alpha is 0.99 as in PyTorch
  double weight_decay = 0.0;  ///< adamw: decoupled; else added to the gradient
  double clip = 1.0;          ///< global gradient norm; 0 = no clipping
  Schedule schedule = Schedule::constant;
  int64_t warmup = 0;  ///< steps of linear warm-up before the schedule
  int64_t steps = 0;   ///< 0 = no end. The cosine schedule needs it (the rate falls to 0 at `steps`)
  uint64_t seed = 1;   ///< at most 2^53, so that JSON readers keep it exact

  bool operator==(const TrainSpec&) const = default;
};

/// A cell of one's own: its equations in the language of engine/cells/language.h. JSON has the text alone, for the name
/// stands in it.
struct CellSpec {
  std::string name;
  std::string text;

  bool operator==(const CellSpec&) const = default;
};

struct LaneSpec {
  std::string cell =
      "lstm";        ///< by name: one that ships (engine/cells/shipped.h), or one of Experiment::cells
  int hidden = 128;  ///< hidden_size
  int layers = 1;
  int embedding = 0;     ///< 0 = one-hot input, that is rows of W_ih
  double dropout = 0.0;  ///< between layers as torch.nn does it, so with one layer it has no effect
  Nonlinearity nonlinearity = Nonlinearity::tanh;  ///< rnn only
  Init init = Init::uniform;
  /// The initial forget bias of shipped cells whose file has `init f.bias = 1` (b_ih; b_hh's part is 0). Empty, "torch"
  /// in JSON: as PyTorch draws it.
  std::optional<double> forget_bias = 1.0;
  /// Chrono initialisation (engine/cells/memory_gates.h) with this span in characters, instead of what the cell's text says of
  /// the biases of these gates; 0 = without. Cells without such gates cannot have it.
  int chrono = 0;
  double rate = 0.0;      ///< this lane's own learning rate; 0 = train.rate
  std::string name = {};  ///< for people; empty = its cell and size
  /// Of a cell of one's own its text, as in Experiment::cells, so that a lane alone says what its model computes; empty of
  /// one that ships. No field of JSON: parse_experiment and set_cell fill it in, validate checks it.
  std::string equations = {};

  bool operator==(const LaneSpec&) const = default;
};

struct ViewSpec {
  std::string theme = "auto";  ///< auto, light, dark
  /// Panels: the bar "header", views by the names of engine/document/views.h, and "inside" for all views of that room.
  std::vector<std::string> show;  ///< these alone; empty = all
  std::vector<std::string> hide;  ///< not these
  std::vector<std::string> lock;  ///< these are shown and cannot be changed
  /// What is open: learn, a view of the room `inside` (engine/document/views.h), timeline; where the window is too small
  /// for all at once also predict, text, lanes.
  std::string tab = "learn";
  /// Tracks of the timeline from top to bottom: surprise, guesses, saliency, flow and equations of the cells by their names;
  /// lanes that have none of that name do without.
  std::vector<std::string> tracks = {"surprise", "guesses"};
  std::string probe;           ///< text of the timeline; empty = a part of the validation text
  std::string prefix;          ///< text of the predict panel
  std::string units = "nats";  ///< nats or bits
  bool log = false;            ///< logarithmic loss axis
  bool autoplay = false;       ///< start training at once
  double temperature = 0.8;    ///< of the samples; 0 = the most probable character always
  int top_k = 0;               ///< samples are drawn from that many likeliest characters; 0 = all
  double top_p = 1;            ///< and from as few likeliest ones as hold this probability; 1 = all
  double neatness = 1;         ///< of what a pen writes: the bias of its points (engine/base/mixture.h)
  std::string keep = "auto";  ///< whether the browser keeps what is learned for the next visit: auto, on, off
  std::string lesson;         ///< the lesson that is open, by its name in examples/lessons; empty: none
  int lesson_step = 1;        ///< which step of it, from 1
  /// What a teacher took from the learner: next (to go on before a step is done), choose (other lessons, and closing this one),
  /// hints.
  std::vector<std::string> lesson_lock;

  bool operator==(const ViewSpec&) const = default;
};

struct Experiment {
  DataSpec data;  ///< valid: of the task "text" either `text` or `example`; of others no example, and a text
                  ///< only where the task takes data of one's own
  TrainSpec train;
  /// One's own, at most Limits::cells by different names; which lanes train is theirs to say.
  std::vector<CellSpec> cells;
  std::vector<LaneSpec> lanes;  ///< a valid experiment has 1 … Limits::lanes
  ViewSpec view;

  bool operator==(const Experiment&) const = default;
};

/// Whether a text is learned, one that is given (data.text) or named (data.example): the task "text".
bool learns_text(const TaskSpec&);

/// What the validator allows; stated once, shown in error messages and used as ranges by the front end.
struct Limits {
  static constexpr size_t text_bytes = 16u << 20;
  static constexpr int vocabulary = 20000;
  static constexpr int lanes = 8;
  static constexpr int cells = 8;  ///< of one's own; of each: CellLimits in engine/cells/language.h
  static constexpr int hidden = 2048;
  static constexpr int layers = 4;
  static constexpr int embedding = 1024;
  static constexpr int chrono_least = 3, chrono = 1'000'000;  ///< spans, where it is not 0
  static constexpr int batch = 256;
  static constexpr int seq_length = 1024;
  static constexpr int64_t parameters = 64'000'000;
  static constexpr Range seed{0, 9007199254740992.0, true};  ///< 2^53: what every JSON reader keeps exact
  // Of sampling (engine/model/sampler.h), at every door.
  static constexpr Range temperature{0, 5};
  static constexpr Range top_k{0, vocabulary, true};
  static constexpr Range top_p{0, 1};
  static constexpr Range neatness{0, 5};  // of a pen (engine/tasks/writing_task.h)
};

/// The page's defaults: an rnn and an lstm lane of about equal parameters on a text without end. `{"unroll": 1}` is this;
/// a document that names neither data nor lanes differs from it in what it says.
Experiment default_experiment();

Result<Experiment> parse_experiment(std::string_view json);

/// Only what is needed to rebuild: fields at their defaults are left out. For every valid experiment,
/// parse_experiment(to_json(e)) is e.
std::string to_json(const Experiment& experiment);

/// The same checks on a document built in code (flags, UI). parse_experiment calls it.
Status validate(const Experiment& experiment);

/// The text as one of the experiment's own cells: a new one, or in place of that of the same name, and in the lanes that
/// have it, which are then without chrono if it has no gates for that. Gives its name. Errors when the text is no cell, its
/// name is that of another that ships, or there are too many.
Result<std::string> set_cell(Experiment&, std::string text);

/// The cell of one's own of this name, or null.
const CellSpec* own_cell(const Experiment&, std::string_view name);

/// What a lane's cell is: its graph, always the same object for the same text. The lane is valid: its cell is known.
std::shared_ptr<const CellGraph> graph_of(const LaneSpec&);
/// What its weights start with: the graph's own lines, but for the lane's `init`, `forget_bias` and `chrono`.
std::vector<CellInit> inits_of(const LaneSpec&);
/// Whether these fields of the lane change anything.
bool has_nonlinearity(const LaneSpec&);
bool has_forget_bias(const LaneSpec&);
/// Whether the lane's cell has gates that chrono initialisation is for.
bool can_chrono(const LaneSpec&);

// --- The table of fields: what is parsed and checked is what the front end and the command line show
// ---------------

enum class FieldType { boolean, integer, real, text, choice, choices, cell, tracks };

struct Field {
  const char* section;  ///< "data", "train", "lanes", "view"
  const char* name;     ///< as in JSON: "seq_length"
  FieldType type;
  double minimum, maximum;  ///< numbers: the range, both ends allowed; texts: bytes
  std::span<const char* const>
      words;  ///< of a choice those allowed; of a cell those that ship; of forget_bias those beside the numbers
  const char* help;  ///< one line for people
};

/// All fields in the order of the structs above.
std::span<const Field> fields();
/// The entry of a field that exists, the same object as in fields(): field("train", "rate").
const Field& field(std::string_view section, std::string_view name);
/// What a field may hold, for messages and help: "1 to 2048", "rnn, lstm or gru".
std::string allowed(const Field&);
/// Of a field that holds numbers.
Range range(const Field&);
/// The default as text: "0.003", "adam".
std::string default_text(const Field&);
/// Sets one field from text, as a command-line flag gives it (numbers: read_number). `lane` counts for fields of "lanes" only.
Status set_field(Experiment&, const Field&, size_t lane, std::string_view text);

// --- Tasks, as the section above shows fields

/// A task's field as one of the document's, for allowed(), range() and messages.
Field as_field(const TaskField&);
std::string default_text(const TaskField&);
/// Makes it the experiment's task, with its defaults if it was another one. Errors name those that there are.
Status set_task(Experiment&, std::string_view name);
/// Sets one of the fields of the experiment's task from text, as set_field does.
Status set_task_field(Experiment&, std::string_view name, std::string_view text);

// --- Sizes
// ---------------------------------------------------------------------------------------------------------

/// Number of weights and biases of a lane's model, without building it; `vocabulary`: that of a text.
int64_t parameter_count(const LaneSpec& lane, const TaskShape& shape);
inline int64_t parameter_count(const LaneSpec& lane, int vocabulary) {
  return parameter_count(lane, language_shape(vocabulary));
}

/// The hidden size with which `lane` has as nearly as possible `parameters` parameters ("match parameters").
int matching_hidden(LaneSpec lane, const TaskShape& shape, int64_t parameters);
inline int matching_hidden(LaneSpec lane, int vocabulary, int64_t parameters) {
  return matching_hidden(std::move(lane), language_shape(vocabulary), parameters);
}

}  // namespace unroll
