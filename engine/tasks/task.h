// A task: where sequences come from, how they become batches, how well a network does, and what it is compared with. Knows
// networks only by what they answer (Network below); training and free running go through the same forward pass.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/json.h"
#include "engine/base/random.h"
#include "engine/base/result.h"
#include "engine/tasks/batch.h"
#include "engine/tasks/kinds.h"

namespace unroll {

struct Experiment;
class Vocabulary;
struct Corpus;

/// A trained model as a task sees it.
class Network {
 public:
  virtual ~Network() = default;
  /// Reads a batch; with batch.restart from the states before anything, else on from where the last one ended (B must be
  /// the same then). Gives (T, B, O): probabilities of a softmax, else the numbers; valid until the next call. Rows past a
  /// sequence's length are unspecified. T and B may differ from call to call; targets and weights are not looked at and
  /// may be empty.
  virtual std::span<const float> read(const Batch&) = 0;
  /// The losses (T, B) of the last read(), where its batch had targets. Empty: this network does not tell, and
  /// row_loss says them.
  virtual std::span<const float> losses() const { return {}; }
  /// From now on there are `batch` sequences, each with the states of the one that was read so far. Whoever keeps no
  /// states need not know.
  virtual void repeat(int batch) { static_cast<void>(batch); }
};

/// The loss of one row of (rows, O) outputs (see Network::read) under the batch's targets. Of Head::ctc: of a last row.
double row_loss(const TaskShape&, const Batch&, std::span<const float> outputs, size_t row);

/// A line of numbers beside a score: accuracy against lag, error against horizon.
struct ScoreCurve {
  std::string name;               ///< "accuracy"
  std::string x;                  ///< "lag", "horizon"
  std::vector<double> at, value;  ///< of equal length; NaN: nothing was there to measure
};

struct Score {
  std::string name;  ///< as the source defines it: "MSE", "sequences right", "MAE"
  double value = 0;  ///< NaN: there was nothing to measure
  bool higher_is_better = false;
  std::string unit = {};  ///< "%" (value is 0 … 1), "passengers"; empty: none, or nats
  double loss = 0;        ///< mean loss over the same held-out rows
  int64_t count = 0;      ///< of what was judged: sequences, predictions
  std::vector<std::pair<std::string, double>> others = {};  ///< further measures by name, better or not
  std::vector<ScoreCurve> curves = {};
};

/// What needs no network, by the measure of Score::value (or of one of Score::others) on the same held-out part.
struct Baseline {
  std::string name;  ///< "memoryless", "last value", "naive Bayes, words"
  double value = 0;
  std::string about = {};                                  ///< one line: what it does
  double loss = std::numeric_limits<double>::quiet_NaN();  ///< as Score::loss; NaN: it has none
  std::optional<ScoreCurve> curve = std::nullopt;
  std::string of = {};  ///< which of Score::others `value` stands beside; empty: Score::value
};

/// Judges a network on the held-out part, in pieces, so that a lane can answer meanwhile.
class Scorer {
 public:
  virtual ~Scorer() = default;
  /// About so many rows (time steps of a sequence); true when done. What it gives does not depend on the pieces.
  virtual bool advance(Network&, int rows) = 0;
  virtual Score score() const = 0;  ///< when done
};

/// Where in a sequence something enters or is needed, so that views can draw the way between the two.
struct Mark {
  enum class Kind { enters, needed };
  Kind kind;
  int position;       ///< of the column
  std::string label;  ///< short: "first number", "the answer"
};

/// One sequence to look at: a batch of one, with the words for it.
struct Example {
  Batch batch;
  std::vector<Mark> marks;
  std::vector<std::string>
      columns;  ///< a label for each column where the input is real: "Jan 1949"; else empty
  /// Where the batch holds scaled numbers, what they mean, in `unit` (NaN: missing): what was read, and what is to be
  /// said, one number a column each; Task::meaning gives the same of answers. Empty: the numbers are meant themselves.
  std::vector<float> read, right;
  std::string unit = {};
};

class SeriesTask;
class TranslationTask;
class WritingTask;

class Task {
 public:
  virtual ~Task() = default;

  virtual const TaskKind& kind() const = 0;
  virtual TaskShape shape() const = 0;
  /// The largest T, and the B, of the batches that fill() gives.
  virtual int seq_length() const = 0;
  virtual int batch() const = 0;
  /// Training steps after which the same sequences come again; 0: never.
  virtual int64_t steps_per_epoch() const = 0;
  /// The batch of a training step, counted from 0: of the seed and the step alone. Allocates nothing once `batch` has its
  /// size.
  virtual void fill(int64_t step, Batch& batch) const = 0;

  /// On a held-out part that no training batch shows; null where there is none.
  virtual std::unique_ptr<Scorer> scorer() const = 0;
  /// About how many rows it reads, fewer than 2 where there is none; by this a lane decides how often to do it.
  virtual int64_t scored_rows() const = 0;
  virtual std::vector<Baseline> baselines() const = 0;
  /// Held-out sequence number `index` (any from 0).
  virtual Example example(int64_t index) const = 0;
  /// What the answers (T, O) to it mean, where it tells what its numbers mean.
  virtual std::vector<float> meaning(int64_t index, std::span<const float> answers) const {
    static_cast<void>(index);
    return {answers.begin(), answers.end()};
  }
  /// A sequence of one's own as a network reads it, with a label for each column; nothing is right or wrong in it. Only
  /// where the kind's looks have own_sequence, and the text has something to read.
  virtual std::optional<Example> own_example(std::string_view text) const {
    static_cast<void>(text);
    return std::nullopt;
  }

