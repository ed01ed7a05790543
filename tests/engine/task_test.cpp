// The layer of tasks: how sequences become batches, how they are judged, and what settings say.
#include "engine/tasks/task.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "engine/document/experiment.h"
#include "engine/tasks/settings.h"
#include "engine/tasks/text_task.h"
#include "engine/text/baselines.h"

namespace unroll {
namespace {

Experiment small_experiment() {
  Experiment experiment = default_experiment();
  experiment.train.batch = 5;
  experiment.train.seed = 7;
  return experiment;
}

/// Symbols 0 … 3, as many as 2 … 9; the target is the one before the last symbol, and only the last position counts.
class Recall final : public SequenceTask {
 public:
  explicit Recall(const Experiment& experiment, int64_t held_out = 200)
      : SequenceTask(experiment, 9, held_out) {}

  const TaskKind& kind() const override { return *find_task_kind("text"); }
  TaskShape shape() const override { return {4, false, 4, Head::softmax}; }
  Measure measure() const override { return {"right", true, "%", "accuracy"}; }
  std::vector<Baseline> baselines() const override { return {{.name = "guess", .value = 0.25}}; }
  std::vector<std::string> input_names() const override { return {"a", "b", "c", "d"}; }
  std::vector<std::string> output_names() const override { return input_names(); }

  void draw(Random& random, Sequence& sequence) const override {
    sequence.length = 2 + static_cast<int>(random.below(8));
    const auto length = static_cast<size_t>(sequence.length);
    for (size_t t = 0; t < length; ++t) sequence.symbols.push_back(static_cast<int32_t>(random.below(4)));
    sequence.classes.assign(length, 0);
    sequence.weights.assign(length, 0.0f);
    sequence.classes.back() = sequence.symbols[length - 2];
    sequence.weights.back() = 1;
    sequence.marks = {{Mark::Kind::enters, sequence.length - 2, "symbol"},
                      {Mark::Kind::needed, sequence.length - 1, "answer"}};
  }
  void judge(const Sequence& sequence, std::span<const float> outputs, Tally& tally) const override {
    const auto row = outputs.last(4);
    const auto best = std::max_element(row.begin(), row.end()) - row.begin();
    tally.add(best == sequence.classes.back() ? 1 : 0, sequence.length);
    tally.add_other("length", sequence.length);
  }
};

/// Answers as if it had learned Recall: .7 for the symbol before; what is past an end is garbage.
class Knower final : public Network {
 public:
  std::span<const float> read(const Batch& batch) override {
    ++reads;
    const auto T = static_cast<size_t>(batch.seq_length), B = static_cast<size_t>(batch.batch);
    outputs_.assign(T * B * 4, 0.1f);
    for (size_t t = 0; t < T; ++t)
      for (size_t b = 0; b < B; ++b) {
        const bool past = !batch.lengths.empty() && t >= static_cast<size_t>(batch.lengths[b]);
        const size_t row = t * B + b;
        if (past) std::fill_n(&outputs_[row * 4], 4, NAN);
        if (!past && t > 0) outputs_[row * 4 + static_cast<size_t>(batch.symbols[row - B])] = 0.7f;
      }
    return outputs_;
  }
  int reads = 0;

