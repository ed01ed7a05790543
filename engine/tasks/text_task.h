// Language modelling: every character of a text from those before it. Stateful: `batch` streams through the training part,
// their states carried on from step to step (engine/text/text.h).
#pragma once

#include <memory>

#include "engine/tasks/task.h"
#include "engine/text/text.h"

namespace unroll {

class TextTask final : public Task {
 public:
  TextTask(std::shared_ptr<const Corpus>, int batch, int seq_length);

  const TaskKind& kind() const override;
  TaskShape shape() const override;
  int seq_length() const override { return streams_.seq_length(); }
  int batch() const override { return streams_.batch(); }
  int64_t steps_per_epoch() const override { return streams_.steps_per_epoch(); }
  void fill(int64_t step, Batch&) const override;
  std::unique_ptr<Scorer> scorer() const override;
  std::vector<Baseline> baselines() const override;
  /// The next seq_length characters of the validation part, or where there is none of the training part.
  Example example(int64_t index) const override;
  std::vector<std::string> input_names() const override;
  std::vector<std::string> output_names() const override { return input_names(); }
  const Vocabulary* characters() const override { return &corpus_->vocabulary; }
  Json stored() const override;

  const Corpus& corpus() const { return *corpus_; }

 private:
  std::shared_ptr<const Corpus> corpus_;
  Streams streams_;
};

/// Reads a text of ids once and adds up its losses, in pieces. What it gives is nearly what reading from the beginning
/// gives, from the states before anything that are carried through; every character but the first is predicted, once.
/// For speed the text is cut into streams that are read side by side, at most 32, of at least 1024 characters each. The
/// first starts from those states; each other one reads at least `warm_up` characters before its own first, whose losses
/// do not count, so that only what a model remembers for longer makes a difference. The ids must outlive it.
class TextScorer final : public Scorer {
 public:
  static constexpr size_t warm_up = 256;

  explicit TextScorer(std::span<const int32_t> ids, int vocabulary);
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
  TaskShape shape_;
  std::vector<Stream> streams_;
  size_t stream_length_ = 0;  // inputs of each stream
  size_t position_ = 0;       // of them done
  Batch batch_;
  double sum_ = 0;
  int64_t characters_ = 0;
};

}  // namespace unroll
