// The experiment as a document: whatever it is, it is read or told; what is read is written and read again as it was.
#include "engine/document/experiment.h"
#include "tests/fuzz/fuzz.h"

namespace unroll::fuzz {

std::vector<std::string> seeds() {
  std::vector<std::string> all = {
      to_json(default_experiment()),
      R"({"unroll":1,"data":{"text":"the wind we heard\nin the wires","valid":0.2},"train":{"batch":4,"seq_length":16,"optimizer":"sgd",)"
      R"("momentum":0.5,"rate":0.1,"clip":0,"schedule":"cosine","warmup":3,"steps":40,"seed":7},"lanes":[{"cell":"gru","hidden":8,)"
      R"("layers":2,"embedding":5,"dropout":0.2,"forget_bias":"torch","init":"orthogonal","name":"a","rate":0.3,"chrono":20},)"
      R"({"cell":"rnn","nonlinearity":"relu"}],"view":{"theme":"dark","tab":"gates","hide":["samples"]}})",
      R"({"unroll":1,"data":{"text":"ab ab ab"},"cells":["cell mine\nstate c, h\nf = sigmoid(lin(x) + lin(h[t-1]))\nc = f * c[t-1] + tanh(lin(x))\n)"
      R"(h = tanh(c)\ninit f.bias = 1"],"lanes":[{"cell":"mine","hidden":4}]})",
  };
  for (const TaskKind* kind : task_kinds()) all.push_back(kind->start);
  return all;
}

void try_input(std::string_view bytes) {
  const Result<Experiment> read = parse_experiment(bytes);
  if (!read) return require_told(read.error().text());
  require(bool(validate(*read)));
  const std::string json = to_json(*read);
  const Result<Experiment> again = parse_experiment(json);
  require(again && *again == *read && to_json(*again) == json);
  for (const LaneSpec& lane : read->lanes) {
    require(graph_of(lane) != nullptr);
    inits_of(lane);
    require(parameter_count(lane, 2) > 0);
  }
}

}  // namespace unroll::fuzz
