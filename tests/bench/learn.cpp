#include "tests/bench/learn.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/model/model.h"
#include "engine/model/optimizer.h"

namespace unroll::bench {

int learn(std::span<const std::string_view> words) {
  if (words.size() < 7) return 1;
  LaneSpec lane;
  lane.cell = words[0];
  const auto number = [&](size_t i) { return std::atoi(std::string(words[i]).c_str()); };
  lane.hidden = number(1);
  const int V = number(2), B = number(3), T = number(4), steps = number(5);
  const double rate = std::atof(std::string(words[6]).c_str());
  const size_t rows = static_cast<size_t>(B) * static_cast<size_t>(T);
  if (words.size() != 7 + 2 * rows) return 1;
  std::vector<int32_t> inputs(rows), targets(rows);
  for (size_t b = 0; b < static_cast<size_t>(B); ++b)
    for (size_t t = 0; t < static_cast<size_t>(T); ++t) {
      const size_t from = 7 + b * static_cast<size_t>(T) + t, to = t * static_cast<size_t>(B) + b;
      inputs[to] = number(from);
      targets[to] = number(from + rows);
    }
  auto model = Model::create(lane, V, 1);
  if (!model) return 1;
  const auto workspace = model->make_workspace(T, B);
  Optimizer optimizer(TrainSpec{}, model->parameters().size(), model->kernels());
  Random dropout(1);
  std::printf("{\"losses\":[");
  for (int i = 0; i < steps; ++i) {
    RecurrentState state = model->make_state(B);
    const double loss = model->forward_backward(*workspace, inputs, targets, state, dropout);
    optimizer.step(rate, 1.0, model->gradients(), model->parameters());
    model->parameters_changed();
    std::printf("%s%.6g", i ? "," : "", loss);
  }
  std::printf("]}\n");
  return 0;
}

}  // namespace unroll::bench
