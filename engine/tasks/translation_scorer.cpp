// Judges translations: what the network writes on its own, and beside it how it does when the right symbols are put in its
// mouth.
#include <algorithm>
#include <limits>

#include "engine/tasks/bleu.h"
#include "engine/tasks/edit_distance.h"
#include "engine/tasks/translation_task.h"

namespace unroll {
namespace {

constexpr int64_t at_once = 64;

class TranslationScorer final : public Scorer {
 public:
  explicit TranslationScorer(const TranslationTask& task) : task_(&task), shape_(task.shape()) {}

  bool advance(Network& network, int rows) override {
    for (int64_t done = 0; next_ < task_->held_out() && done < rows;) {
      sequences_.clear();
      for (const int64_t end = std::min(next_ + at_once, task_->held_out()); next_ < end; ++next_)
        sequences_.push_back(task_->held_out(next_));
      gather_sequences(sequences_, shape_, batch_);
      read_taught(network);
      write_freely(network);
      done += 2 * int64_t{batch_.seq_length} * batch_.batch;
    }
    return next_ >= task_->held_out();
  }

  Score score() const override {
    const SequenceTask::Measure measure = task_->measure();
    const auto ratio = [](double sum, double count) {
      return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
    };
    const auto count = static_cast<double>(free_.count);
    Score score{.name = measure.name,
                .value = ratio(free_.sum, count),
                .higher_is_better = measure.higher_is_better,
                .unit = measure.unit,
                .loss = ratio(loss_, weight_),
                .count = free_.count};
    score.others.emplace_back(task_->error_rate(), ratio(edits_, symbols_));
    if (task_->tells_bleu()) score.others.emplace_back("BLEU", bleu_.value());
    double hits = 0, asked = 0;
    for (const auto& [name, sum] : taught_.others) (name == "hits" ? hits : asked) = sum;
    score.others.emplace_back("right, with a teacher", ratio(hits, asked));
    ScoreCurve& curve = score.curves.emplace_back(ScoreCurve{measure.curve, "source length", {}, {}});
    for (size_t length = 0; length < free_.lag_sum.size(); ++length) {
      if (free_.lag_count[length] == 0) continue;
      curve.at.push_back(static_cast<double>(length));
      curve.value.push_back(ratio(free_.lag_sum[length], free_.lag_count[length]));
    }
    return score;
  }

 private:
  void read_taught(Network& network) {
    const std::span<const float> outputs = network.read(batch_), losses = network.losses();
    const size_t B = sequences_.size(), O = static_cast<size_t>(shape_.outputs);
    for (size_t b = 0; b < B; ++b) {
      const Sequence& sequence = sequences_[b];
      const auto length = static_cast<size_t>(sequence.length), turn = static_cast<size_t>(sequence.turn),
                 shift = static_cast<size_t>(batch_.turn) - turn;
      outputs_.resize(length * O);
      for (size_t t = 0; t < length; ++t) {
        const size_t row = (t + shift) * B + b;
        std::copy_n(outputs.data() + row * O, O, outputs_.data() + t * O);
        if (t < turn) continue;
        loss_ += losses.empty() ? row_loss(shape_, batch_, outputs, row) : static_cast<double>(losses[row]);
        weight_ += 1;
      }
      task_->judge(sequence, outputs_, taught_);
    }
  }

  void write_freely(Network& network) {
    const std::vector<std::vector<int32_t>> written = task_->write(network, sequences_);
    for (size_t b = 0; b < written.size(); ++b) {
      const std::span<const int32_t> right = TranslationTask::target(sequences_[b]);
      const int edits = edit_distance(written[b], right);
      free_.add(edits == 0 ? 1 : 0, sequences_[b].turn);
      edits_ += edits;
      if (task_->tells_bleu()) bleu_.add(written[b], right);
      symbols_ += static_cast<double>(right.size());
    }
  }

  const TranslationTask* task_;
  TaskShape shape_;
  int64_t next_ = 0;
  std::vector<Sequence> sequences_;
  Batch batch_;
  std::vector<float> outputs_;  // (length, O) of one sequence
  Tally taught_, free_;
  Bleu bleu_;
  double loss_ = 0, weight_ = 0, edits_ = 0, symbols_ = 0;
};

}  // namespace

std::unique_ptr<Scorer> TranslationTask::scorer() const {
  return held_out() > 0 ? std::make_unique<TranslationScorer>(*this) : nullptr;
}

}  // namespace unroll
