// The engine against PyTorch 1.13, by the numbers of tests/golden (made in double precision from float32
// weights): every tensor by its name.
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/model/trainer.h"
#include "tests/engine/engine_fixture.h"

using namespace unroll;
using nlohmann::json;
using testing::compare;
using testing::for_every_instruction_set;

namespace {

json golden(const std::string& file) {
  std::ifstream stream(UNROLL_SOURCE_DIR "/tests/golden/" + file);
  json content = json::parse(stream, nullptr, false);
  REQUIRE_MESSAGE(content.is_array(), "tests/golden/" << file << " cannot be read");
  return content;
}

std::string cell_of(const json& record) { return record["cell"]; }

void load(Model& model, const json& tensors) {
  REQUIRE(tensors.size() == model.blocks().size());
  for (const ParameterBlock& block : model.blocks()) {
    CAPTURE(block.name);
    REQUIRE(tensors.contains(block.name));
    const std::vector<float> values = tensors[block.name];
    REQUIRE(values.size() == block.size());
    std::ranges::copy(values, model.parameters().subspan(block.offset).begin());
  }
  model.parameters_changed();
}

void check_passes() {
  for (const json& record : golden("passes.json")) {
    LaneSpec spec{.cell = cell_of(record), .hidden = record["hidden"]};
    spec.layers = record.value("layers", 1);
    spec.embedding = record.value("embedding", 0);
    if (record.value("nonlinearity", "tanh") == "relu") spec.nonlinearity = Nonlinearity::relu;
    CAPTURE(spec.cell);
    CAPTURE(spec.layers);
    CAPTURE(spec.embedding);
    const int V = record["vocabulary"], T = record["seq_length"], B = record["batch"];
    auto model = Model::create(spec, V, 1);
    REQUIRE(model);
    load(*model, record["parameters"]);
    const auto workspace = model->make_workspace(T, B);
    RecurrentState state = model->make_state(B);
    Random no_dropout(1);
    const double operations = testing::path_length(spec, V, 2 * T);
    for (const json& pass : record["passes"]) {
      const std::vector<int32_t> inputs = pass["inputs"], targets = pass["targets"];
      RecurrentState start = state;
      const double loss = model->forward_backward(*workspace, inputs, targets, state, no_dropout);
      CHECK(std::abs(loss - double(pass["loss"])) <= testing::tolerance(operations, pass["loss"]));
      const std::vector<float> h = pass["h"], c = pass["c"];
      CHECK(compare(state.states.back(), h).difference <= testing::tolerance(operations, 1));
      REQUIRE(state.states.size() == (c.empty() ? 1 : 2));
      if (!c.empty()) {
        const auto found = compare(state.states.front(), c);
        CHECK(found.difference <= testing::tolerance(operations, found.largest));
      }
      for (const ParameterBlock& block : model->blocks()) {
        CAPTURE(block.name);
        const std::vector<float> expected = pass["gradients"][block.name];
        const auto found = compare(model->gradients().subspan(block.offset, block.size()), expected);
        CHECK(found.difference <= testing::tolerance(operations, found.largest));
      }
      const std::vector<float> probabilities = pass["probabilities"];
      CHECK(model->forward(*workspace, inputs, targets, start) == doctest::Approx(loss).epsilon(1e-6));
      CHECK(compare(workspace->probabilities(), probabilities).difference <=
            testing::tolerance(operations, 1));
    }
  }
}

void check_training() {
  for (const json& record : golden("training.json")) {
    Experiment experiment;
    experiment.data.text = record["text"];
    TrainSpec& train = experiment.train;
    const std::string optimizer = record["optimizer"];
    train.optimizer = optimizer == "sgd"       ? OptimizerKind::sgd
                      : optimizer == "rmsprop" ? OptimizerKind::rmsprop
                      : optimizer == "adam"    ? OptimizerKind::adam
                                               : OptimizerKind::adamw;
    train.batch = record["batch"];
    train.seq_length = record["seq_length"];
    train.rate = record["rate"];
    train.clip = record["clip"];
    train.momentum = record.value("momentum", train.momentum);
    train.beta1 = record.value("beta1", train.beta1);
    train.beta2 = record.value("beta2", train.beta2);
    train.weight_decay = record.value("weight_decay", 0.0);
    train.warmup = record.value("warmup", 0);
    train.steps = record.value("steps", 0);
    if (record.value("schedule", "constant") == "cosine") train.schedule = Schedule::cosine;
    experiment.lanes = {{.cell = cell_of(record), .hidden = record["hidden"]}};
    CAPTURE(optimizer);
    CAPTURE(train.rate);

    auto corpus = make_corpus(experiment.data.text, 0.0);
    REQUIRE(corpus);
    auto trainer = Trainer::create(experiment, 0, std::make_shared<const Corpus>(std::move(*corpus)));
    REQUIRE(trainer);
    load((*trainer)->model(), record["parameters"]);
    const std::vector<double> losses = record["losses"], norms = record["norms"], rates = record["rates"];
    for (size_t i = 0; i < losses.size(); ++i) {
      CAPTURE(i);
      const StepResult result = (*trainer)->step();
      CHECK(result.rate == doctest::Approx(rates[i]).epsilon(1e-12));
      CHECK(result.loss == doctest::Approx(losses[i]).epsilon(1e-5));
      CHECK(result.grad_norm == doctest::Approx(norms[i]).epsilon(1e-4));
    }
    // Adam and RMSprop divide by the root of the second moment, which magnifies rounding where gradients are
    // small.
    for (const ParameterBlock& block : (*trainer)->model().blocks()) {
      CAPTURE(block.name);
      const std::vector<float> expected = record["final"][block.name];
      const auto found =
          compare((*trainer)->model().parameters().subspan(block.offset, block.size()), expected);
      CHECK(found.difference <= 2e-5 * found.largest);
    }
  }
}

}  // namespace

TEST_CASE(
    "PyTorch parity: losses, softmax, carried state and every gradient by name, every instruction set") {
  for_every_instruction_set(check_passes);
}

TEST_CASE("PyTorch parity: training runs of every optimizer, with clipping, schedules and weight decay") {
  for_every_instruction_set(check_training);
}
