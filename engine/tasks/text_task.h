// Language modelling: every character of a text from those before it. Stateful: `batch` streams through the training part,
// their states carried on from step to step (engine/text/text.h); of a generated text, which never comes again, through fresh
// text (engine/text/endless.h). Then the score also says how well the characters that memory decides were told.
#pragma once

#include <memory>
#include <variant>

#include "engine/tasks/task.h"
#include "engine/text/baselines.h"
#include "engine/text/endless.h"
#include "engine/text/text.h"

namespace unroll {

struct DataSpec;

class TextTask final : public Task {
 public:
  /// The seed counts only where the text is generated.
  TextTask(std::shared_ptr<const Corpus>, int batch, int seq_length, uint64_t seed = 1);

  const TaskKind& kind() const override;
  TaskShape shape() const override;
  int seq_length() const override { return seq_length_; }
  int batch() const override { return batch_; }
  int64_t steps_per_epoch() const override;
  void fill(int64_t step, Batch&) const override;
  std::unique_ptr<Scorer> scorer() const override;
  int64_t scored_rows() const override { return static_cast<int64_t>(corpus_->valid().size()); }
  std::vector<Baseline> baselines() const override;
  /// The next seq_length characters of the validation part, or where there is none of the training part.
  Example example(int64_t index) const override;
  std::vector<std::string> input_names() const override;
  std::vector<std::string> output_names() const override { return input_names(); }
  const Vocabulary* characters() const override { return &corpus_->vocabulary; }
  const Corpus* corpus() const override { return corpus_.get(); }
  Json stored() const override;

 private:
  std::shared_ptr<const Corpus> corpus_;
  std::variant<Streams, EndlessStreams> streams_;
  int seq_length_ = 0, batch_ = 0;
};

/// Whether language modelling has its text: given, or a generated one. Else `example` names one that someone must read.
bool has_text(const DataSpec&);

/// What was measured on it, as a task lists it.
std::vector<Baseline> list_of(const Corpus&, const Baselines&);

/// Reads a text of ids once and adds up its losses, in pieces. What it gives is nearly what reading from the beginning
/// gives, from the states before anything that are carried through; every character but the first is predicted, once.
/// For speed the text is cut into streams that are read side by side, at most 32, of at least 1024 characters each. The
/// first starts from those states; each other one reads at least `warm_up` characters before its own first, whose losses
/// do not count, so that only what a model remembers for longer makes a difference. The ids must outlive it, and so must what is
/// decided of them: then the score has decisive_loss and decisive_right (engine/generators/generator.h) among its others.
class TextScorer final : public Scorer {
 public:
  static constexpr size_t warm_up = 256;

  TextScorer(std::span<const int32_t> ids, int vocabulary, const DecidedCharacters* decided = nullptr);
  bool advance(Network&, int characters) override;
  Score score() const override;
  double loss() const { return sum_ / static_cast<double>(characters_); }  ///< of what was predicted so far
  int64_t characters() const { return characters_; }                       ///< predicted so far

 private:
  struct Stream {
    size_t first = 0;    ///< its first input
    size_t counted = 0;  ///< from this one of its inputs on the losses count
  };

  std::span<const int32_t> ids_;
  /// A decided character, the target of a row.
  void judge(std::span<const float> probabilities, int32_t target, const std::vector<int32_t>& candidates);

  const DecidedCharacters* decided_ = nullptr;  // null where nothing is
  TaskShape shape_;
  std::vector<Stream> streams_;
  size_t stream_length_ = 0;  // inputs of each stream
  size_t position_ = 0;       // of them done
  Batch batch_;
  double sum_ = 0;
  int64_t characters_ = 0;
  double decided_sum_ = 0;
  int64_t decided_right_ = 0, decided_count_ = 0;
};

}  // namespace unroll
