// What all tasks with sentences and a verdict of two share: read symbol by symbol (words or characters), judged after the last
// one, or by the mean of what was thought on the way. The score is the share of right verdicts, with its interval (Wilson
// 1927, 95%), and of which verdicts were wrong.
#pragma once

#include <array>

#include "engine/tasks/task.h"

namespace unroll {

/// Symbol of whatever has none of its own.
inline constexpr const char* unknown_symbol = "?";

/// Of `right` of `count` that were judged: where the true share is, with 95%.
struct Interval {
  double low, high;
};
Interval wilson_interval(double share, int64_t count);

class VerdictTask : public SequenceTask {
 public:
  enum class Symbols { words, characters };
  enum class Verdict { end, mean };

  TaskShape shape() const override;
  std::vector<std::string> input_names() const override { return symbols_; }
  std::vector<std::string> output_names() const override { return {labels_[0], labels_[1]}; }
  Measure measure() const override;
  void judge(const Sequence&, std::span<const float> outputs, Tally&) const override;
  void complete(Score&) const override;
  Json stored() const override;
  std::optional<Example> own_example(std::string_view text) const override;

  /// Probability of the second label, from (length, 2) outputs.
  double verdict(std::span<const float> outputs) const;

 protected:
  VerdictTask(const Experiment&, int longest, int64_t held_out, Symbols, Verdict,
              std::array<std::string, 2> labels);

  /// Once, before any sequence is drawn: the symbols besides the unknown one, which is number 0, in their order.
  void set_symbols(std::vector<std::string> known);
  /// The number of a symbol, or 0.
  int32_t id(std::string_view symbol) const;
  Symbols symbols() const { return kind_; }
  /// A sentence as symbols: its words, or its characters with one blank between words.
  std::vector<std::string> split(std::span<const std::string> words) const;
  /// Targets and weights for a sequence whose symbols are there.
  void set_label(Sequence&, int label) const;
  /// Distance of what a sequence needs, for the score by lag; −1: none.
  virtual int lag(const Sequence&) const { return -1; }
  virtual const char* lag_curve() const { return nullptr; }

 private:
  Symbols kind_;
  Verdict verdict_;
  std::array<std::string, 2> labels_;
  std::vector<std::string> symbols_;
};

}  // namespace unroll
