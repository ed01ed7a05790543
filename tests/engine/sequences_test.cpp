// Batches of separate sequences through a model: lengths, weights, real inputs and the linear head, for every cell.
#include <doctest/doctest.h>

#include <cmath>

#include "engine/cells/shipped.h"
#include "engine/model/double_model.h"
#include "engine/model/network.h"
#include "engine/model/trainer.h"
#include "engine/probes/gradient_check.h"
#include "engine/probes/probe.h"
#include "tests/engine/engine_fixture.h"

namespace unroll {
namespace {

constexpr TaskShape shapes[] = {{5, false, 3, Head::softmax}, {5, false, 2, Head::linear},
                                {3, true, 4, Head::softmax},  {3, true, 2, Head::linear},
                                {3, true, 4, Head::gaussian}, {3, true, 14, Head::mixture}};

/// A batch of random sequences; where `lengths` is empty all are T long. Past an end stands what must not be seen.
Batch random_batch(const TaskShape& shape, int T, std::vector<int32_t> lengths, int B, uint64_t seed) {
  Random random(seed);
  Batch batch;
  batch.seq_length = T;
  batch.batch = B;
  const auto rows = static_cast<size_t>(T * B), I = static_cast<size_t>(shape.inputs),
             O = static_cast<size_t>(shape.targets());
  if (shape.reals)
    for (size_t i = 0; i < rows * I; ++i) batch.reals.push_back(random.uniform(-1, 1));
  else
    batch.symbols = testing::random_ids(random, rows, shape.inputs);
  if (shape.head == Head::softmax)
    batch.classes = testing::random_ids(random, rows, shape.outputs);
  else
    for (size_t i = 0; i < rows * O; ++i) batch.values.push_back(random.uniform(-1, 1));
  for (size_t row = 0; row < rows; ++row) {
    const bool past = !lengths.empty() && static_cast<int>(row) / B >= lengths[row % static_cast<size_t>(B)];
    batch.weights.push_back(past || row % 3 == 1 ? 0.0f : 0.5f + random.uniform());
  }
  batch.lengths = std::move(lengths);
  return batch;
}

/// Sequence b alone, without what stands past its end.
Batch alone(const TaskShape& shape, const Batch& batch, size_t b) {
  const auto B = static_cast<size_t>(batch.batch);
  Batch one;
  one.batch = 1;
  one.seq_length = batch.lengths.empty() ? batch.seq_length : batch.lengths[b];
  for (size_t t = 0; t < static_cast<size_t>(one.seq_length); ++t) {
    const auto take = [&](const auto& from, auto& to, int width) {
      if (from.empty()) return;
      const auto begin = from.begin() + static_cast<ptrdiff_t>((t * B + b) * static_cast<size_t>(width));
      to.insert(to.end(), begin, begin + width);
    };
    take(batch.symbols, one.symbols, 1);
    take(batch.reals, one.reals, shape.inputs);
    take(batch.classes, one.classes, 1);
    take(batch.values, one.values, shape.targets());
    take(batch.weights, one.weights, 1);
  }
  return one;
}

Model model_of(std::string_view cell, const TaskShape& shape, int layers = 2, int embedding = 0) {
  return std::move(*Model::create(
      {.cell = std::string(cell), .hidden = 8, .layers = layers, .embedding = embedding}, shape, 3));
}

TEST_CASE("Sequences: every cell predicts the same for a sequence alone and in a ragged batch") {
  for (const ShippedCell& cell : shipped_cells())
    for (const TaskShape& shape : shapes) {
      CAPTURE(std::string(cell.name));
      const Model model = model_of(cell.name, shape, 2, shape.reals ? 0 : 4);
      const Batch batch = random_batch(shape, 40, {7, 40, 1, 23, 40}, 5, 11);
      ModelNetwork together(model), single(model);
      const auto B = static_cast<size_t>(batch.batch), O = static_cast<size_t>(shape.outputs);
      const std::span<const float> all = together.read(batch);
      for (size_t b = 0; b < B; ++b) {
        const Batch one = alone(shape, batch, b);
        const std::span<const float> expected = single.read(one);
        double difference = 0;
        for (size_t t = 0; t < static_cast<size_t>(one.seq_length); ++t)
          for (size_t o = 0; o < O; ++o)
            difference = std::max(
                difference, std::abs(static_cast<double>(all[(t * B + b) * O + o]) - expected[t * O + o]));
        CHECK(difference < 1e-6);
      }
    }
}

TEST_CASE("Sequences: past the end the state and what is read out of it stand still, bit for bit") {
  for (const ShippedCell& cell : shipped_cells())
    for (const TaskShape& shape : shapes) {
      CAPTURE(std::string(cell.name));
      const Model model = model_of(cell.name, shape);
      const std::vector<int32_t> lengths = {4, 9, 1, 6};
      const Batch batch = random_batch(shape, 9, lengths, 4, 5);
      const auto workspace = model.make_workspace(9, 4);
      RecurrentState state = model.make_state(4);
      model.forward(*workspace, batch, state);
      const auto O = static_cast<size_t>(shape.outputs);
      const auto outputs = workspace->outputs();
      for (size_t b = 0; b < 4; ++b) {
        const auto end = static_cast<size_t>(lengths[b]);
        // The state that is carried on is that of a pass which ends there.
        Batch until = random_batch(shape, 9, lengths, 4, 5);
        BatchView view = until;
        view.seq_length = lengths[b];
        view.lengths = {};
        const auto cut = [&](auto& values) { values = values.first(values.size() * end / 9); };
        cut(view.symbols), cut(view.reals), cut(view.classes), cut(view.values), cut(view.weights);
        RecurrentState expected = model.make_state(4);
        const auto shorter = model.make_workspace(9, 4);
        model.forward(*shorter, view, expected);
        for (size_t s = 0; s < state.states.size(); ++s)
          for (size_t l = 0; l < 2; ++l)
            for (size_t j = 0; j < model.state_size(s); ++j) {
              const size_t at = (l * 4 + b) * model.state_size(s) + j;
              CHECK(state.states[s][at] == expected.states[s][at]);
            }
        for (size_t t = end; t < 9; ++t)
          for (size_t o = 0; o < O; ++o)
            CHECK(outputs[(t * 4 + b) * O + o] == outputs[((end - 1) * 4 + b) * O + o]);
      }
    }
}

TEST_CASE("Sequences: the loss is the weighted mean of the rows', and what has no weight changes nothing") {
  for (const TaskShape& shape : shapes) {
    Model model = model_of("lstm", shape);
    Batch batch = random_batch(shape, 12, {5, 12, 8}, 3, 9);
    ModelNetwork network(model);
    const auto outputs = network.read(batch);
    double sum = 0, weight = 0;
    for (size_t row = 0; row < batch.weights.size(); ++row) {
      if (batch.weights[row] == 0) continue;
      sum += batch.weights[row] * row_loss(shape, batch, outputs, row);
      weight += batch.weights[row];
    }
    const auto workspace = model.make_workspace(12, 3);
    RecurrentState state = model.make_state(3);
    Random unused(0);
    const double loss = model.forward_backward(*workspace, batch, state, unused);
    CHECK(loss == doctest::Approx(sum / weight).epsilon(1e-6));
    const std::vector<float> gradients(model.gradients().begin(), model.gradients().end());

    // Other targets where nothing counts, other inputs past the ends: the same gradients.
    const Batch other = random_batch(shape, 12, {5, 12, 8}, 3, 10);
    for (size_t row = 0; row < batch.weights.size(); ++row) {
      const bool past = static_cast<int>(row) / 3 >= batch.lengths[row % 3];
      const auto put = [&](auto& to, const auto& from, int width) {
        if (!to.empty())
          std::copy_n(from.begin() + static_cast<ptrdiff_t>(row) * width, width,
                      to.begin() + static_cast<ptrdiff_t>(row) * width);
      };
      if (batch.weights[row] == 0) put(batch.classes, other.classes, 1);
      if (batch.weights[row] == 0) put(batch.values, other.values, shape.targets());
      if (past) put(batch.symbols, other.symbols, 1);
      if (past) put(batch.reals, other.reals, shape.inputs);
    }
    RecurrentState again = model.make_state(3);
    CHECK(model.forward_backward(*workspace, batch, again, unused) == loss);
    const auto difference =
        testing::compare(std::vector<float>(model.gradients().begin(), model.gradients().end()), gradients);
    CHECK(difference.difference <= 1e-6 * difference.largest);
  }
}

TEST_CASE("Sequences: gradients of every cell, head and input agree with finite differences") {
  for (const ShippedCell& cell : shipped_cells())
    for (const TaskShape& shape : shapes) {
      CAPTURE(std::string(cell.name));
      Model model = model_of(cell.name, shape, 2, shape.reals ? 0 : 4);
      Random random(
          6);  // some cells begin where everything is next to 0, and finite differences meet the kink there
      for (float& value : model.parameters()) value += random.uniform(-0.3f, 0.3f);
      model.parameters_changed();
      GradientCheck check(model, alone(shape, random_batch(shape, 9, {9}, 1, 21), 0), 40, 4);
      while (!check.advance()) continue;
      CHECK(check.error() < 2e-4);
    }
}

TEST_CASE("Sequences: the gradient of a ragged batch is the sum of those of its sequences") {
  for (const ShippedCell& cell : shipped_cells()) {
    CAPTURE(std::string(cell.name));
    const TaskShape shape = shapes[3];
    Model model = model_of(cell.name, shape);
    const Batch batch = random_batch(shape, 11, {3, 11, 7}, 3, 2);
    double total = 0;
    for (const float weight : batch.weights) total += weight;
    Random unused(0);
    std::vector<double> sum(model.parameters().size());
    for (size_t b = 0; b < 3; ++b) {
      const Batch one = alone(shape, batch, b);
      double weight = 0;
      for (const float w : one.weights) weight += w;
      if (weight == 0) continue;
      const auto workspace = model.make_workspace(11, 1);
      RecurrentState state = model.make_state(1);
      model.forward_backward(*workspace, one, state, unused);
      for (size_t i = 0; i < sum.size(); ++i) sum[i] += model.gradients()[i] * weight / total;
    }
    const auto workspace = model.make_workspace(11, 3);
    RecurrentState state = model.make_state(3);
    model.forward_backward(*workspace, batch, state, unused);
    const std::vector<float> whole(model.gradients().begin(), model.gradients().end());
    const auto difference = testing::compare(whole, sum);
    CHECK(difference.difference < 1e-5 * difference.largest);
  }
}

TEST_CASE("Sequences: a model of numbers has PyTorch's tensors, and no embedding") {
  const TaskShape shape{3, true, 2, Head::linear};
  const LaneSpec lane{.cell = "lstm", .hidden = 8, .embedding = 6};
  const Model model = std::move(*Model::create(lane, shape, 1));
  CHECK(static_cast<int64_t>(model.parameters().size()) == parameter_count(lane, shape));
  CHECK(model.blocks().front().name == "rnn.weight_ih_l0");
  CHECK(model.block("rnn.weight_ih_l0").cols == 3);
  CHECK(model.block("decoder.weight").rows == 2);
  CHECK(parameter_count(lane, shape) == 4 * 8 * (3 + 8 + 2) + 2 * 9);
}

TEST_CASE("Sequences: how far back the gradient reaches is told for numbers, too") {
  for (const TaskShape& shape : shapes) {
    const Model model = model_of("gru", shape);
    const Batch sequence = alone(shape, random_batch(shape, 20, {20}, 1, 8), 0);
    const int positions[] = {20};
    GradientFlowMeter meter(model, sequence, positions);
    while (!meter.advance()) continue;
    const GradientFlow& flow = meter.result().front();
    CHECK(flow.lags == 20);
    CHECK(flow.input[0] > 0);
    // The first input's gradient by a finite difference of the loss at the last row.
    if (!shape.reals) continue;
    const auto loss_with = [&](size_t i, float change) {
      Batch changed = sequence;
      changed.reals[i] += change;
      DoubleModel doubles(model);
      for (size_t t = 0; t < 20; ++t) doubles.read_row(changed, t);
      return doubles.row_loss(changed, 19);
    };
    double squares = 0;
    for (size_t i = 18 * 3; i < 19 * 3; ++i) {
      const double slope = (loss_with(i, 1e-3f) - loss_with(i, -1e-3f)) / 2e-3;
      squares += slope * slope;
    }
    CHECK(std::sqrt(squares) == doctest::Approx(flow.input[1]).epsilon(1e-2));
  }
}

TEST_CASE("sequences that begin with the states of one go on as that one would, alone, for every cell") {
  for (const ShippedCell& cell : shipped_cells()) {
    CAPTURE(std::string(cell.name));
    const TaskShape shape = {3, true, 2, Head::linear};
    const Model model = model_of(cell.name, shape);
    Batch whole = random_batch(shape, 9, {}, 1, 4);
    whole.values.clear();
    whole.weights.clear();
    ModelNetwork alone(model), several(model);
    const auto read = alone.read(whole);
    const std::vector<float> right(read.begin(), read.end());
    Batch begin = whole;
    begin.seq_length = 5;
    begin.reals.resize(5 * 3);
    several.read(begin);
    several.repeat(3);
    Batch rest;
    rest.seq_length = 4;
    rest.batch = 3;
    rest.restart = false;
    for (size_t t = 5; t < 9; ++t)
      for (int b = 0; b < 3; ++b)
        for (size_t i = 0; i < 3; ++i) rest.reals.push_back(whole.reals[3 * t + i]);
    const auto answers = several.read(rest);
    for (size_t t = 0; t < 4; ++t)
      for (size_t b = 0; b < 3; ++b)
        for (size_t o = 0; o < 2; ++o)
          CHECK(answers[(t * 3 + b) * 2 + o] == doctest::Approx(right[(5 + t) * 2 + o]).epsilon(1e-5));
  }
}

}  // namespace
}  // namespace unroll
