// Parity: after every bit, is the number of ones so far odd? One bit of memory that every 1 must turn over: what a linear
// recurrence with eigenvalues from 0 to 1 (minGRU, minLSTM) cannot do for long (Grazzi et al. 2024). Trained on all lengths up to
// `length`; held-out sequences go on for `beyond` more bits, which are not trained and not in the score, but in the curve.
#include "engine/tasks/puzzles.h"
#include "engine/tasks/settings.h"

namespace unroll {
namespace {

constexpr TaskField parity_fields[] = {
    {"length",
     TaskFieldType::integer,
     1,
     500,
     32,
     {},
     "longest sequence in training; the shortest has one bit"},
    {"beyond", TaskFieldType::integer, 0, 500, 32, {}, "bits by which held-out sequences are longer"}};

}  // namespace

const TaskKind parity_kind = {
    .name = "parity",
    .title = "Parity",
    .family = "Puzzles of memory",
    .about = "After every bit: is the number of ones so far odd? A memory of one bit that each 1 turns over.",
    .source = "Grazzi et al. 2024 (2411.12537); Hochreiter & Schmidhuber 1997, section 5.1",
    .fields = parity_fields,
    .looks = {.column = "bit", .prediction = "parity so far"},
    .start = R"({"unroll": 1, "data": {"task": {"name": "parity"}},
      "train": {"batch": 32, "rate": 0.01},
      "lanes": [{"cell": "mingru", "hidden": 32}, {"cell": "lstm", "hidden": 32}]})"};

namespace {

class Parity final : public SequenceTask {
 public:
  explicit Parity(const Experiment& experiment)
      : SequenceTask(experiment, longest(experiment), 1000),
        trained_(TaskSettings(experiment).whole("length")) {}

  const TaskKind& kind() const override { return parity_kind; }
  TaskShape shape() const override { return {.inputs = 2, .outputs = 2}; }
  std::vector<std::string> input_names() const override { return puzzles::names("01"); }
  std::vector<std::string> output_names() const override { return puzzles::names("01"); }
  Measure measure() const override {
    return {.name = "right after the last trained bit",
            .higher_is_better = true,
            .unit = "%",
            .curve = "accuracy"};
  }

  void draw(Random& random, Sequence& sequence) const override {
    draw_bits(random, puzzles::between(random, 1, trained_), sequence);
  }
  void draw_held_out(Random& random, Sequence& sequence) const override {
    draw_bits(random, seq_length(), sequence);
  }

  void judge(const Sequence& sequence, std::span<const float> outputs, Tally& tally) const override {
    for (int t = 0; t < sequence.length; ++t) {
      const std::span<const float> output = puzzles::row(outputs, t, 2);
      const int32_t wanted = sequence.classes[static_cast<size_t>(t)];
      const double right = puzzles::most_probable(output) == wanted ? 1 : 0;
      puzzles::add_to_curve(tally, right, t + 1);
      if (t + 1 != trained_) continue;
      tally.add(right);
      tally.add_other("loss after the last trained bit",
                      puzzles::surprise(output[static_cast<size_t>(wanted)]));
    }
  }

  std::vector<Baseline> baselines() const override {
    return {{.name = "memoryless",
             .value = 0.5,
             .about = "odd and even are equally likely",
             .loss = std::log(2)}};
  }

 private:
  static int longest(const Experiment& experiment) {
    const TaskSettings settings(experiment);
    return settings.whole("length") + settings.whole("beyond");
  }

  void draw_bits(Random& random, int length, Sequence& sequence) const {
    puzzles::prepare(sequence, length);
    int32_t parity = 0;
    for (size_t t = 0; t < static_cast<size_t>(length); ++t) {
      sequence.symbols[t] = puzzles::between(random, 0, 1);
      sequence.classes[t] = parity ^= sequence.symbols[t];
      sequence.weights[t] = static_cast<int>(t) < trained_ ? 1.0f : 0.0f;
    }
    const int last = std::min(length, trained_) - 1;
    sequence.marks.push_back({Mark::Kind::enters, 0, "first bit"});
    sequence.marks.push_back({Mark::Kind::needed, last, "the parity"});
  }

  int trained_;
};

}  // namespace

Result<std::shared_ptr<const Task>> create_parity(const Experiment& experiment, const Json&) {
  return std::shared_ptr<const Task>(std::make_shared<Parity>(experiment));
}

}  // namespace unroll
