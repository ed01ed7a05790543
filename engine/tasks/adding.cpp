// The adding problem: of a long row of numbers two are marked; at the end their sum is asked for. Hochreiter & Schmidhuber
// 1997, section 5.4, in the form of Arjovsky et al. 2016 and Le et al. 2015: numbers from 0 to 1, markers 0 and 1, one of them
// in each half, a linear output, and the mean squared error as the score.
#include <cstdio>

#include "engine/tasks/puzzles.h"
#include "engine/tasks/settings.h"

namespace unroll {
namespace {

constexpr TaskField adding_fields[] = {{"length",
                                        TaskFieldType::integer,
                                        4,
                                        1000,
                                        100,
                                        {},
                                        "numbers in a sequence; one of each half is marked"}};

}  // namespace

const TaskKind adding_kind = {
    .name = "adding",
    .title = "Adding problem",
    .family = "Puzzles of memory",
    .about =
        "A row of numbers from 0 to 1, two of them marked: what is their sum? Both must be kept to the end.",
    .source =
        "Hochreiter & Schmidhuber 1997, section 5.4; this form: Arjovsky, Shah & Bengio 2016 (1511.06464), "
        "section 5.2",
    .fields = adding_fields,
    .looks = {.column = "number", .prediction = "sum"},
    .start = R"({"unroll": 1, "data": {"task": {"name": "adding", "length": 200}},
      "train": {"batch": 32, "rate": 0.01},
      "lanes": [{"cell": "rnn", "hidden": 64, "rate": 0.001}, {"cell": "lstm", "hidden": 32, "chrono": 200}]})"};

namespace {

class Adding final : public SequenceTask {
 public:
  explicit Adding(const Experiment& experiment)
      : SequenceTask(experiment, length_of(experiment), puzzles::number_held_out(length_of(experiment))) {}

  const TaskKind& kind() const override { return adding_kind; }
  TaskShape shape() const override {
    return {.inputs = 2, .reals = true, .outputs = 1, .head = Head::linear};
  }
  std::vector<std::string> input_names() const override { return {}; }
  std::vector<std::string> output_names() const override { return {}; }
  Measure measure() const override {
    return {.name = "squared error", .higher_is_better = false, .unit = "", .curve = "squared error"};
  }

  void draw(Random& random, Sequence& sequence) const override {
    const int T = seq_length(), half = T / 2;
    const size_t size = static_cast<size_t>(T), last = size - 1;
    sequence.length = T;
    sequence.reals.assign(2 * size, 0.0f);
    sequence.values.assign(size, 0.0f);
    sequence.weights.assign(size, 0.0f);
    sequence.marks.clear();
    for (size_t t = 0; t < size; ++t) sequence.reals[2 * t] = random.uniform();
    for (const int marked : {puzzles::between(random, 0, half - 1), puzzles::between(random, half, T - 1)}) {
      const size_t at = 2 * static_cast<size_t>(marked);
      sequence.reals[at + 1] = 1.0f;
      sequence.values[last] += sequence.reals[at];
      sequence.marks.push_back(
          {Mark::Kind::enters, marked, marked < half ? "first number" : "second number"});
    }
    sequence.weights[last] = 1.0f;
    sequence.marks.push_back({Mark::Kind::needed, T - 1, "the sum"});
  }

  void judge(const Sequence& sequence, std::span<const float> outputs, Tally& tally) const override {
    const double error =
        static_cast<double>(outputs[outputs.size() - 1]) - static_cast<double>(sequence.values.back());
    tally.add(error * error,
              puzzles::grouped(sequence.length - 1 - sequence.marks[0].position, sequence.length));
    // What counts as right in 1997, where sums are a quarter of ours, is an error below .04.
    tally.add_other("errors below .16", std::abs(error) < 0.16 ? 1.0 : 0.0);
  }

  std::vector<Baseline> baselines() const override {
    // Of a sum of two numbers that are uniform from 0 to 1, the mean is 1 (and the variance 1/6).
    double squares = 0;
    for (int64_t index = 0; index < held_out(); ++index) {
      const double error = static_cast<double>(held_out(index).values.back()) - 1.0;
      squares += error * error;
    }
    const double mean = squares / static_cast<double>(held_out());
    return {
        {.name = "memoryless", .value = mean, .about = "always says 1, the mean of all sums", .loss = mean}};
  }

  Example example(int64_t index) const override {
    Example result = SequenceTask::example(index);
    for (size_t t = 0; t < result.batch.reals.size() / 2; ++t) {
      char label[16];
      std::snprintf(label, sizeof label, "%s%.2f", result.batch.reals[2 * t + 1] > 0 ? "+" : "",
                    static_cast<double>(result.batch.reals[2 * t]));
      result.columns.emplace_back(label);
    }
    return result;
  }

 private:
  static int length_of(const Experiment& experiment) { return TaskSettings(experiment).whole("length"); }
};

}  // namespace

Result<std::shared_ptr<const Task>> create_adding(const Experiment& experiment, const Json&) {
  return std::shared_ptr<const Task>(std::make_shared<Adding>(experiment));
}

}  // namespace unroll
