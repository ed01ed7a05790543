#include "engine/model/model.h"

#include <bit>
#include <set>

#include "tests/engine/engine_fixture.h"

using namespace unroll;
using testing::compare;

namespace {

Model make(const LaneSpec& spec, int vocabulary = 11, uint64_t seed = 1) {
  auto model = Model::create(spec, vocabulary, seed);
  REQUIRE(model);
  return std::move(*model);
}

/// FNV-1a over the bits of the parameters.
uint64_t fingerprint(const Model& model) {
  uint64_t hash = 14695981039346656037u;
  for (const float value : model.parameters()) {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) hash = (hash ^ ((bits >> shift) & 0xFF)) * 1099511628211u;
  }
  return hash;
}

std::span<const float> values(const Model& model, std::string_view name) {
  const ParameterBlock& block = model.block(name);
  return model.parameters().subspan(block.offset, block.size());
}

}  // namespace

TEST_CASE("Model: blocks bear PyTorch's names and shapes, and lie one after the other") {
  const Model model = make({.cell = "gru", .hidden = 4, .layers = 2, .embedding = 3}, 7);
  size_t offset = 0;
  std::string list;
  for (const ParameterBlock& block : model.blocks()) {
    CHECK(block.offset == offset);
    offset += block.size();
    list += block.name + " " + std::to_string(block.rows) + "x" + std::to_string(block.cols) + "\n";
  }
  CHECK(list ==
        "embedding.weight 7x3\n"
        "rnn.weight_ih_l0 12x3\nrnn.weight_hh_l0 12x4\nrnn.bias_ih_l0 12x0\nrnn.bias_hh_l0 12x0\n"
        "rnn.weight_ih_l1 12x4\nrnn.weight_hh_l1 12x4\nrnn.bias_ih_l1 12x0\nrnn.bias_hh_l1 12x0\n"
        "decoder.weight 7x4\ndecoder.bias 7x0\n");
  CHECK(model.parameters().size() == offset);
}

TEST_CASE("Model: as many parameters as parameter_count says") {
  for (const testing::Case& one : testing::every_cell_and_option(5)) {
    CAPTURE(one.name);
    CHECK(static_cast<int64_t>(make(one.spec).parameters().size()) == parameter_count(one.spec, 11));
  }
}

TEST_CASE("Model: too many parameters are refused with a number and a way out") {
  const auto model = Model::create({.cell = "lstm", .hidden = 2048, .layers = 4}, 20000, 1);
  REQUIRE(!model);
  CHECK(model.error().text().find("322326048 parameters") != std::string::npos);
  CHECK(model.error().text().find("64000000") != std::string::npos);
}

TEST_CASE("Model: initial weights are bit for bit the same natively and in wasm") {
  CHECK(fingerprint(make({.cell = "lstm", .hidden = 128}, 65)) == 12971394102572484916u);
  CHECK(fingerprint(make({.cell = "gru", .hidden = 33, .layers = 3, .embedding = 7}, 65, 2)) ==
        5474657600274749909u);
  CHECK(fingerprint(make({.cell = "rnn", .hidden = 40, .init = Init::orthogonal}, 65, 3)) ==
        6799547659498802702u);
}

TEST_CASE("Model: initial weights fill PyTorch's ranges, and depend on the seed") {
  const Model model = make({.cell = "gru", .hidden = 64, .embedding = 16}, 50);
  for (const ParameterBlock& block : model.blocks()) {
    if (block.name == "embedding.weight") continue;
    CAPTURE(block.name);
    const auto [lowest, highest] = std::ranges::minmax(values(model, block.name));
    CHECK(lowest >= -0.125f);
    CHECK(highest <= 0.125f);
    CHECK(lowest < -0.11f);
    CHECK(highest > 0.11f);
  }
  double sum = 0, squares = 0;
  for (const float x : values(model, "embedding.weight")) sum += x, squares += x * x;
  CHECK(std::abs(sum / 800) < 0.15);
  CHECK(squares / 800 == doctest::Approx(1).epsilon(0.2));
  CHECK(fingerprint(model) != fingerprint(make({.cell = "gru", .hidden = 64, .embedding = 16}, 50, 2)));
}