  /// Of symbol inputs and of classes: a name each, one character where it can be (a letter, "(", a digit), else a word.
  /// Empty where there are numbers.
  virtual std::vector<std::string> input_names() const = 0;
  virtual std::vector<std::string> output_names() const = 0;

  /// Where inputs and classes are the characters of a text, one and the same list: that list. Then texts can be read,
  /// and written by the network itself. Else null.
  virtual const Vocabulary* characters() const { return nullptr; }

  /// Of a given text, split into training and validation; else null.
  virtual const Corpus* corpus() const { return nullptr; }

  /// Where values follow each other in time: the series, of which forecasts can be asked (series_task.h); else null.
  virtual const SeriesTask* as_series() const { return nullptr; }

  /// Where a source is read and a target is written (translation_task.h); else null.
  virtual const TranslationTask* as_translation() const { return nullptr; }

  /// Where a pen writes what it is asked for (writing_task.h); else null.
  virtual const WritingTask* as_writing() const { return nullptr; }

  /// What a prediction needs beside the weights (vocabulary, mean and deviation), as a checkpoint stores it; a Task made
  /// with it (create_task) reads inputs exactly as this one does.
  virtual Json stored() const { return Json::object(); }
};

/// The task of a valid experiment whose text is resolved (data.text, or none where the task is generated). `stored`: from
/// a checkpoint, else null. Errors are about the data: what is wrong, in which line, what to do.
Result<std::shared_ptr<const Task>> create_task(const Experiment&, const Json& stored = nullptr);

// What the files of the tasks define (list.h).
#define UNROLL_TASK(name)            \
  extern const TaskKind name##_kind; \
  Result<std::shared_ptr<const Task>> create_##name(const Experiment&, const Json& stored);
#include "engine/tasks/list.h"
#undef UNROLL_TASK

// --- Tasks of separate sequences: generated ones, or lines of a file --------------------------------------------------

/// A sequence with its targets; the arrays are those of Batch with B = 1, `weights` of full length. Of Head::ctc `classes` are
/// its labels, as many as there are, and `weights` are empty.
struct Sequence {
  int length = 0;
  int turn = 0;  ///< where its source ends, as in Batch
  std::vector<int32_t> symbols;
  std::vector<float> reals;
  std::vector<int32_t> classes;
  std::vector<float> values;
  std::vector<float> weights;
  std::vector<Mark> marks;
  std::vector<std::string> columns;
};

/// The sequences as one batch, T the longest of them, or with sources the longest of these and of what follows together; what
/// is past an end or before a start is 0.
void gather_sequences(std::span<const Sequence>, const TaskShape&, Batch&);

/// What judging sequences adds up: a mean, and the same by lag where the task has one.
struct Tally {
  double sum = 0;
  int64_t count = 0;
  std::vector<double> lag_sum, lag_count;              ///< index: lag; both as long as the longest lag so far
  std::vector<std::pair<std::string, double>> others;  ///< sums, by name, divided by `count` at the end
  void add(double value, int lag = -1);
  void add_other(std::string_view name, double value);
};

/// Gives training batches of sequences that are drawn afresh, a scorer over `held_out` ones, and examples. A derived task
/// says how a sequence is drawn and judged.
class SequenceTask : public Task {
 public:
  int seq_length() const override { return longest_; }
  int batch() const override { return batch_; }
  int64_t steps_per_epoch() const override { return 0; }
  void fill(int64_t step, Batch&) const override;
  std::unique_ptr<Scorer> scorer() const override;
  int64_t scored_rows() const override { return held_out_ * longest_; }
  Example example(int64_t index) const override;

  /// Held-out sequence `index` of held_out().
  virtual Sequence held_out(int64_t index) const;
  int64_t held_out() const { return held_out_; }
  /// Training sequence `number`, from 0: the batch of step s has s·B … s·B + B − 1.
  Sequence training(int64_t number) const;

  /// What the tally's mean means.
  struct Measure {
    const char* name;
    bool higher_is_better;
    const char* unit;
    const char* curve = nullptr;  ///< of the mean by lag: "accuracy"; null: lags are not told
  };
  virtual Measure measure() const = 0;
  /// A sequence by the task's rules, at most `longest` long, into one that is empty but for room. Called with a generator
  /// of its own for each sequence, so that number k of a seed is the same everywhere. `weights` may stay empty: 1
  /// everywhere.
  virtual void draw(Random&, Sequence&) const = 0;
  /// A held-out sequence, where these differ from those of training: longer, or distorted more.
  virtual void draw_held_out(Random& random, Sequence& sequence) const { draw(random, sequence); }
  /// Compares (length, O) outputs with the targets, and adds one value or more to the tally.
  virtual void judge(const Sequence&, std::span<const float> outputs, Tally&) const = 0;

  /// Adds what follows from a whole score, once all are judged.
  virtual void complete(Score&) const {}

 protected:
  SequenceTask(const Experiment&, int longest, int64_t held_out = 1000);
  /// What training sequence `number` is drawn with, and held-out sequence `number`.
  Random training_random(int64_t number) const;
  Random held_out_random(int64_t number) const;

 private:
  int longest_ = 0, batch_ = 0;
  int64_t held_out_ = 0;
  uint64_t seed_ = 0;
};

}  // namespace unroll
