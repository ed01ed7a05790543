// Models of two stacks, an encoder before the turn and the main layers after it: the state that is handed over and its
// gradient, sources of different lengths in one batch, and attention.
#include <doctest/doctest.h>

#include <cmath>

#include "engine/cells/shipped.h"
#include "engine/model/double_model.h"
#include "engine/model/network.h"
#include "engine/model/parts.h"
#include "engine/probes/gradient_check.h"
#include "engine/probes/layer_probe.h"
#include "engine/probes/probe.h"
#include "tests/engine/engine_fixture.h"

namespace unroll {
namespace {

constexpr int symbols = 6, classes = 5;

TaskShape shape_with(bool attention) {
  return {.inputs = symbols, .outputs = classes, .encoder = true, .attention = attention};
}

struct Lengths {
  int source, target;
};

/// Random sequences of these lengths; where nothing may be seen stand other symbols with another `noise`.
Batch batch_of(std::span<const Lengths> all, uint64_t seed, uint64_t noise = 0) {
  int S = 0, D = 0;
  for (const Lengths& one : all) S = std::max(S, one.source), D = std::max(D, one.target);
  Batch batch;
  batch.turn = S;
  batch.seq_length = S + D;
  batch.batch = static_cast<int>(all.size());
  const size_t B = all.size(), rows = static_cast<size_t>(S + D) * B;
  Random unseen(noise);
  batch.symbols = testing::random_ids(unseen, rows, symbols);
  batch.classes = testing::random_ids(unseen, rows, classes);
  batch.weights.assign(rows, 0.0f);
  for (size_t b = 0; b < B; ++b) {
    Random random(seed, static_cast<uint64_t>(b));
    batch.starts.push_back(S - all[b].source);
    batch.lengths.push_back(S + all[b].target);
    for (int t = batch.starts[b]; t < batch.lengths[b]; ++t) {
      const size_t row = static_cast<size_t>(t) * B + b;
      batch.symbols[row] = static_cast<int32_t>(random.below(symbols));
      if (t < S) continue;
      batch.classes[row] = static_cast<int32_t>(random.below(classes));
      batch.weights[row] = 0.5f + random.uniform();
    }
  }
  return batch;
}

/// Sequence b alone, without what stands around it.
Batch alone(const Batch& batch, size_t b) {
  const auto B = static_cast<size_t>(batch.batch), first = static_cast<size_t>(batch.starts[b]),
             last = static_cast<size_t>(batch.lengths[b]);
  Batch one;
  one.batch = 1;
  one.seq_length = static_cast<int>(last - first);
  one.turn = batch.turn - static_cast<int>(first);
  for (size_t row = first * B + b; row < last * B; row += B) {
    one.symbols.push_back(batch.symbols[row]);
    one.classes.push_back(batch.classes[row]);
    one.weights.push_back(batch.weights[row]);
  }
  return one;
}

Model model_of(std::string_view cell, bool attention, int layers = 2, int embedding = 0) {
  Model model = std::move(
      *Model::create({.cell = std::string(cell), .hidden = 8, .layers = layers, .embedding = embedding},
                     shape_with(attention), 3));
  Random random(6);  // see sequences_test.cpp
  for (float& value : model.parameters()) value += random.uniform(-0.3f, 0.3f);
  model.keep_bounds();
  model.parameters_changed();
  return model;
}

std::vector<float> gradients_of(Model& model, const Batch& batch, double* loss = nullptr) {
  const auto workspace = model.make_workspace(batch.seq_length, batch.batch);
  RecurrentState state = model.make_state(batch.batch);
  Random unused(0);
  const double mean = model.forward_backward(*workspace, batch, state, unused);
  if (loss) *loss = mean;
  return {model.gradients().begin(), model.gradients().end()};
}

constexpr Lengths ragged[] = {{3, 4}, {7, 1}, {1, 6}, {7, 6}, {5, 2}};

/// body(model) for every cell, with and without attention.
template <class Body>
void each_model(Body body) {
  for (const ShippedCell& cell : shipped_cells())
    for (const bool attention : {false, true}) {
      CAPTURE(std::string(cell.name));
      CAPTURE(attention);
      Model model = model_of(cell.name, attention, 2, attention ? 4 : 0);
      body(model);
    }
}

TEST_CASE("Encoder: gradients of every cell, with and without attention, agree with finite differences") {
  each_model([](Model& model) {
    const Lengths one[] = {{5, 4}};
    GradientCheck check(model, alone(batch_of(one, 21), 0), 3 * static_cast<int>(model.blocks().size()), 4);
    while (!check.advance()) continue;
    CHECK(check.error() < 2e-4);
    double encoder = 0;
    for (const GradientSample& sample : check.samples()) {
      CHECK(std::abs(sample.backward - sample.difference) <
            1e-6 * std::max(1.0, std::abs(sample.difference)));
      if (model.blocks()[static_cast<size_t>(sample.block)].name.starts_with("encoder"))
        encoder = std::max(encoder, std::abs(sample.difference));
    }
    CHECK(encoder > 1e-5);  // it comes by way of the first state of the main layers
  });
}

TEST_CASE("Encoder: a sequence is predicted alone as in any batch, and as in double precision") {
  each_model([](Model& model) {
    const Batch batch = batch_of(ragged, 11);
    ModelNetwork together(model), single(model);
    const std::span<const float> all = together.read(batch);
    const auto B = static_cast<size_t>(batch.batch);
    for (size_t b = 0; b < B; ++b) {
      const Batch one = alone(batch, b);
      const std::span<const float> expected = single.read(one);
      DoubleModel doubles(model);
      double difference = 0, of_double = 0;
      for (size_t t = 0; t < static_cast<size_t>(one.seq_length); ++t) {
        doubles.read_row(one, t);
        if (t < static_cast<size_t>(one.turn)) continue;
        const std::vector<double> exact = doubles.probabilities();
        for (size_t o = 0; o < classes; ++o) {
          const double p = expected[t * classes + o];
          const size_t row = (t + static_cast<size_t>(batch.starts[b])) * B + b;
          difference = std::max(difference, std::abs(all[row * classes + o] - p));
          of_double = std::max(of_double, std::abs(exact[o] - p));
        }
      }
      CHECK(difference < 1e-6);
      CHECK(of_double < 1e-5);
    }
  });
}

TEST_CASE("Encoder: the gradient of a ragged batch is the sum of those of its sequences, also on workers") {
  each_model([](Model& model) {
    const Batch batch = batch_of(ragged, 2);
    double total = 0, loss = 0;
    for (const float weight : batch.weights) total += weight;
    std::vector<double> sum(model.parameters().size());
    for (size_t b = 0; b < std::size(ragged); ++b) {
      const Batch one = alone(batch, b);
      double weight = 0;
      for (const float w : one.weights) weight += w;
      const std::vector<float> gradients = gradients_of(model, one);
      for (size_t i = 0; i < sum.size(); ++i) sum[i] += gradients[i] * weight / total;
    }
    const auto difference = testing::compare(gradients_of(model, batch, &loss), sum);
    CHECK(difference.difference < 1e-5 * difference.largest);
  });
}

TEST_CASE("Encoder: what stands before a start or past an end changes nothing") {
  for (const char* cell : {"rnn", "lstm", "gru", "mingru"})
    for (const bool attention : {false, true}) {
      Model model = model_of(cell, attention);
      double loss = 0, other = 0;
      const std::vector<float> gradients = gradients_of(model, batch_of(ragged, 5, 1), &loss);
      // Only the order in which symbols are first seen, and with it that of a sum, may be another.
      const auto difference =
          testing::compare(gradients_of(model, batch_of(ragged, 5, 2), &other), gradients);
      CHECK(difference.difference <= 1e-6 * difference.largest);
      CHECK(loss == other);
    }
}

TEST_CASE("Encoder: the main layers begin with the encoder's last state, and read on in pieces") {
  each_model([](Model& model) {
    const Batch batch = alone(batch_of(ragged, 7), 3);
    ModelNetwork whole(model);
    const std::span<const float> outputs = whole.read(batch);
    const std::vector<float> expected(outputs.begin(), outputs.end());
    const auto workspace = model.make_workspace(1, 1);
    RecurrentState state = model.make_state(1);
    for (size_t t = 0; t < static_cast<size_t>(batch.seq_length); ++t) {
      model.forward(*workspace, part_of(batch, t, 1), state);
      if (t < static_cast<size_t>(batch.turn)) continue;
      for (size_t o = 0; o < classes; ++o)
        CHECK(workspace->outputs()[o] == doctest::Approx(expected[t * classes + o]).epsilon(1e-4));
    }
  });
}

TEST_CASE("Encoder: attention is on the source alone, where there is nothing exactly 0, and sums to 1") {
  const Model model = model_of("lstm", true);
  const Lengths two[] = {{3, 4}, {6, 4}};
  const Batch batch = batch_of(two, 3);
  ModelNetwork network(model);
  network.read(batch);
  for (int t = batch.turn; t < batch.seq_length; ++t)
    for (int b = 0; b < 2; ++b) {
      const std::span<const float> weights = network.workspace().attention(t, b);
      REQUIRE(weights.size() == 6);
      for (size_t s = 0; s < 6; ++s) CHECK((weights[s] == 0) == (b == 0 && s < 3));
      CHECK(std::accumulate(weights.begin(), weights.end(), 0.0) == doctest::Approx(1));
    }
}

TEST_CASE("Encoder: attention by hand, of one unit that looks back at two rows") {
  // One unit of "rnn" whose output is set by its bias alone: h = tanh(b).
  Model model = std::move(*Model::create({.cell = "rnn", .hidden = 1}, shape_with(true), 1));
  std::ranges::fill(model.parameters(), 0.0f);
  const auto at = [&](const char* name) { return model.parameters().data() + model.block(name).offset; };
  // The encoder reads symbol 0 as h = 0.5 and symbol 1 as −0.5, the main layer everything as h = 0.5.
  at("encoder.weight_ih_l0")[0] = std::atanh(0.5f);
  at("encoder.weight_ih_l0")[1] = std::atanh(-0.5f);
  at("rnn.bias_ih_l0")[0] = std::atanh(0.5f);
  at("attention.weight")[0] = 1;  // of c
  at("attention.weight")[1] = 2;  // of h
  at("decoder.weight")[0] = 3;    // of class 0
  model.parameters_changed();
  Batch batch;
  batch.batch = 1;
  batch.seq_length = 3;
  batch.turn = 2;
  batch.symbols = {0, 1, 0};
  ModelNetwork network(model);
  const std::span<const float> p = network.read(batch);
  // Scores .25 and −.25: weights 1 / (1 + e^∓.5).
  const double first = 1 / (1 + std::exp(-0.5)), context = 0.5 * first - 0.5 * (1 - first);
  CHECK(network.workspace().attention(2, 0)[0] == doctest::Approx(first).epsilon(1e-6));
  CHECK(network.workspace().attention(2, 0)[1] == doctest::Approx(1 - first).epsilon(1e-6));
  const double logit = 3 * std::tanh(context + 2 * 0.5);
  CHECK(p[2 * classes] == doctest::Approx(std::exp(logit) / (std::exp(logit) + classes - 1)).epsilon(1e-6));
}

TEST_CASE("Encoder: the gradient through time reaches the source, by the state and by attention") {
  for (const bool attention : {false, true}) {
    Model model = model_of("gru", attention, 2, 4);
    const Lengths one[] = {{5, 4}};
    Batch batch = alone(batch_of(one, 9), 0);
    batch.symbols = {0, 1, 2, 3, 4, 5, 0, 0, 1};  // those of the source once each
    const int positions[] = {9, 7};
    GradientFlowMeter meter(model, batch, positions);
    while (!meter.advance()) continue;
    for (size_t p = 0; p < 2; ++p) {
      const GradientFlow& flow = meter.result()[p];
      REQUIRE(flow.position == positions[p]);
      std::ranges::fill(batch.weights, 0.0f);
      batch.weights[static_cast<size_t>(positions[p] - 1)] = 1;
      const std::vector<float> gradients = gradients_of(model, batch);
      const float* rows = gradients.data() + model.block("encoder_embedding.weight").offset;
      for (size_t s = 0; s < 5; ++s) {
        double squares = 0;
        for (size_t e = 0; e < 4; ++e) squares += static_cast<double>(rows[s * 4 + e]) * rows[s * 4 + e];
        const size_t lag = static_cast<size_t>(flow.position) - 1 - s;
        CHECK(flow.input[lag] == doctest::Approx(std::sqrt(squares)).epsilon(1e-3));
      }
    }
  }
}

TEST_CASE("Encoder: what a cell computes is told with the weights of the stack that reads") {
  for (const char* cell : {"lstm", "gru"}) {
    const Model model = model_of(cell, false);
    const Batch batch = alone(batch_of(ragged, 7), 3);
    const auto length = static_cast<size_t>(batch.seq_length);
    for (int layer = 0; layer < 2; ++layer) {
      const std::vector<CellRow> rows = cell_rows(model.graph());
      LayerMeter meter(model, batch, layer, rows, 0, length, LayerMeter::Order::by_character);
      while (!meter.advance()) continue;
      DoubleModel doubles(model);
      for (size_t t = 0; t < length; ++t) {
        doubles.read_row(batch, t);
        for (size_t r = 0; r < rows.size(); ++r) {
          const std::span<const double> exact = doubles.layer(layer).node(rows[r].node);
          for (size_t j = 0; j < 8; ++j)
            CHECK(std::abs(meter.values()[(t * rows.size() + r) * 8 + j] - exact[j]) < 1e-5);
        }
      }
    }
  }
}

TEST_CASE("Encoder: the tensors bear PyTorch's names, the encoder's first, and are as many as counted") {
  const LaneSpec lane{.cell = "lstm", .hidden = 8, .embedding = 3};
  const Model model = std::move(*Model::create(lane, shape_with(true), 1));
  std::vector<std::string> names;
  for (const ParameterBlock& block : model.blocks()) names.push_back(block.name);
  CHECK(names == std::vector<std::string>{"encoder_embedding.weight", "encoder.weight_ih_l0",
                                          "encoder.weight_hh_l0", "encoder.bias_ih_l0", "encoder.bias_hh_l0",
                                          "embedding.weight", "rnn.weight_ih_l0", "rnn.weight_hh_l0",
                                          "rnn.bias_ih_l0", "rnn.bias_hh_l0", "attention.weight",
                                          "decoder.weight", "decoder.bias"});
  CHECK(model.block("attention.weight").rows == 8);
  CHECK(model.block("attention.weight").cols == 16);
  CHECK(static_cast<int64_t>(model.parameters().size()) == parameter_count(lane, shape_with(true)));
  CHECK(parameter_count(lane, shape_with(true)) - parameter_count(lane, shape_with(false)) == 128);
}

}  // namespace
}  // namespace unroll
