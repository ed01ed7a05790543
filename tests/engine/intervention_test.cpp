// Interventions against models that do the same by their weights: a clamped gate is one with weight 0 and the
// right bias, an ablated unit one that nobody reads.
#include <cmath>

#include "engine/model/double_model.h"
#include "engine/model/intervention_set.h"
#include "engine/probes/intervened_surprise.h"
#include "tests/engine/engine_fixture.h"

using namespace unroll;
using Kind = Intervention::Kind;

namespace {

constexpr size_t hidden = 8;

struct Subject {
  Vocabulary vocabulary = Vocabulary::of(U"abcdefg");
  Model model;
  std::u32string text;

  explicit Subject(const std::string& cell, int layers = 2, int embedding = 0)
      : model(std::move(*Model::create(
            {.cell = cell, .hidden = hidden, .layers = layers, .embedding = embedding}, 7, 3))) {
    Random random(4);
    for (float& value : model.parameters()) value += 0.3f * static_cast<float>(random.normal());
    model.parameters_changed();
    for (int i = 0; i < 80; ++i) text += static_cast<char32_t>(U'a' + random.below(7));
  }
  SurpriseProbe probe(const InterventionSet& set) const {
    REQUIRE(bool(check_interventions(set, model.spec())));
    return probe_surprise(model, vocabulary, text, 3, set);
  }
  std::span<float> values(const std::string& name) {
    const ParameterBlock& block = model.block(name);
    return model.parameters().subspan(block.offset, block.size());
  }
  /// Rows of unit `unit`'s gate in layer 1 become 0, with this bias.
  void fix_gate(size_t gate, size_t unit, float bias) {
    const size_t row = gate * hidden + unit;
    std::ranges::fill(values("rnn.weight_ih_l1").subspan(row * hidden, hidden), 0.0f);
    std::ranges::fill(values("rnn.weight_hh_l1").subspan(row * hidden, hidden), 0.0f);
    values("rnn.bias_ih_l1")[row] = bias;
    values("rnn.bias_hh_l1")[row] = 0;
    model.parameters_changed();
  }
  void forget_column(const std::string& name, size_t column) {
    const std::span<float> weight = values(name);
    for (size_t at = column; at < weight.size(); at += hidden) weight[at] = 0;
    model.parameters_changed();
  }
};

/// Largest difference of losses and probabilities from character 1 on.
double difference(const SurpriseProbe& a, const SurpriseProbe& b) {
  REQUIRE(a.loss.size() == b.loss.size());
  double largest = 0;
  for (size_t n = 1; n < a.loss.size(); ++n) {
    largest = std::max<double>(largest, std::abs(a.loss[n] - b.loss[n]));
    for (size_t k = 3 * n; k < 3 * n + 3; ++k)
      largest = std::max<double>(largest, std::abs(a.top_probs[k] - b.top_probs[k]));
  }
  return largest;
}

}  // namespace

TEST_CASE("Interventions: without any, the predictions are those of the engine") {
  for (const std::string cell : {"rnn", "lstm", "gru"})
    for (const int embedding : {0, 4}) {
      CAPTURE(cell);
      const Subject subject(cell, 2, embedding);
      const SurpriseProbe plain = probe_surprise(subject.model, subject.vocabulary, subject.text + U"?", 3);
      const SurpriseProbe same =
          probe_surprise(subject.model, subject.vocabulary, subject.text + U"?", 3, {});
      CHECK(difference(plain, same) < 1e-5);
      CHECK(same.text == plain.text);
      CHECK(same.unknown == U"?");
      CHECK(same.top_ids == plain.top_ids);
      CHECK(std::isnan(same.loss[0]));
    }
}

TEST_CASE("Interventions: a clamped gate is one whose weights are 0 and whose bias gives that value") {
  for (const std::string cell : {"lstm", "gru"}) {
    const std::string gates = cell == "lstm" ? "ifgo" : "rzn";
    for (size_t gate = 0; gate < gates.size(); ++gate)
      for (const int unit : {-1, 5}) {
        CAPTURE(cell);
        CAPTURE(gate);
        CAPTURE(unit);
        Subject subject(cell);
        const bool is_tanh = gate == 2;
        const double value = is_tanh ? -0.4 : 0.9;
        const SurpriseProbe plain = subject.probe({});
        const SurpriseProbe clamped = subject.probe(
            {{.kind = Kind::clamp, .layer = 1, .unit = unit, .what = {gates[gate]}, .value = value}});
        const auto bias = static_cast<float>(is_tanh ? std::atanh(value) : std::log(value / (1 - value)));
        for (size_t j = 0; j < hidden; ++j)
          if (unit < 0 || j == static_cast<size_t>(unit)) subject.fix_gate(gate, j, bias);
        CHECK(difference(clamped, subject.probe({})) < 1e-5);
        CHECK(difference(clamped, plain) > 1e-3);
      }
  }
}