 private:
  std::vector<float> outputs_;
};

TEST_CASE("every task of the table says what a menu and a document need of it") {
  std::vector<std::string> names;
  for (const TaskKind* kind : task_kinds()) {
    CAPTURE(std::string(kind->name));
    for (const std::string& other : names) CHECK(other != kind->name);
    names.push_back(kind->name);
    CHECK(find_task_kind(kind->name) == kind);
    for (const char* words :
         {kind->title, kind->family, kind->about, kind->looks.column, kind->looks.prediction})
      CHECK(!std::string(words).empty());
    CHECK(kind->source != nullptr);
    const auto start = parse_experiment(kind->start);
    CHECK_MESSAGE(start, (start ? "" : start.error().text()));
    for (const TaskField& field : kind->fields) {
      CAPTURE(std::string(field.name));
      CHECK(!std::string(field.help).empty());
      CHECK((field.type == TaskFieldType::choice) == !field.words.empty());
      const TaskSpec spec{.name = kind->name};
      CHECK(value_of(spec, field.name).number == field.initial);
      if (field.type == TaskFieldType::integer || field.type == TaskFieldType::real)
        CHECK((field.minimum <= field.initial && field.initial <= field.maximum));
    }
  }
  CHECK(names.front() == "text");
  CHECK(find_task_kind("tex") == nullptr);
}

TEST_CASE("a batch holds the sequences side by side, and nothing counts past an end") {
  const Recall task(small_experiment());
  Batch batch;
  bool ragged = false;
  for (const int64_t step : {0, 1, 12}) {
    task.fill(step, batch);
    REQUIRE(batch.batch == 5);
    CHECK(batch.restart);
    int longest = 0;
    for (int b = 0; b < 5; ++b) longest = std::max(longest, task.training(step * 5 + b).length);
    CHECK(batch.seq_length == longest);
    const auto T = static_cast<size_t>(longest);
    REQUIRE(batch.symbols.size() == T * 5);
    REQUIRE(batch.classes.size() == T * 5);
    REQUIRE(batch.weights.size() == T * 5);
    CHECK((batch.reals.empty() && batch.values.empty()));
    ragged |= !batch.lengths.empty();
    for (size_t b = 0; b < 5; ++b) {
      const Sequence sequence = task.training(step * 5 + static_cast<int64_t>(b));
      const auto length = static_cast<size_t>(sequence.length);
      if (!batch.lengths.empty()) CHECK(batch.lengths[b] == sequence.length);
      for (size_t t = 0; t < T; ++t) {
        const size_t row = t * 5 + b;
        CHECK(batch.symbols[row] == (t < length ? sequence.symbols[t] : 0));
        CHECK(batch.classes[row] == (t < length ? sequence.classes[t] : 0));
        CHECK(batch.weights[row] == (t < length ? sequence.weights[t] : 0.0f));
      }
    }
  }
  CHECK(ragged);
}

TEST_CASE("a step's batch is of the seed and the step alone") {
  const Recall task(small_experiment()), again(small_experiment());
  Experiment other = small_experiment();
  other.train.seed = 8;
  Batch first, second, third;
  task.fill(3, first);
  again.fill(9, second);
  again.fill(3, second);
  Recall(other).fill(3, third);
  CHECK(first.symbols == second.symbols);
  CHECK(first.lengths == second.lengths);
  CHECK(first.symbols != third.symbols);
  again.fill(4, second);
  CHECK(first.symbols != second.symbols);
}

TEST_CASE("held-out sequences are none of the training") {
  const Recall task(small_experiment());
  int same = 0;
  for (int64_t i = 0; i < 100; ++i) same += task.training(i).symbols == task.held_out(i).symbols;
  CHECK(same < 10);  // short ones meet by chance
}

TEST_CASE("the score of sequences does not depend on the pieces it is made in") {
  const Recall task(small_experiment());
  Score scores[2];
  const int pieces[] = {1, 1 << 20};
  for (int i = 0; i < 2; ++i) {
    Knower network;
    const auto scorer = task.scorer();
    int calls = 1;
    while (!scorer->advance(network, pieces[i])) ++calls;
    CHECK(calls == (i == 0 ? network.reads : 1));
    scores[i] = scorer->score();
  }
  const Score& score = scores[0];
  CHECK(score.name == "right");
  CHECK(score.value == 1.0);
  CHECK(score.higher_is_better);
  CHECK(score.count == 200);
  CHECK(score.loss == doctest::Approx(-std::log(0.7)).epsilon(1e-6));
  REQUIRE(score.others.size() == 1);
  CHECK(score.others[0].second > 2);
  CHECK(score.others[0].second < 9);
  REQUIRE(score.curves.size() == 1);
  CHECK(score.curves[0].name == "accuracy");
  REQUIRE(score.curves[0].value.size() == 10);
  CHECK(std::isnan(score.curves[0].value[1]));
  CHECK(score.curves[0].value[9] == 1.0);
  CHECK(scores[1].value == score.value);
  CHECK(scores[1].loss == score.loss);
  CHECK(scores[1].others == score.others);
}

TEST_CASE("without held-out sequences there is no score") { CHECK(!Recall(small_experiment(), 0).scorer()); }

TEST_CASE("an example is a held-out sequence with its marks") {
  const Recall task(small_experiment());
  const Example example = task.example(5);
  const Sequence sequence = task.held_out(5);
  CHECK(example.batch.batch == 1);
  CHECK(example.batch.seq_length == sequence.length);
  CHECK(example.batch.symbols == sequence.symbols);
  CHECK(example.batch.weights == sequence.weights);
  REQUIRE(example.marks.size() == 2);
  CHECK(example.marks[1].label == "answer");
}

TEST_CASE("text is one task among others: its batches are the streams'") {
  Experiment experiment = small_experiment();
  experiment.data = {};
  for (int i = 0; i < 300; ++i) experiment.data.text += "abcdefg"[(i * i) % 7];
  experiment.train.seq_length = 12;
  const auto task = create_task(experiment);
  REQUIRE(task);
  const Corpus corpus = *make_corpus(experiment.data.text, experiment.data.valid);
  const Streams streams(corpus.train(), 5, 12);
  CHECK((*task)->steps_per_epoch() == streams.steps_per_epoch());
  std::vector<int32_t> inputs(60), targets(60);
  Batch batch;
  for (int64_t step = 0; step < 2 * streams.steps_per_epoch(); ++step) {
    (*task)->fill(step, batch);
    CHECK(batch.restart == streams.fill(step, inputs, targets));
    CHECK(batch.symbols == inputs);
    CHECK(batch.classes == targets);
  }
  CHECK((*task)->characters()->symbols() == corpus.vocabulary.symbols());
  const auto baselines = (*task)->baselines();
  REQUIRE(baselines.size() == 4);
  CHECK(baselines[0].value == measure_baselines(corpus).uniform);
  CHECK(create_task(experiment, (*task)->stored()));
  experiment.data.text += "z";
  const auto foreign = create_task(experiment, (*task)->stored());
  REQUIRE(!foreign);
  CHECK(foreign.error().text().find("other characters") != std::string::npos);
}

TEST_CASE("a text that cannot be trained on is refused in words") {
  Experiment experiment = small_experiment();
  experiment.data.text = "a";
  const auto task = create_task(experiment);
  REQUIRE(!task);
  CHECK(task.error().text().starts_with("data.text: 1 characters to train on are too few"));
}

}  // namespace
}  // namespace unroll
