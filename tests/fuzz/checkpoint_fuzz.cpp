// A checkpoint: any bytes are a model, whole, or refused; a model that is read goes on training.
#include "engine/model/checkpoint.h"
#include "tests/fuzz/fuzz.h"

namespace unroll::fuzz {

namespace {

std::string saved(const char* json) {
  const auto experiment = parse_experiment(json);
  require(bool(experiment));
  const auto task = create_task(*experiment);
  require(bool(task));
  const auto trainer = Trainer::create(*experiment, 0, *task);
  require(bool(trainer));
  (*trainer)->step();
  const std::vector<uint8_t> bytes = save_checkpoint(**trainer);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

std::vector<std::string> seeds() {
  return {
      saved(
          R"({"unroll":1,"data":{"text":"abc abc abd abc abc abe"},"train":{"batch":2,"seq_length":4},"lanes":[{"cell":"lstm","hidden":3}]})"),
      saved(
          R"({"unroll":1,"data":{"task":{"name":"adding","length":10}},"train":{"batch":2},"lanes":[{"cell":"gru","hidden":2,"layers":2}]})"),
      saved(
          R"json({"unroll":1,"data":{"text":"abab abba"},"train":{"batch":1,"seq_length":3,"optimizer":"sgd"},)json"
          R"json("cells":["cell mine\nstate h\nh = tanh(lin(x) + diag(h[t-1]))"],"lanes":[{"cell":"mine","hidden":2,"embedding":2}]})json"),
  };
}

void try_input(std::string_view bytes) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  auto read = load_checkpoint({data, bytes.size()});
  if (!read) return require_told(read.error().text());
  require(bool(validate(read->experiment)) && read->experiment.lanes.size() == 1);
  if (!read->training) return;
  auto trainer = resume_training(*read);
  if (!trainer) return require_told(trainer.error().text());
  const TrainSpec& train = read->experiment.train;
  if (train.batch * train.seq_length <= 4096) (*trainer)->step();
  require(!save_checkpoint(**trainer).empty());
}

}  // namespace unroll::fuzz