TEST_CASE("Interventions: an ablated unit is one that nobody reads; frozen from the start it is the same") {
  for (const std::string cell : {"rnn", "lstm", "gru"}) {
    CAPTURE(cell);
    Subject subject(cell);
    const SurpriseProbe plain = subject.probe({});
    const SurpriseProbe ablated = subject.probe({{.kind = Kind::ablate, .layer = 0, .unit = 3}});
    const SurpriseProbe frozen = subject.probe({{.kind = Kind::freeze, .layer = 0, .unit = 3}});
    CHECK(difference(ablated, frozen) == 0);
    subject.forget_column("rnn.weight_hh_l0", 3);
    subject.forget_column("rnn.weight_ih_l1", 3);
    CHECK(difference(ablated, subject.probe({})) < 1e-5);
    CHECK(difference(ablated, plain) > 1e-3);
  }
}

TEST_CASE(
    "Interventions: of every kind, the losses are those of the reference whose state is changed by hand") {
  // One intervention of each kind, in layer 0 where the layer above follows; see Kind for what they do.
  constexpr size_t clamped = 1, edited = 4, ablated = 5, frozen = 6;
  constexpr size_t first = 20, last = 59;
  for (const std::string cell : {"rnn", "lstm", "gru"}) {
    CAPTURE(cell);
    const Subject subject(cell);
    const bool is_lstm = cell == "lstm", is_gru = cell == "gru";
    InterventionSet set{{.kind = Kind::ablate, .unit = ablated, .first = first, .last = last},
                        {.kind = Kind::freeze, .unit = frozen, .first = first, .last = last}};
    if (is_lstm)
      set.push_back({.kind = Kind::set, .unit = edited, .what = "c", .value = 1.5, .first = 30, .last = 30});
    if (is_lstm || is_gru)  // f of the lstm, z of the gru
      set.push_back(
          {.kind = Kind::clamp, .unit = clamped, .what = is_lstm ? "f" : "z", .value = 0.7, .first = first});
    const SurpriseProbe found = subject.probe(set);

    const reference::Model twin = testing::twin_of(subject.model);
    const auto ids = subject.vocabulary.encode(subject.text).ids;
    std::vector<reference::State> states = reference::zero_state(twin);
    std::vector<double> expected;
    for (size_t n = 0; n + 1 < ids.size(); ++n) {
      const auto before = states;
      // The whole model, one character on: layer 0 is then changed by hand, and layer 1 read once more.
      const auto pass =
          reference::forward(twin, std::span(ids).subspan(n, 1), std::span(ids).subspan(n + 1, 1), states);
      const reference::CellStep& step = pass.steps[0][0];
      states = pass.last();
      reference::State& bottom = states[0];
      const auto gate = [&](size_t number, size_t unit) { return step.gates[number * hidden + unit]; };
      if (n >= first && is_lstm) {
        bottom.c[clamped] = 0.7 * before[0].c[clamped] + gate(0, clamped) * gate(2, clamped);
        bottom.h[clamped] = gate(3, clamped) * std::tanh(bottom.c[clamped]);
      } else if (n >= first && is_gru) {
        bottom.h[clamped] = (1 - 0.7) * gate(2, clamped) + 0.7 * before[0].h[clamped];
      }
      if (n == 30 && is_lstm) {
        bottom.c[edited] = 1.5;
        bottom.h[edited] = gate(3, edited) * std::tanh(1.5);
      }
      if (n >= first && n <= last) {
        bottom.h[ablated] = 0;
        bottom.h[frozen] = before[0].h[frozen];
        if (is_lstm) bottom.c[ablated] = 0, bottom.c[frozen] = before[0].c[frozen];
      }
      states[1] = (is_lstm  ? reference::lstm_forward(twin.layers[1], bottom.h, before[1])
                   : is_gru ? reference::gru_forward(twin.layers[1], bottom.h, before[1])
                            : reference::rnn_forward(twin.layers[1], twin.nonlinearity, bottom.h, before[1]))
                      .after;
      const reference::Vector logits = reference::sum(times(twin.decoder, states[1].h), twin.decoder_bias);
      double total = 0;
      for (const double logit : logits) total += std::exp(logit);
      expected.push_back(std::log(total) - logits[static_cast<size_t>(ids[n + 1])]);
    }
    // Both are in double precision; what is left is the rounding of the losses to float32.
    const auto compared = testing::compare(std::span(found.loss).subspan(1), expected);
    CHECK(compared.difference <= testing::tolerance(1, compared.largest));
    CHECK(difference(found, subject.probe({})) > 1e-3);
  }
}

