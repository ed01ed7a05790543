// Brackets of some kinds, nested to some depth (Dyck-(k, m), Hewitt et al. 2020): the next bracket is to be predicted. One opens
// or closes, equally likely, where both can be; which kind opens is equally likely; which closes is decided by the one that
// opened last, perhaps long ago. The score is theirs: how often the right one has more than .8 of what closing brackets get
// together.
#include <array>

#include "engine/tasks/puzzles.h"
#include "engine/tasks/settings.h"

namespace unroll {
namespace {

constexpr TaskField dyck_fields[] = {
    {"kinds", TaskFieldType::integer, 2, 4, 2, {}, "kinds of brackets"},
    {"depth", TaskFieldType::integer, 1, 20, 5, {}, "how many may be open at once"},
    {"length", TaskFieldType::integer, 4, 1000, 60, {}, "brackets in a sequence"}};

}  // namespace

const TaskKind dyck_kind = {
    .name = "dyck",
    .title = "Brackets",
    .family = "Puzzles of memory",
    .about =
        "Nested brackets: which one closes is decided by the one that opened last, perhaps long ago. A stack "
        "is needed.",
    .source = "Hewitt et al. 2020 (2010.07515)",
    .fields = dyck_fields,
    .looks = {.column = "bracket", .prediction = "next bracket"},
    .start = R"({"unroll": 1, "data": {"task": {"name": "dyck", "kinds": 3, "depth": 6, "length": 80}},
      "train": {"batch": 32, "rate": 0.01},
      "lanes": [{"cell": "rnn", "hidden": 64, "rate": 0.003}, {"cell": "lstm", "hidden": 32}]})"};

namespace {

class Dyck final : public SequenceTask {
 public:
  explicit Dyck(const Experiment& experiment)
      : SequenceTask(experiment, length_of(experiment) - 1,
                     puzzles::number_held_out(length_of(experiment)) / 2),
        kinds_(TaskSettings(experiment).whole("kinds")),
        depth_(static_cast<size_t>(TaskSettings(experiment).whole("depth"))) {}

  const TaskKind& kind() const override { return dyck_kind; }
  TaskShape shape() const override { return {.inputs = 2 * kinds_, .outputs = 2 * kinds_}; }
  /// Those that open, then those that close.
  std::vector<std::string> input_names() const override {
    const size_t kinds = static_cast<size_t>(kinds_);
    return puzzles::names(std::string("([{<").substr(0, kinds) + std::string(")]}>").substr(0, kinds));
  }
  std::vector<std::string> output_names() const override { return input_names(); }
  Measure measure() const override {
    return {.name = "closing brackets right",
            .higher_is_better = true,
            .unit = "%",
            .curve = "closing brackets right"};
  }

  void draw(Random& random, Sequence& sequence) const override {
    std::vector<int32_t>& string = sequence.symbols;
    std::array<int32_t, 20> open = {};
    size_t opened = 0;
    for (int t = 0; t <= seq_length(); ++t) {
      const bool opens = opened == 0 || (opened < depth_ && random.below(2) == 0);
      if (opens) open[opened++] = puzzles::between(random, 0, kinds_ - 1);
      string.push_back(opens ? open[opened - 1] : kinds_ + open[--opened]);
    }
    sequence.classes.assign(string.begin() + 1, string.end());
    string.pop_back();
    sequence.length = seq_length();
    // The pair that is farthest apart.
    Pair longest = {};
    for_each_pair(sequence, [&](const Pair& pair) {
      if (pair.closes - pair.opens > longest.closes - longest.opens) longest = pair;
    });
    if (longest.closes == 0) return;
    sequence.marks.push_back({Mark::Kind::enters, longest.opens, "opens"});
    sequence.marks.push_back({Mark::Kind::needed, longest.closes - 1, "must close"});
  }

  void judge(const Sequence& sequence, std::span<const float> outputs, Tally& tally) const override {
    for_each_pair(sequence, [&](const Pair& pair) {
      const std::span<const float> closing =
          puzzles::row(outputs, pair.closes - 1, 2 * kinds_).subspan(static_cast<size_t>(kinds_));
      double all = 0;
      for (const float probability : closing) all += static_cast<double>(probability);
      const double share = static_cast<double>(closing[static_cast<size_t>(pair.kind)]);
      const int lag = pair.closes - pair.opens;
      tally.add(share > 0.8 * all ? 1 : 0, lag < 20 ? lag : puzzles::grouped(lag, seq_length()));
      tally.add_other("right one is likeliest", puzzles::most_probable(closing) == pair.kind ? 1 : 0);
    });
  }

  std::vector<Baseline> baselines() const override {
    // What one symbol back decides: a bracket that has just opened is the one that can close.
    double pairs = 0, next_to_each_other = 0, loss = 0, rows = 0;
    for (int64_t index = 0; index < held_out(); ++index) {
      const Sequence sequence = held_out(index);
      for_each_pair(sequence, [&](const Pair& pair) {
        ++pairs;
        if (pair.closes == pair.opens + 1) {
          ++next_to_each_other;
        } else {
          loss += std::log(kinds_);
        }
      });
      loss += code_length(sequence);
      rows += sequence.length;
    }
    return {{.name = "memoryless",
             .value = next_to_each_other / pairs,
             .about = "closes what opened one step before, and else knows the depth, but no kind",
             .loss = loss / rows}};
  }

 private:
  /// Columns of a bracket and of the one that closes it, in the string that input and last target make together.
  struct Pair {
    int opens, closes, kind;
  };
  template <class Function>
  void for_each_pair(const Sequence& sequence, Function&& function) const {
    std::array<Pair, 20> open = {};
    size_t opened = 0;
    for (int t = 0; t <= sequence.length; ++t) {
      const int32_t symbol = t == 0 ? sequence.symbols[0] : sequence.classes[static_cast<size_t>(t - 1)];
      if (symbol < kinds_) {
        open[opened++] = {t, 0, symbol};
      } else {
        Pair& pair = open[--opened];
        pair.closes = t;
        function(pair);
      }
    }
  }

  /// What the generator chose freely after the first bracket, in nats.
  double code_length(const Sequence& sequence) const {
    double nats = 0;
    size_t opened = 0;
    for (int t = 0; t < sequence.length; ++t) {
      if (sequence.symbols[static_cast<size_t>(t)] < kinds_) {
        ++opened;
      } else {
        --opened;
      }
      if (opened > 0 && opened < depth_) nats += std::log(2);
      if (sequence.classes[static_cast<size_t>(t)] < kinds_) nats += std::log(kinds_);
    }
    return nats;
  }
  static int length_of(const Experiment& experiment) { return TaskSettings(experiment).whole("length"); }

  int kinds_;
  size_t depth_;
};

}  // namespace

Result<std::shared_ptr<const Task>> create_dyck(const Experiment& experiment, const Json&) {
  return std::shared_ptr<const Task>(std::make_shared<Dyck>(experiment));
}

}  // namespace unroll
