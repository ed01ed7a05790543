// What all tasks of translation share (Sutskever, Vinyals and Le 2014, arXiv 1409.3215): a source is read by the encoder, and
// the target is written after it symbol by symbol, each given those before. In training those are the right ones (teacher
// forcing); the score lets the network go on from what it wrote itself, always the likeliest symbol, by the same forward pass.
//
// A sequence is source, start sign, target: while the start sign or a symbol of the target is read, the next one is asked for,
// and after the last one the end. Its symbols are those of inputs: 0 the start sign, then those of sources and targets
// together; its classes: 0 the end, then those of targets.
#pragma once

#include "engine/tasks/task.h"

namespace unroll {

class TranslationTask : public SequenceTask {
 public:
  static constexpr const char *start_sign = "→", *end_sign = "■";
  /// In place of a symbol that is not in the lists, where the task has one for these.
  static constexpr const char* unknown_sign = "□";

  /// As the network reads and writes them: characters or words.
  using Symbols = std::vector<std::string>;
  struct Pair {
    Symbols source, target;
  };

  TaskShape shape() const override;
  std::vector<std::string> input_names() const override { return inputs_; }
  std::vector<std::string> output_names() const override { return outputs_; }
  std::unique_ptr<Scorer> scorer() const override;
  int64_t scored_rows() const override { return 2 * SequenceTask::scored_rows(); }
  std::vector<Baseline> baselines() const override;
  std::optional<Example> own_example(std::string_view text) const override;
  Json stored() const override;

  Measure measure() const override;
  void draw(Random& random, Sequence& sequence) const override { make(training_pair(random), sequence); }
  using SequenceTask::held_out;
  Sequence held_out(int64_t index) const override;
  /// Each symbol given the right ones before it.
  void judge(const Sequence&, std::span<const float> outputs, Tally&) const override;

  virtual Pair training_pair(Random&) const = 0;
  /// No training_pair has its source.
  virtual Pair held_out_pair(int64_t index) const = 0;
  /// What the "nearest source" knows; by default so many that are drawn.
  virtual std::vector<Pair> known_pairs(int64_t most) const;
  /// What a simple rule makes of a source, for the baselines; by default the rule by which the pairs are made.
  virtual Symbols by_rule(const Pair& pair) const { return pair.target; }
  /// A text as symbols of a source; none of one that is not UTF-8.
  virtual Symbols split(std::string_view text) const;

  /// What the network makes of these sequences' sources on its own: classes, without the end; whoever finds no end is
  /// stopped one symbol after longest_target().
  std::vector<std::vector<int32_t>> write(Network&, std::span<const Sequence>) const;
  /// The same of an example, of whose batch the source and the sign are read.
  std::vector<int32_t> write(Network&, const Example&) const;
  /// A source of one's own with what was written to it as its target, classes without the end; nothing is right or wrong in
  /// it.
  void continue_with(Example&, std::span<const int32_t> written) const;
  /// The same of a source of one's own, as symbols; those that no source has are left out.
  Symbols translate(Network&, const Symbols& source) const;
  int longest_target() const { return longest_target_; }
  /// The target of a sequence, as classes without the end.
  static std::span<const int32_t> target(const Sequence&);
  /// What the mean number of edits for each symbol of a target is called.
  std::string error_rate() const;
  /// Whether BLEU is told as well (bleu.h).
  bool tells_bleu() const { return settings_.bleu; }
  /// Symbols as a text: words with blanks between them.
  std::string text_of(const Symbols&) const;
  /// Each character a symbol.
  static Symbols characters(std::string_view text);
  const TranslationTask* as_translation() const override { return this; }

 protected:
  struct Settings {
    int longest_source = 1, longest_target = 1;
    int64_t held_out = 1;
    bool reversed = false, attention = false;
    bool words = false;          ///< the symbols of targets are words, else characters
    bool bleu = false;           ///< it is told beside the score
    bool unknown = false;        ///< there is a sign for symbols that are not in the lists; else all are
    const char* rule = nullptr;  ///< what by_rule does, for people; null: there is no rule
    const char* rule_name = "the rule";
  };
  TranslationTask(const Experiment&, const Settings&);
  /// Once, before any sequence is made: every symbol of sources and of targets.
  void set_symbols(std::span<const Symbols> sources, std::span<const Symbols> targets);
  /// The same as stored() of another one has them; false: these are no lists of symbols.
  bool set_symbols(const Json& stored);

 private:
  void make(const Pair&, Sequence&) const;
  std::vector<int32_t> source_ids(const Symbols&) const;  ///< in the order of reading
  int32_t output(const std::string& symbol) const;
  void link_symbols();

  Settings settings_;
  int longest_target_;
  Symbols inputs_, outputs_;
  std::vector<int32_t> input_of_;  // by class
};

}  // namespace unroll
