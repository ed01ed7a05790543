// Every task of the table from its built-in start: trained, scored, saved, loaded, and trained on bit for bit.
#include <doctest/doctest.h>

#include <cmath>

#include "engine/model/checkpoint.h"
#include "engine/model/safetensors.h"

namespace unroll {
namespace {

/// The start with a small lane; of the task "text" none.
std::vector<Experiment> small_starts() {
  std::vector<Experiment> starts;
  for (const TaskKind* kind : task_kinds()) {
    if (kind == task_kinds().front()) continue;
    auto start = parse_experiment(kind->start);
    REQUIRE(start);
    start->train.batch = 3;
    start->lanes = {LaneSpec{.cell = "lstm", .hidden = 6, .layers = 2}};
    starts.push_back(std::move(*start));
  }
  return starts;
}

std::unique_ptr<Trainer> trainer_of(const Experiment& experiment) {
  auto task = create_task(experiment);
  REQUIRE_MESSAGE(task, (task ? "" : task.error().text()));
  auto trainer = Trainer::create(experiment, 0, *task);
  REQUIRE(trainer);
  return std::move(*trainer);
}

std::vector<float> weights(const Trainer& trainer) {
  return {trainer.model().parameters().begin(), trainer.model().parameters().end()};
}

/// The file with other metadata under a key.
std::vector<uint8_t> changed(std::span<const uint8_t> bytes, const std::string& key,
                             const std::string& value) {
  auto file = read_safetensors(bytes);
  REQUIRE(file);
  file->metadata[key] = value;
  std::vector<TensorView> tensors;
  for (const auto& tensor : file->tensors) tensors.push_back({tensor.name, tensor.shape, tensor.values});
  std::vector<uint8_t> out;
  write_safetensors(file->metadata, tensors, [&out](std::span<const uint8_t> part) {
    out.insert(out.end(), part.begin(), part.end());
    return true;
  });
  return out;
}

TEST_CASE("Every task: training goes on from a checkpoint bit for bit, and predicts as before") {
  for (const Experiment& experiment : small_starts()) {
    CAPTURE(experiment.data.task.name);
    const auto trainer = trainer_of(experiment);
    for (int i = 0; i < 3; ++i) CHECK(std::isfinite(trainer->step().loss));
    const std::vector<uint8_t> file = save_checkpoint(*trainer);
    const auto loaded = load_checkpoint(file);
    REQUIRE_MESSAGE(loaded, (loaded ? "" : loaded.error().text()));
    REQUIRE(loaded->task);
    CHECK(loaded->task->shape() == trainer->task().shape());
    CHECK(loaded->task->stored() == trainer->task().stored());
    CHECK(loaded->experiment == experiment);

    ModelNetwork before(trainer->model()), after(loaded->model);
    const Batch batch = trainer->task().example(0).batch;
    CHECK(batch.symbols == loaded->task->example(0).batch.symbols);
    CHECK(batch.reals == loaded->task->example(0).batch.reals);
    const auto a = before.read(batch), b = after.read(batch);
    CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));

    const auto resumed = resume_training(*loaded);
    REQUIRE(resumed);
    for (int i = 0; i < 3; ++i) CHECK(trainer->step().loss == (*resumed)->step().loss);
    CHECK(weights(*trainer) == weights(**resumed));
  }
}

TEST_CASE("Every task: what a checkpoint says of it is checked before use") {
  for (const Experiment& experiment : small_starts()) {
    CAPTURE(experiment.data.task.name);
    const std::vector<uint8_t> file = save_checkpoint(*trainer_of(experiment));
    const auto metadata = read_metadata(file);
    REQUIRE(metadata);
    Json task = Json::parse(metadata->at("task"));
    const auto refused = [&](const std::string& text) {
      const auto loaded = load_checkpoint(changed(file, "task", text));
      REQUIRE(!loaded);
      CHECK(loaded.error().where == "__metadata__.task");
    };
    for (const char* broken : {"", "7", "[]", "{", "{\"inputs\": 1}"}) refused(broken);
    for (const char* key : {"inputs", "outputs"}) {
      Json other = task;
      other[key] = other[key].get<int>() + 1;
      refused(other.dump());
      other[key] = "many";
      refused(other.dump());
    }
    Json other = task;
    for (const char* head : {"linear", "ctc", "hinge"}) {
      if (task["head"] == head) continue;
      other["head"] = head;
      refused(other.dump());
    }
    other = task;
    other["reals"] = !other["reals"].get<bool>();
    refused(other.dump());
    const auto foreign = load_checkpoint(changed(file, "experiment", R"({"unroll": 1})"));
    CHECK(!foreign);  // a text's model has a vocabulary
  }
}

TEST_CASE("Every task: a score and baselines by the same measure, whatever the pieces") {
  for (Experiment& experiment : small_starts()) {
    CAPTURE(experiment.data.task.name);
    const auto trainer = trainer_of(experiment);
    trainer->step();
    CHECK(!trainer->task().baselines().empty());
    for (const Baseline& baseline : trainer->task().baselines()) CHECK(!baseline.name.empty());
    const auto once = trainer->task().scorer();
    if (!once) continue;
    ModelNetwork network(trainer->model());
    while (!once->advance(network, 1 << 20)) continue;
    const Score score = once->score();
    CHECK(!score.name.empty());
    CHECK(score.count > 0);
    CHECK(std::isfinite(score.loss));
    for (const ScoreCurve& curve : score.curves) CHECK(curve.at.size() == curve.value.size());
  }
}

TEST_CASE("Every task: examples fit the shape, and their marks are inside") {
  for (const Experiment& experiment : small_starts()) {
    CAPTURE(experiment.data.task.name);
    const auto made = create_task(experiment);
    REQUIRE(made);
    const Task& task = **made;
    const TaskShape shape = task.shape();
    for (const int64_t index : {int64_t{0}, int64_t{5}, int64_t{1} << 40}) {
      const Example example = task.example(index);
      const Batch& batch = example.batch;
      REQUIRE(batch.batch == 1);
      const auto N = static_cast<size_t>(batch.seq_length);
      CHECK(batch.symbols.size() == (shape.reals ? 0 : N));
      CHECK(batch.reals.size() == (shape.reals ? N * static_cast<size_t>(shape.inputs) : 0));
      for (const int32_t symbol : batch.symbols) CHECK((symbol >= 0 && symbol < shape.inputs));
      for (const int32_t value : batch.classes) CHECK((value >= 0 && value < shape.outputs));
      for (const Mark& mark : example.marks) CHECK((mark.position >= 0 && mark.position < batch.seq_length));
      CHECK((example.columns.empty() || example.columns.size() == N));
    }
    CHECK((shape.reals || task.input_names().size() == static_cast<size_t>(shape.inputs)));
    CHECK((shape.head != Head::softmax || task.output_names().size() == static_cast<size_t>(shape.outputs)));
  }
}

}  // namespace
}  // namespace unroll
