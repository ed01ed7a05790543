// Additions: "123+45" and "168", digit by digit.
#include <algorithm>

#include "engine/document/experiment.h"
#include "engine/tasks/held_out_number.h"
#include "engine/tasks/settings.h"
#include "engine/tasks/translation_task.h"

namespace unroll {
namespace {

constexpr TaskField sums_fields[] = {
    {"digits",
     TaskFieldType::integer,
     1,
     6,
     3,
     {},
     "of each number at most; 1 to that many are equally likely"},
    {"examples", TaskFieldType::integer, 100, 10000000, 50000, {}, "additions to learn from"},
    {"reversed", TaskFieldType::boolean, 0, 1, 0, {}, "the addition is read from its end"},
    {"attention",
     TaskFieldType::boolean,
     0,
     1,
     0,
     {},
     "while it writes, the network looks back at every symbol of the addition"}};

constexpr int64_t held_out_sums = 1000;

class SumsTask final : public TranslationTask {
 public:
  explicit SumsTask(const Experiment& experiment)
      : TranslationTask(experiment, settings_of(experiment)),
        digits_(static_cast<uint32_t>(TaskSettings(experiment).whole("digits"))),
        examples_(static_cast<uint32_t>(TaskSettings(experiment).whole("examples"))),
        seed_(experiment.train.seed) {
    const Symbols all[] = {characters("0123456789+")}, digits[] = {characters("0123456789")};
    set_symbols(all, digits);
  }

  const TaskKind& kind() const override;

  Pair training_pair(Random& random) const override {
    Random one(seed_, random_stream::task_train, (uint64_t{1} << 40) + random.below(examples_));
    return drawn(one, false);
  }
  Pair held_out_pair(int64_t index) const override {
    Random one(0, random_stream::task_held_out, static_cast<uint64_t>(index));
    return drawn(one, true);
  }

 private:
  static Settings settings_of(const Experiment& experiment) {
    const TaskSettings settings(experiment);
    const int digits = settings.whole("digits");
    return {.longest_source = 2 * digits + 1,
            .longest_target = digits + 1,
            .held_out = held_out_sums,
            .reversed = settings.is_on("reversed"),
            .attention = settings.is_on("attention"),
            .words = false,
            .rule = "addition as it is taught at school"};
  }

  /// A pair of numbers, in either order, is held out or it is not.
  Pair drawn(Random& random, bool of_held_out) const {
    uint32_t limit = 1;
    for (uint32_t d = 0; d < digits_; ++d) limit *= 10;
    for (;;) {
      uint32_t numbers[2];
      for (uint32_t& number : numbers) {
        uint32_t below = 10;
        for (uint32_t more = random.below(digits_); more > 0; --more) below *= 10;
        number = random.below(below);
      }
      const auto [low, high] = std::minmax(numbers[0], numbers[1]);
      if (is_held_out(int64_t{high} * limit + low) != of_held_out) continue;
      return {characters(std::to_string(numbers[0]) + "+" + std::to_string(numbers[1])),
              characters(std::to_string(numbers[0] + numbers[1]))};
    }
  }

  uint32_t digits_, examples_;
  uint64_t seed_;
};

}  // namespace

const TaskKind sums_kind = {
    .name = "sums",
    .title = "Additions",
    .family = "Translation",
    .about =
        "123+45 is 168: the sum is written from its first digit, which depends on every carry behind it.",
    .source = "addition_rnn of the examples of keras",
    .fields = sums_fields,
    .looks = {.column = "symbol",
              .prediction = "sum",
              .own_sequence = "an addition",
              .own_sequence_start = "123+45",
              .translates = true},
    .start =
        R"({"unroll": 1, "data": {"task": {"name": "sums", "reversed": true}},
      "train": {"batch": 64, "rate": 0.003, "schedule": "cosine", "steps": 10000},
      "lanes": [{"cell": "rnn", "hidden": 128}, {"cell": "lstm", "hidden": 128}]})"};

Result<std::shared_ptr<const Task>> create_sums(const Experiment& experiment, const Json&) {
  return std::shared_ptr<const Task>(std::make_shared<const SumsTask>(experiment));
}

const TaskKind& SumsTask::kind() const { return sums_kind; }

}  // namespace unroll