TEST_CASE("Model: the forget gate's bias is what the lane says, and nothing else changes with it") {
  const LaneSpec as_torch{.cell = "lstm", .hidden = 8, .layers = 2, .forget_bias = std::nullopt};
  LaneSpec biased = as_torch;
  biased.forget_bias = 1.5;
  const Model drawn = make(as_torch), model = make(biased);
  for (const ParameterBlock& block : model.blocks())
    for (size_t j = 0; j < block.size(); ++j) {
      const bool is_forget_bias = block.name.starts_with("rnn.bias") && j / 8 == 1;
      const float expected = block.name.starts_with("rnn.bias_ih") ? 1.5f : 0.0f;
      CHECK(values(model, block.name)[j] == (is_forget_bias ? expected : values(drawn, block.name)[j]));
    }
}

TEST_CASE("Model: chrono spreads what gates keep over the span, and ties to it what they write") {
  const Model lstm = make({.cell = "lstm", .hidden = 200, .chrono = 100}, 20);
  const auto bias = values(lstm, "rnn.bias_ih_l0");
  double longest = 0, mean = 0;
  for (size_t j = 0; j < 200; ++j) {
    const double forget = bias[200 + j],
                 span = std::exp(forget) + 1;  // of a gate at σ(b): 1 / (1 − σ(b)) = 1 + eᵇ
    CHECK(forget >= 0);
    CHECK(span <= 100);
    CHECK(bias[j] == -bias[200 + j]);
    longest = std::max(longest, span), mean += span / 200;
  }
  CHECK(longest > 90);
  CHECK(mean == doctest::Approx(51).epsilon(0.15));
  for (size_t j = 0; j < 400; ++j) CHECK(values(lstm, "rnn.bias_hh_l0")[j] == 0);

  const Model gru = make({.cell = "gru", .hidden = 50, .chrono = 100}, 20),
              mingru = make({.cell = "mingru", .hidden = 50, .chrono = 100}, 20);
  for (size_t j = 0; j < 50; ++j) {
    CHECK(values(gru, "rnn.bias_ih_l0")[50 + j] >= 0);  // its z keeps
    CHECK(values(mingru, "rnn.bias_ih_l0")[j] <= 0);    // its z writes
  }
}

TEST_CASE(
    "Model: orthogonal initialisation makes every gate's block of W_hh orthogonal, the rest stays uniform") {
  const Model model = make({.cell = "gru", .hidden = 30, .init = Init::orthogonal});
  const auto w = values(model, "rnn.weight_hh_l0");
  double worst = 0;
  for (size_t gate = 0; gate < 3; ++gate)
    for (size_t i = 0; i < 30; ++i)
      for (size_t j = 0; j < 30; ++j) {
        double dot = 0;
        for (size_t k = 0; k < 30; ++k)
          dot += double(w[(gate * 30 + i) * 30 + k]) * double(w[(gate * 30 + j) * 30 + k]);
        worst = std::max(worst, std::abs(dot - (i == j)));
      }
  CHECK(worst < 1e-6);
  CHECK(std::ranges::max(values(model, "rnn.weight_ih_l0")) <= 1 / std::sqrt(30.0f));
}

TEST_CASE("Model: a pass in pieces with carried state is the pass in one") {
  for (const std::string cell : {"rnn", "lstm", "gru"}) {
    CAPTURE(cell);
    const Model model = make({.cell = cell, .hidden = 10, .layers = 2});
    Random random(3);
    const auto inputs = testing::random_ids(random, 24, 11), targets = testing::random_ids(random, 24, 11);
    const auto workspace = model.make_workspace(12, 2);
    RecurrentState whole = model.make_state(2), pieces = model.make_state(2);
    model.forward(*workspace, inputs, targets, whole);
    const std::vector<float> losses(workspace->losses().begin(), workspace->losses().end());
    std::vector<float> found;
    for (const auto& [first, count] : {std::pair<size_t, size_t>{0, 10}, {10, 2}, {12, 12}}) {
      model.forward(*workspace, std::span(inputs).subspan(first, count),
                    std::span(targets).subspan(first, count), pieces);
      found.insert(found.end(), workspace->losses().begin(), workspace->losses().end());
    }
    CHECK(found == losses);
    CHECK(pieces.states == whole.states);
  }
}

