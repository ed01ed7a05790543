// Copy memory: symbols are shown, then nothing for long, then a sign: now say them again, in their order. In the form of
// Arjovsky et al. 2016: eight symbols, ten shown, T steps of waiting; the loss is the mean over all T + 20 steps, blanks too.
#include "engine/tasks/puzzles.h"
#include "engine/tasks/settings.h"

namespace unroll {
namespace {

constexpr TaskField copying_fields[] = {
    {"span", TaskFieldType::integer, 1, 900, 50, {}, "steps between the symbols and their repetition (T)"},
    {"items", TaskFieldType::integer, 1, 50, 10, {}, "symbols to be kept"},
    {"alphabet", TaskFieldType::integer, 2, 8, 8, {}, "different symbols"},
    {"varied",
     TaskFieldType::boolean,
     0,
     1,
     0,
     {},
     "every sequence has a span of its own, from 1 to `span`; in the paper all are alike"}};

}  // namespace

const TaskKind copying_kind = {
    .name = "copying",
    .title = "Copy memory",
    .family = "Puzzles of memory",
    .about =
        "Symbols are shown, a long nothing follows, and at the sign they must be said again in their order.",
    .source = "Arjovsky, Shah & Bengio 2016 (1511.06464), section 5.1; after Hochreiter & Schmidhuber 1997",
    .fields = copying_fields,
    .looks = {.column = "step", .prediction = "what to say"},
    .start = R"({"unroll": 1, "data": {"task": {"name": "copying", "span": 30, "items": 5}},
      "train": {"batch": 32, "rate": 0.01},
      "lanes": [{"cell": "rnn", "hidden": 128, "rate": 0.002}, {"cell": "lstm", "hidden": 64, "chrono": 40}]})"};

namespace {

class Copying final : public SequenceTask {
 public:
  explicit Copying(const Experiment& experiment)
      : SequenceTask(experiment, longest(experiment), puzzles::number_held_out(longest(experiment))),
        span_(TaskSettings(experiment).whole("span")),
        items_(TaskSettings(experiment).whole("items")),
        alphabet_(TaskSettings(experiment).whole("alphabet")),
        varied_(TaskSettings(experiment).is_on("varied")) {}

  const TaskKind& kind() const override { return copying_kind; }
  TaskShape shape() const override { return {.inputs = alphabet_ + 2, .outputs = alphabet_ + 1}; }
  std::vector<std::string> input_names() const override { return puzzles::names(letters() + ".?"); }
  std::vector<std::string> output_names() const override { return puzzles::names(letters() + "."); }
  Measure measure() const override {
    return {.name = "cross-entropy", .higher_is_better = false, .unit = "", .curve = "accuracy"};
  }

  void draw(Random& random, Sequence& sequence) const override {
    const int span = varied_ ? puzzles::between(random, 1, span_) : span_, blank = alphabet_;
    const int answer = span + items_, T = answer + items_;
    puzzles::prepare(sequence, T);
    std::ranges::fill(sequence.symbols, blank);
    std::ranges::fill(sequence.classes, blank);
    std::ranges::fill(sequence.weights, 1.0f);
    for (int item = 0; item < items_; ++item) {
      const int symbol = puzzles::between(random, 0, alphabet_ - 1);
      sequence.symbols[static_cast<size_t>(item)] = symbol;
      sequence.classes[static_cast<size_t>(answer + item)] = symbol;
    }
    sequence.symbols[static_cast<size_t>(answer - 1)] = blank + 1;
    sequence.marks.push_back({Mark::Kind::enters, 0, "first symbol"});
    sequence.marks.push_back({Mark::Kind::enters, items_ - 1, "last symbol"});
    sequence.marks.push_back({Mark::Kind::needed, answer, "first symbol"});
    sequence.marks.push_back({Mark::Kind::needed, T - 1, "last symbol"});
  }

  void judge(const Sequence& sequence, std::span<const float> outputs, Tally& tally) const override {
    const int answer = sequence.length - items_;
    double loss = 0, right = 0;
    for (int t = 0; t < sequence.length; ++t) {
      const std::span<const float> output = puzzles::row(outputs, t, alphabet_ + 1);
      const int32_t wanted = sequence.classes[static_cast<size_t>(t)];
      loss += puzzles::surprise(output[static_cast<size_t>(wanted)]);
      if (t >= answer && puzzles::most_probable(output) == wanted) right += 1.0 / items_;
    }
    tally.add(loss / sequence.length);
    tally.add_other("symbols said right", right);
    puzzles::add_to_curve(tally, right, puzzles::grouped(answer, seq_length()));
  }

  std::vector<Baseline> baselines() const override {
    // Blanks where blanks are due, and every symbol equally likely where symbols are: items · ln alphabet / (T + 2 items).
    double mean = 0, rows = 0;
    for (int64_t index = 0; index < held_out(); ++index) {
      const double length = held_out(index).length;
      mean += items_ * std::log(alphabet_) / length;
      rows += length;
    }
    const double sequences = static_cast<double>(held_out());
    return {{.name = "memoryless",
             .value = mean / sequences,
             .about = "knows when symbols are due, but not which",
             .loss = items_ * std::log(alphabet_) * sequences / rows}};
  }

 private:
  static int longest(const Experiment& experiment) {
    const TaskSettings settings(experiment);
    return settings.whole("span") + 2 * settings.whole("items");
  }
  std::string letters() const { return std::string("abcdefgh").substr(0, static_cast<size_t>(alphabet_)); }

  int span_, items_, alphabet_;
  bool varied_;
};

}  // namespace

Result<std::shared_ptr<const Task>> create_copying(const Experiment& experiment, const Json&) {
  return std::shared_ptr<const Task>(std::make_shared<Copying>(experiment));
}

}  // namespace unroll