TEST_CASE("Interventions: they hold from their first to their last character, and later ones count") {
  const Subject subject("lstm", 1);
  DoubleModel plain(subject.model);
  DoubleModel frozen(subject.model, {{.kind = Kind::freeze, .unit = 2, .first = 10, .last = 19}});
  DoubleModel edited(subject.model,
                     {{.kind = Kind::set, .unit = 1, .what = "c", .value = 9, .first = 5, .last = 5},
                      {.kind = Kind::set, .unit = 1, .what = "c", .value = -2, .first = 5, .last = 5}});
  const auto ids = subject.vocabulary.encode(subject.text).ids;
  double h = 0, c = 0;
  for (int n = 0; n < 30; ++n) {
    const auto expected = plain.read(ids[static_cast<size_t>(n)]);
    const auto with_frozen = frozen.read(ids[static_cast<size_t>(n)]);
    const auto with_edit = edited.read(ids[static_cast<size_t>(n)]);
    if (n == 9) h = frozen.layer(0).value("h")[2], c = frozen.layer(0).value("c")[2];
    CHECK((with_frozen == expected) == (n < 10));
    CHECK((frozen.layer(0).value("h")[2] == h && frozen.layer(0).value("c")[2] == c) == (n >= 9 && n < 20));
    CHECK((with_edit == expected) == (n < 5));
    if (n == 5) {
      CHECK(edited.layer(0).value("c")[1] == -2);
      CHECK(edited.layer(0).value("h")[1] / std::tanh(-2.0) ==
            doctest::Approx(plain.layer(0).value("h")[1] / std::tanh(plain.layer(0).value("c")[1])));
    }
    CHECK((edited.layer(0).value("c")[1] == -2) == (n == 5));
  }
  edited.reset();
  plain.reset();
  CHECK(edited.read(ids[0]) == plain.read(ids[0]));
}

TEST_CASE("Interventions: the model stays as it is") {
  const Subject subject("gru");
  const std::vector<float> before(subject.model.parameters().begin(), subject.model.parameters().end());
  const SurpriseProbe plain = probe_surprise(subject.model, subject.vocabulary, subject.text, 3);
  subject.probe({{.kind = Kind::ablate, .layer = 1}});
  CHECK(std::ranges::equal(before, subject.model.parameters()));
  CHECK(difference(plain, probe_surprise(subject.model, subject.vocabulary, subject.text, 3)) == 0);
}

TEST_CASE("Interventions: what the model does not have is refused with its place") {
  const auto where = [](const std::string& cell, const Intervention& one) {
    const Status status = check_interventions({{}, one}, {.cell = cell, .hidden = 8, .layers = 2});
    return status ? std::string() : status.error().where;
  };
  CHECK(where("lstm", {.kind = Kind::clamp, .layer = 1, .unit = 7, .what = "g", .value = -1}) == "");
  CHECK(where("lstm", {.kind = Kind::clamp, .what = "c", .value = 3}) == "");
  CHECK(where("lstm", {.kind = Kind::set, .what = "c", .value = -100}) == "");
  CHECK(where("lru", {.kind = Kind::clamp, .what = "gain", .value = 0.5}) == "");
  CHECK(where("slstm", {.kind = Kind::freeze, .what = "n"}) == "");
  CHECK(where("rnn", {.kind = Kind::freeze, .first = 3, .last = 3}) == "");
  CHECK(where("rnn", {.layer = 2}) == "set[1].layer");
  CHECK(where("rnn", {.unit = 8}) == "set[1].unit");
  CHECK(where("rnn", {.unit = -2}) == "set[1].unit");
  CHECK(where("rnn", {.kind = Kind::clamp}) == "set[1].what");
  CHECK(where("gru", {.kind = Kind::set, .what = "c"}) == "set[1].what");
  CHECK(where("gru", {.kind = Kind::set, .what = "z"}) == "set[1].what");
  CHECK(where("lstm", {.kind = Kind::ablate, .what = "f"}) == "set[1].what");
  CHECK(where("gru", {.kind = Kind::clamp, .what = "i"}) == "set[1].what");
  CHECK(where("gru", {.kind = Kind::clamp, .what = "r", .value = -0.1}) == "set[1].value");
  CHECK(where("cifg", {.kind = Kind::clamp, .what = "i", .value = 1.1}) == "set[1].value");
  CHECK(where("lstm", {.kind = Kind::clamp, .what = "g", .value = NAN}) == "set[1].value");
  CHECK(where("lstm", {.kind = Kind::set, .what = "c", .value = 101}) == "set[1].value");
  const Status status = check_interventions({{.kind = Kind::set, .what = "f"}}, {.cell = "lstm"});
  CHECK(status.error().text() == "set[0].what: found \"f\", which is no state of this cell (allowed: c, h)");
  CHECK(where("lstm", {.first = 4, .last = 3}) == "set[1].last");
  CHECK(where("lstm", {.first = -1}) == "set[1].last");
}
