// Cells and layers of the engine, in float32 and in batches, against the double-precision reference, one
// sequence at a time: for every instruction set of this machine.
#include "engine/cells/by_hand/cell.h"
#include "engine/kernels/kernels.h"
#include "engine/model/parts.h"
#include "tests/engine/engine_fixture.h"

using namespace unroll;
using testing::compare;
using testing::for_every_instruction_set;

namespace {

/// The masks that the engine draws, as factors by [sequence][layer − 1][t]; the sequence must be the one of
/// random_stream::dropout: layer by layer, (T, B, H).
std::vector<std::vector<std::vector<reference::Vector>>> draw_masks(const LaneSpec& spec, Random& random,
                                                                    size_t T, size_t B) {
  const size_t H = static_cast<size_t>(spec.hidden), above = static_cast<size_t>(spec.layers - 1);
  std::vector masks(B, std::vector(above, std::vector(T, reference::Vector(H))));
  for (size_t l = 0; l < above; ++l)
    for (size_t t = 0; t < T; ++t)
      for (size_t b = 0; b < B; ++b)
        for (double& factor : masks[b][l][t])
          factor = random.uniform() < static_cast<float>(spec.dropout) ? 0 : 1 / (1 - spec.dropout);
  return masks;
}

/// Two passes, the second from the state that the first left: losses, states and gradients of both against
/// the reference.
void check_against_reference(const LaneSpec& spec, int vocabulary, int T, int B) {
  auto created = Model::create(spec, vocabulary, 5);
  REQUIRE(created);
  Model& model = *created;
  Random shake(17);  // larger weights than at the start of training, so that gates open and close
  for (float& value : model.parameters()) value += 0.3f * static_cast<float>(shake.normal());
  model.parameters_changed();
  const reference::Model twin = testing::twin_of(model);

  const auto workspace = model.make_workspace(T, B);
  RecurrentState state = model.make_state(B);
  const size_t batch = static_cast<size_t>(B), length = static_cast<size_t>(T),
               H = static_cast<size_t>(spec.hidden);
  std::vector<std::vector<reference::State>> states(batch, reference::zero_state(twin));
  Random ids(23), dropout(31), same_dropout(31);
  const double operations = testing::path_length(spec, vocabulary, 2 * T);
  for (int round = 0; round < 2; ++round) {
    CAPTURE(round);
    const auto inputs = testing::random_ids(ids, batch * length, vocabulary);
    const auto targets = testing::random_ids(ids, batch * length, vocabulary);
    const double loss = model.forward_backward(*workspace, inputs, targets, state, dropout);

    reference::Model gradients = reference::make_model(spec, static_cast<size_t>(vocabulary));
    std::vector<double> losses(batch * length);
    const auto masks = spec.dropout > 0 ? draw_masks(spec, same_dropout, length, batch)
                                        : std::vector(batch, std::vector<std::vector<reference::Vector>>());
    for (size_t b = 0; b < batch; ++b) {
      const auto pass = reference::forward(twin, testing::stream(inputs, batch, b),
                                           testing::stream(targets, batch, b), states[b], masks[b]);
      reference::backward(twin, pass, reference::Vector(length, 1.0 / static_cast<double>(batch * length)),
                          gradients);
      for (size_t t = 0; t < length; ++t) losses[t * batch + b] = pass.losses[t];
      states[b] = pass.last();
      for (size_t l = 0; l < states[b].size(); ++l) {
        const size_t at = (l * batch + b) * H;
        const auto h = compare(std::span(state.states.back()).subspan(at, H), states[b][l].h);
        CHECK(h.difference <= testing::tolerance(operations, h.largest));
        if (state.states.size() == 1) continue;
        const auto c = compare(std::span(state.states.front()).subspan(at, H), states[b][l].c);
        CHECK(c.difference <= testing::tolerance(operations, c.largest));
      }
    }
    const auto each = compare(workspace->losses(), losses);
    CHECK(each.difference <= testing::tolerance(operations, each.largest));
    const double mean =
        std::accumulate(losses.begin(), losses.end(), 0.0) / static_cast<double>(losses.size());
    CHECK(std::abs(loss - mean) <= testing::tolerance(operations, each.largest));
    for (const reference::NamedTensor& tensor : reference::tensors(gradients)) {
      CAPTURE(tensor.name);
      const ParameterBlock& block = model.block(tensor.name);
      const auto found = compare(model.gradients().subspan(block.offset, block.size()), *tensor.values);
      CHECK(found.difference <= testing::tolerance(operations, found.largest));
      CHECK(found.largest > 0);
    }
  }
}

}  // namespace

