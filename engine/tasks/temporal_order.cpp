// Temporal order: X or Y stand at two (6a) or three (6b) places of a long row of distractors; in which order did they come?
// Hochreiter & Schmidhuber 1997, sections 5.7.1 and 5.7.2. Their lengths and places are those of `length` = 100: from 100 to 110
// symbols, the first at 10 … 20, and so on; other lengths scale all of it. A sequence counts as right when every output is
// nearer than .3 to its target.
#include <array>

#include "engine/tasks/puzzles.h"
#include "engine/tasks/settings.h"

namespace unroll {
namespace {

constexpr const char* variants[] = {"6a", "6b"};
constexpr TaskField temporal_order_fields[] = {{"variant", TaskFieldType::choice, 0, 1, 0, variants,
                                                "6a: two symbols, four orders; 6b: three, eight orders"},
                                               {"length",
                                                TaskFieldType::integer,
                                                10,
                                                900,
                                                100,
                                                {},
                                                "shortest sequence; the longest are a tenth longer"}};

/// A place from `first` to `last` hundredths of the shortest length.
struct Place {
  int first, last;
};
constexpr std::array<Place, 2> places_6a = {{{10, 20}, {50, 60}}};
constexpr std::array<Place, 3> places_6b = {{{10, 20}, {33, 43}, {66, 76}}};

enum Symbol : int32_t { symbol_X = 4, symbol_Y, symbol_start, symbol_end, symbols };

}  // namespace

const TaskKind temporal_order_kind = {
    .name = "temporal_order",
    .title = "Temporal order",
    .family = "Puzzles of memory",
    .about =
        "Somewhere in a long row of distractors stand X or Y, two or three times: in which order did they "
        "come?",
    .source = "Hochreiter & Schmidhuber 1997, sections 5.7.1 (6a) and 5.7.2 (6b)",
    .fields = temporal_order_fields,
    .looks = {.column = "symbol", .prediction = "the order"},
    .start = R"({"unroll": 1, "data": {"task": {"name": "temporal_order"}},
      "train": {"batch": 32, "rate": 0.01},
      "lanes": [{"cell": "rnn", "hidden": 64, "rate": 0.002}, {"cell": "lstm", "hidden": 32, "chrono": 100}]})"};

namespace {

class TemporalOrder final : public SequenceTask {
 public:
  explicit TemporalOrder(const Experiment& experiment)
      : SequenceTask(experiment, longest(experiment), puzzles::number_held_out(longest(experiment))),
        shortest_(TaskSettings(experiment).whole("length")),
        places_(TaskSettings(experiment).whole("variant") == 0 ? std::span<const Place>(places_6a)
                                                               : places_6b) {}

  const TaskKind& kind() const override { return temporal_order_kind; }
  TaskShape shape() const override { return {.inputs = symbols, .outputs = classes()}; }
  std::vector<std::string> input_names() const override { return puzzles::names("abcdXYEB"); }
  std::vector<std::string> output_names() const override {
    std::vector<std::string> result;
    for (int order = 0; order < classes(); ++order) {
      std::string& name = result.emplace_back();
      for (size_t place = places_.size(); place-- > 0;) name += (order >> place) % 2 == 0 ? 'X' : 'Y';
    }
    return result;
  }
  Measure measure() const override {
    return {.name = "wrong", .higher_is_better = false, .unit = "%", .curve = "wrong"};
  }

  void draw(Random& random, Sequence& sequence) const override {
    const int T = puzzles::between(random, shortest_, seq_length());
    puzzles::prepare(sequence, T);
    for (int32_t& symbol : sequence.symbols) symbol = puzzles::between(random, 0, symbol_X - 1);
    sequence.symbols.front() = symbol_start;
    sequence.symbols.back() = symbol_end;
    int order = 0;
    for (const Place& place : places_) {
      const int at = puzzles::between(random, place.first * shortest_ / 100, place.last * shortest_ / 100);
      const int is_Y = puzzles::between(random, 0, 1);
      sequence.symbols[static_cast<size_t>(at)] = symbol_X + is_Y;
      order = 2 * order + is_Y;
      sequence.marks.push_back({Mark::Kind::enters, at, is_Y ? "Y" : "X"});
    }
    sequence.classes.back() = order;
    sequence.weights.back() = 1.0f;
    sequence.marks.push_back({Mark::Kind::needed, T - 1, "the order"});
  }

  void judge(const Sequence& sequence, std::span<const float> outputs, Tally& tally) const override {
    const std::span<const float> output = puzzles::row(outputs, sequence.length - 1, classes());
    const int32_t wanted = sequence.classes.back();
    bool right = true;
    for (int order = 0; order < classes(); ++order)
      right &= std::abs(output[static_cast<size_t>(order)] - (order == wanted ? 1.0f : 0.0f)) < 0.3f;
    const int lag = sequence.length - 1 - sequence.marks[0].position;
    tally.add(right ? 0 : 1, puzzles::grouped(lag, seq_length()));
    tally.add_other("most probable is wrong", puzzles::most_probable(output) == wanted ? 0 : 1);
  }

  std::vector<Baseline> baselines() const override {
    // Says the order that is most frequent in the first 1,000 training sequences, and its loss with all equally likely.
    std::vector<int64_t> seen(static_cast<size_t>(classes()));
    for (int64_t number = 0; number < 1000; ++number)
      ++seen[static_cast<size_t>(training(number).classes.back())];
    const auto most = static_cast<int32_t>(std::ranges::max_element(seen) - seen.begin());
    double wrong = 0;
    for (int64_t index = 0; index < held_out(); ++index)
      wrong += held_out(index).classes.back() == most ? 0 : 1;
    return {{.name = "memoryless",
             .value = wrong / static_cast<double>(held_out()),
             .about = "always says one order; its loss is that of giving each the same probability",
             .loss = std::log(classes())}};
  }

 private:
  static int longest(const Experiment& experiment) {
    const int shortest = TaskSettings(experiment).whole("length");
    return shortest + shortest / 10;
  }
  int classes() const { return 1 << places_.size(); }

  int shortest_;
  std::span<const Place> places_;
};

}  // namespace

Result<std::shared_ptr<const Task>> create_temporal_order(const Experiment& experiment, const Json&) {
  return std::shared_ptr<const Task>(std::make_shared<TemporalOrder>(experiment));
}

}  // namespace unroll
