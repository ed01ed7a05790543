// Delayed echo: say what was read `delay` steps ago, at every step. The memory of the last `delay` symbols, which Jaeger 2001
// measures as short-term memory capacity.
#include "engine/tasks/puzzles.h"
#include "engine/tasks/settings.h"

namespace unroll {
namespace {

constexpr TaskField echo_fields[] = {
    {"delay", TaskFieldType::integer, 1, 200, 8, {}, "steps between a symbol and its echo"},
    {"alphabet", TaskFieldType::integer, 2, 8, 4, {}, "different symbols"},
    {"length", TaskFieldType::integer, 1, 800, 40, {}, "echoes in a sequence"}};

}  // namespace

const TaskKind echo_kind = {
    .name = "echo",
    .title = "Delayed echo",
    .family = "Puzzles of memory",
    .about =
        "At every step, what was read some steps ago: a queue that shifts all the time. Here a plain RNN is "
        "ahead.",
    .source = "Jaeger 2001, Short term memory in echo state networks (GMD report 152)",
    .fields = echo_fields,
    .looks = {.column = "symbol", .prediction = "the echo"},
    .start = R"({"unroll": 1, "data": {"task": {"name": "echo", "delay": 20}},
      "train": {"batch": 32, "rate": 0.01},
      "lanes": [{"cell": "rnn", "hidden": 128, "rate": 0.003}, {"cell": "lstm", "hidden": 64}]})"};

namespace {

class Echo final : public SequenceTask {
 public:
  explicit Echo(const Experiment& experiment)
      : SequenceTask(experiment, longest(experiment), puzzles::number_held_out(longest(experiment)) / 4),
        delay_(TaskSettings(experiment).whole("delay")),
        alphabet_(TaskSettings(experiment).whole("alphabet")) {}

  const TaskKind& kind() const override { return echo_kind; }
  TaskShape shape() const override { return {.inputs = alphabet_, .outputs = alphabet_}; }
  std::vector<std::string> input_names() const override {
    return puzzles::names(std::string_view("abcdefgh").substr(0, static_cast<size_t>(alphabet_)));
  }
  std::vector<std::string> output_names() const override { return input_names(); }
  Measure measure() const override {
    return {.name = "echoes right", .higher_is_better = true, .unit = "%", .curve = "accuracy"};
  }

  void draw(Random& random, Sequence& sequence) const override {
    puzzles::prepare(sequence, seq_length());
    const size_t T = static_cast<size_t>(seq_length()), delay = static_cast<size_t>(delay_);
    for (int32_t& symbol : sequence.symbols) symbol = puzzles::between(random, 0, alphabet_ - 1);
    for (size_t t = delay; t < T; ++t) {
      sequence.classes[t] = sequence.symbols[t - delay];
      sequence.weights[t] = 1.0f;
    }
    sequence.marks.push_back({Mark::Kind::enters, seq_length() - 1 - delay_, "a symbol"});
    sequence.marks.push_back({Mark::Kind::needed, seq_length() - 1, "its echo"});
  }

  void judge(const Sequence& sequence, std::span<const float> outputs, Tally& tally) const override {
    for (int t = delay_; t < sequence.length; ++t) {
      const int said = puzzles::most_probable(puzzles::row(outputs, t, alphabet_));
      tally.add(said == sequence.classes[static_cast<size_t>(t)] ? 1 : 0, delay_);
    }
  }

  std::vector<Baseline> baselines() const override {
    return {{.name = "memoryless",
             .value = 1.0 / alphabet_,
             .about = "every symbol equally likely",
             .loss = std::log(alphabet_)}};
  }

 private:
  static int longest(const Experiment& experiment) {
    const TaskSettings settings(experiment);
    return settings.whole("delay") + settings.whole("length");
  }

  int delay_, alphabet_;
};

}  // namespace

Result<std::shared_ptr<const Task>> create_echo(const Experiment& experiment, const Json&) {
  return std::shared_ptr<const Task>(std::make_shared<Echo>(experiment));
}

}  // namespace unroll