TEST_CASE("Model: step() gives the distributions that forward() gives, character by character") {
  for (const int embedding : {0, 6}) {
    const Model model = make({.cell = "lstm", .hidden = 13, .layers = 2, .embedding = embedding});
    Random random(4);
    const auto inputs = testing::random_ids(random, 9, 11);
    const auto whole = model.make_workspace(9, 1), single = model.make_workspace(1, 1);
    RecurrentState one = model.make_state(1), other = model.make_state(1);
    model.forward(*whole, inputs, inputs, one);
    std::vector<float> probabilities(11);
    for (size_t t = 0; t < inputs.size(); ++t) {
      model.step(*single, inputs[t], other, probabilities);
      CHECK(compare(whole->probabilities().subspan(t * 11, 11), probabilities).difference < 1e-6);
      CHECK(std::accumulate(probabilities.begin(), probabilities.end(), 0.0) == doctest::Approx(1));
    }
    CHECK(compare(one.states.back(), other.states.back()).difference < 1e-6);
  }
}

TEST_CASE(
    "Model: changed parameters count from parameters_changed() on, in every copy that was made of them") {
  const LaneSpec spec{.cell = "gru", .hidden = 7, .layers = 2};
  Model model = make(spec), other = make(spec, 11, 9);
  Random random(5);
  const auto inputs = testing::random_ids(random, 6, 11), targets = testing::random_ids(random, 6, 11);
  const auto workspace = model.make_workspace(3, 2);
  RecurrentState state = model.make_state(2);
  model.forward_backward(*workspace, inputs, targets, state, random);  // makes all copies
  std::ranges::copy(other.parameters(), model.parameters().begin());
  model.parameters_changed();
  RecurrentState a = model.make_state(2), b = model.make_state(2);
  const double loss = model.forward_backward(*workspace, inputs, targets, a, random);
  CHECK(loss == other.forward_backward(*workspace, inputs, targets, b, random));
  CHECK(std::ranges::equal(model.gradients(), other.gradients()));
}

TEST_CASE("Model: dropout keeps its share, changes from pass to pass, and is off in forward()") {
  Model model = make({.cell = "rnn", .hidden = 50, .layers = 2, .dropout = 0.5});
  Random random(6), dropout(7);
  const auto inputs = testing::random_ids(random, 40, 11), targets = testing::random_ids(random, 40, 11);
  const auto workspace = model.make_workspace(20, 2);
  const auto loss_with_dropout = [&] {
    RecurrentState zero = model.make_state(2);
    return model.forward_backward(*workspace, inputs, targets, zero, dropout);
  };
  const auto loss_without = [&] {
    RecurrentState zero = model.make_state(2);
    return model.forward(*workspace, inputs, targets, zero);
  };
  const double first = loss_with_dropout(), second = loss_with_dropout();
  CHECK(first != second);
  CHECK(loss_without() == loss_without());
  // Small weights make the loss nearly linear in the masked inputs, and dropout keeps their mean.
  CHECK(first == doctest::Approx(loss_without()).epsilon(0.05));
}

TEST_CASE("Model: gradients are overwritten, not added to, and characters that do not occur have none") {
  Model model = make({.cell = "lstm", .hidden = 6});
  Random random(8);
  const std::vector<int32_t> inputs{1, 2, 1, 3}, targets{2, 1, 3, 1};
  const auto workspace = model.make_workspace(4, 1);
  const auto run = [&](std::span<const int32_t> in) {
    RecurrentState zero = model.make_state(1);
    model.forward_backward(*workspace, in, targets, zero, random);
    return std::vector<float>(model.gradients().begin(), model.gradients().end());
  };
  const auto first = run(inputs);
  run(std::vector<int32_t>{4, 5, 6, 7});
  CHECK(run(inputs) == first);
  const ParameterBlock& block = model.block("rnn.weight_ih_l0");
  for (size_t v = 0; v < 11; ++v) {
    double column = 0;
    for (size_t j = 0; j < 24; ++j) column += std::abs(first[block.offset + j * 11 + v]);
    CHECK((column > 0) == (v >= 1 && v <= 3));
  }
}

TEST_CASE("Model: workspace_bytes is what a workspace allocates, to within a tenth") {
  const LaneSpec spec{.cell = "lstm", .hidden = 100, .layers = 2};
  const double rows = 64 * 32, expected = rows * 4 * (2 * (4 * 100 + 3 * 100) + 65 + 4 * 100 + 100);
  CHECK(static_cast<double>(Model::workspace_bytes(spec, language_shape(65), 64, 32)) ==
        doctest::Approx(expected).epsilon(0.1));
}