TEST_CASE(
    "Cells: losses, states and gradients equal the reference, for every cell, option and instruction set") {
  for_every_instruction_set([] {
    for (const testing::Case& one : testing::every_cell_and_option(9)) {
      CAPTURE(one.name);
      check_against_reference(one.spec, 7, 5, 3);
    }
  });
}

TEST_CASE("Cells: the same at sizes that are no multiple of any vector or tile, and at batch 1") {
  for_every_instruction_set([] {
    for (const std::string cell : {"rnn", "lstm", "gru"}) {
      CAPTURE(cell);
      check_against_reference({.cell = cell, .hidden = 35}, 41, 6, 1);
      check_against_reference({.cell = cell, .hidden = 21, .layers = 2}, 19, 4, 11);
      check_against_reference({.cell = cell, .hidden = 1}, 2, 3, 1);
    }
  });
}

TEST_CASE("Cells: the table names the gates in PyTorch's order") {
  const auto names = [](const std::string& cell) {
    std::string all;
    for (const char* name : traits_of(cell)->gate_names) all += name;
    return all;
  };
  CHECK(names("lstm") == "ifgo");
  CHECK(names("gru") == "rzn");
  CHECK(names("rnn").empty());
}

TEST_CASE("Cells: gates and states of every step are in the workspace, as the reference has them") {
  for (const std::string cell : {"rnn", "lstm", "gru"}) {
    CAPTURE(cell);
    const LaneSpec spec{.cell = cell, .hidden = 6, .layers = 2};
    auto model = Model::create(spec, 5, 8);
    REQUIRE(model);
    const reference::Model twin = testing::twin_of(*model);
    const auto workspace = model->make_workspace(9, 1);  // longer than what is run
    RecurrentState state = model->make_state(1);
    Random random(2);
    const auto inputs = testing::random_ids(random, 4, 5), targets = testing::random_ids(random, 4, 5);
    model->forward(*workspace, inputs, targets, state);
    CHECK(workspace->seq_length() == 4);
    const auto pass = reference::forward(twin, inputs, targets, reference::zero_state(twin));
    for (size_t l = 0; l < 2; ++l) {
      const auto found = [&](const char* name, size_t t) {
        return std::span(value_of(workspace->parts(), static_cast<int>(l), *model->graph().equation(name),
                                  static_cast<ptrdiff_t>(t)),
                         6);
      };
      const std::string gates = cell == "lstm" ? "ifgo" : cell == "gru" ? "rzn" : "";
      for (size_t t = 0; t < 4; ++t) {
        const reference::CellStep& step = pass.steps[t][l];
        CHECK(compare(found("h", t), step.after.h).difference < 1e-6);
        if (cell == "lstm") CHECK(compare(found("c", t), step.after.c).difference < 1e-6);
        for (size_t g = 0; g < gates.size(); ++g)
          CHECK(compare(found(std::string{gates[g]}.c_str(), t), std::span(step.gates).subspan(g * 6, 6))
                    .difference < 1e-6);
      }
    }
    for (size_t t = 0; t < 4; ++t)
      CHECK(compare(workspace->probabilities().subspan(t * 5, 5), pass.probabilities[t]).difference < 1e-6);
  }
}
