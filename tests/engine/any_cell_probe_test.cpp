// What looks into a model and reaches into it works for every cell by the names in its equations.
#include <cmath>

#include "engine/cells/shipped.h"
#include "engine/model/checkpoint.h"
#include "engine/model/double_model.h"
#include "engine/probes/gradient_check.h"
#include "engine/probes/intervened_surprise.h"
#include "engine/probes/layer_probe.h"
#include "engine/probes/spectrum.h"
#include "tests/engine/engine_fixture.h"
#include "tests/engine/trainer_fixture.h"

using namespace unroll;
using testing::compare;
using Kind = Intervention::Kind;

namespace {

constexpr int V = 7;

struct Subject {
  Vocabulary vocabulary = Vocabulary::of(U"abcdefg");
  Model model;
  std::vector<int32_t> ids;
  std::u32string text;

  explicit Subject(const std::string& cell, int hidden = 8)
      : model(std::move(*Model::create({.cell = cell, .hidden = hidden, .layers = 2}, V, 3))) {
    Random random(4);
    // Larger weights than fresh ones, and none near the kinks of relu, where there is no derivative.
    for (float& value : model.parameters()) value += 0.2f * static_cast<float>(random.normal());
    model.parameters_changed();
    ids = testing::random_ids(random, 60, V);
    text = vocabulary.decode(ids);
  }
};

const char* own_text =
    "cell mine \"Coupled with peepholes\"\nstate c, h\nf = sigmoid(lin(x) + lin(h[t-1]) + diag(c[t-1]))\n"
    "c = f * c[t-1] + (1 - f) * tanh(lin(x) + lin(h[t-1]))\nh = sigmoid(lin(x) + diag(c)) * tanh(c)\n";

}  // namespace

TEST_CASE("Any cell: its equations in single precision are those of the walk in double precision") {
  for (const ShippedCell& cell : shipped_cells()) {
    CAPTURE(std::string(cell.name));
    const Subject subject{std::string(cell.name)};
    const ActivationProbe probe = probe_activations(subject.model, subject.vocabulary, subject.text);
    DoubleModel doubles(subject.model);
    double worst = 0;
    for (size_t n = 0; n < subject.ids.size(); ++n) {
      doubles.read(subject.ids[n]);
      for (int l = 0; l < 2; ++l)
        for (const std::string& name : probe.names) {
          const auto value = doubles.layer(l).value(name);
          std::vector<double> exact(8);
          values_of_units(value.data(), value.size() / 8, 8, exact.data());
          const auto found = compare(std::span(probe.values(l, name)).subspan(n * 8, 8), exact);
          worst = std::max(worst, found.difference / std::max(found.largest, 1.0));
        }
    }
    CHECK(worst < 1e-4);
  }
}

TEST_CASE("Any cell: every row of the layer probe is finite, and the equations' are the model's") {
  for (const ShippedCell& cell : shipped_cells()) {
    CAPTURE(std::string(cell.name));
    Subject subject{std::string(cell.name)};
    const auto rows = cell_rows(*cell.graph);
    LayerMeter meter(subject.model, subject.ids, 1, rows, 5, 20, LayerMeter::Order::by_row);
    while (!meter.advance()) continue;
    const ActivationProbe probe = probe_activations(subject.model, subject.vocabulary, subject.text);
    for (size_t r = 0; r < rows.size(); ++r) {
      CAPTURE(rows[r].name);
      const auto values = std::span(meter.values()).subspan(r * 20 * 8, 20 * 8);
      CHECK(std::ranges::all_of(values, [](float value) { return std::isfinite(value); }));
      if (rows[r].equation >= 0)
        CHECK(std::ranges::equal(values, std::span(probe.values(1, rows[r].name)).subspan(5 * 8, 20 * 8)));
    }
  }
}

TEST_CASE("Any cell: the backward pass is that of finite differences, also through the whole model") {
  for (const ShippedCell& cell : shipped_cells()) {
    CAPTURE(std::string(cell.name));
    const Subject subject{std::string(cell.name)};
    GradientCheck check(subject.model, std::span(subject.ids).first(25), 60, 11);
    while (!check.advance()) continue;
    CHECK(check.error() < 2e-4);  // of sums in single precision, through divisions in some cells
    CHECK(check.error() > 0);
  }
}

TEST_CASE("Any cell: any equation is clamped and any state frozen, by name") {
  for (const ShippedCell& cell : shipped_cells()) {
    CAPTURE(std::string(cell.name));
    const Subject subject{std::string(cell.name)};
    for (const CellEquation& equation : cell.graph->equations) {
      CAPTURE(equation.name);
      const Range range = allowed_values(*cell.graph, equation);
      const double value = range.minimum < 0 ? -0.25 : 0.5;
      const InterventionSet set{
          {.kind = Kind::clamp, .layer = 1, .unit = 3, .what = equation.name, .value = value, .first = 4}};
      REQUIRE(bool(check_interventions(set, subject.model.spec())));
      DoubleModel clamped(subject.model, set), plain(subject.model);
      for (int n = 0; n < 10; ++n) {
        clamped.read(subject.ids[static_cast<size_t>(n)]);
        plain.read(subject.ids[static_cast<size_t>(n)]);
        const auto found = clamped.layer(1).value(equation.name);
        for (size_t at = 3; at < found.size(); at += 8) CHECK((found[at] == value) == (n >= 4));
        CHECK(clamped.layer(0).h()[3] == plain.layer(0).h()[3]);
      }
    }
    for (const CellState& state : cell.graph->states) {
      DoubleModel frozen(subject.model,
                         {{.kind = Kind::freeze, .layer = 0, .unit = 2, .what = state.name, .first = 3}});
      std::vector<double> before;
      for (int n = 0; n < 8; ++n) {
        frozen.read(subject.ids[static_cast<size_t>(n)]);
        const auto now = frozen.layer(0).value(state.name);
        if (n == 2) before.assign(now.begin(), now.end());
        for (size_t at = 2; n > 2 && at < now.size(); at += 8) CHECK(now[at] == before[at]);
      }
    }
  }
}

TEST_CASE(
    "Any cell: gradient flow of every state reaches back, and a spectrum has the blocks of its equations") {
  for (const ShippedCell& cell : shipped_cells()) {
    CAPTURE(std::string(cell.name));
    const Subject subject{std::string(cell.name)};
    const int position = 30;
    const GradientFlow flow = probe_gradient_flow(subject.model, subject.ids, std::span(&position, 1), 20)[0];
    REQUIRE(flow.states.size() == cell.graph->states.size());
    for (const auto& state : flow.states) {
      REQUIRE(state.size() == 2 * 20);
      CHECK(std::ranges::all_of(state, [](float norm) { return std::isfinite(norm) && norm >= 0; }));
    }
    const auto& up = flow.states[static_cast<size_t>(cell.graph->output)];
    CHECK(up[20] > 0);  // the top layer's state that is predicted from
    SpectrumMeter meter(subject.model, 1);
    while (!meter.advance()) continue;
    for (const Spectrum& one : meter.result()) {
      CHECK(one.singular >= one.eigenvalue * (1 - 1e-4));
      CHECK(cell.graph->equation(one.name.substr(0, one.name.find(':'))) != nullptr);
    }
  }
}

TEST_CASE(
    "Any cell: gradient flow has the norms of finite differences, of every state of every layer at every "
    "lag") {
  constexpr int position = 9, lags = 5;
  constexpr double step = 1e-5;
  for (const ShippedCell& cell : shipped_cells()) {
    CAPTURE(std::string(cell.name));
    const Subject subject{std::string(cell.name), 4};
    const size_t H = 4;
    const GradientFlow flow =
        probe_gradient_flow(subject.model, subject.ids, std::span(&position, 1), lags)[0];
    DoubleModel plain(subject.model);
    std::vector<DoubleModel> after;  // each character
    for (int n = 0; n < position; ++n) {
      plain.read(subject.ids[static_cast<size_t>(n)]);
      after.push_back(plain);
    }
    /// The loss at `position` when this unit of a state is set after character t.
    const auto loss = [&](int layer, const CellState& state, size_t unit, int t, double value) {
      DoubleModel set(subject.model, {{.kind = Kind::clamp,
                                       .layer = layer,
                                       .unit = static_cast<int>(unit),
                                       .what = state.name,
                                       .value = value,
                                       .first = t,
                                       .last = t}});
      for (int n = 0; n < position; ++n) set.read(subject.ids[static_cast<size_t>(n)]);
      return set.loss(subject.ids[position]);
    };
    double worst = 0, largest = 0;
    for (int layer = 0; layer < 2; ++layer)
      for (size_t s = 0; s < flow.states.size(); ++s)
        for (int lag = 0; lag < lags; ++lag) {
          if (cell.graph->states[s].heads > 0)
            continue;  // an intervention sets whole rows: cell_plan_test.cpp has it
          const int t = position - 1 - lag;
          double squares = 0;
          for (size_t unit = 0; unit < H; ++unit) {
            const CellState& state = cell.graph->states[s];
            const double value = after[static_cast<size_t>(t)].layer(layer).value(state.name)[unit];
            const double slope =
                (loss(layer, state, unit, t, value + step) - loss(layer, state, unit, t, value - step)) /
                (2 * step);
            squares += slope * slope;
          }
          const double right = std::sqrt(squares);
          const double found = static_cast<double>(flow.states[s][static_cast<size_t>(layer * lags + lag)]);
          worst = std::max(worst, std::abs(found - right) / std::max(right, 1e-3));
          largest = std::max(largest, right);
        }
    CHECK(worst < 1e-3);  // single precision through divisions in some cells
    CHECK(largest > 0.01);
  }
}

TEST_CASE("Any cell: a checkpoint carries one's own equations, and training goes on from it bit for bit") {
  Experiment experiment = testing::experiment_of(testing::counting_text(), {.hidden = 10, .layers = 2},
                                                 {.batch = 3, .seq_length = 12});
  REQUIRE(set_cell(experiment, own_text));
  REQUIRE(set_field(experiment, field("lanes", "cell"), 0, "mine"));
  REQUIRE(validate(experiment));
  const auto trainer = testing::make_trainer(experiment);
  for (int i = 0; i < 5; ++i) trainer->step();
  const auto bytes = save_checkpoint(*trainer);
  const auto loaded = load_checkpoint(bytes);
  REQUIRE(loaded);
  CHECK(loaded->experiment.lanes[0].cell == "mine");
  CHECK(loaded->experiment.lanes[0].equations == own_text);
  CHECK(loaded->model.graph().equation("f") != nullptr);
  auto resumed = resume_training(bytes);
  REQUIRE(resumed);
  for (int i = 0; i < 3; ++i) CHECK((*resumed)->step().loss == trainer->step().loss);
  CHECK(std::ranges::equal((*resumed)->model().parameters(), trainer->model().parameters()));
}

TEST_CASE(
    "Any cell: training goes on from a checkpoint bit for bit, a matrix carried along, and another's is "
    "refused") {
  const auto experiment_of = [](const char* cell, int hidden) {
    return testing::experiment_of(testing::counting_text(), {.cell = cell, .hidden = hidden, .layers = 2},
                                  {.batch = 3, .seq_length = 12});
  };
  for (const ShippedCell& cell : shipped_cells()) {
    const std::string name(cell.name);
    CAPTURE(name);
    const auto trainer = testing::make_trainer(experiment_of(name == "rnn_relu" ? "rnn" : name.c_str(), 8));
    for (int i = 0; i < 3; ++i) trainer->step();
    auto resumed = resume_training(save_checkpoint(*trainer));
    REQUIRE(resumed);
    for (int i = 0; i < 3; ++i) CHECK((*resumed)->step().loss == trainer->step().loss);
    CHECK((*resumed)->carried_state().states == trainer->carried_state().states);
    CHECK(std::ranges::equal((*resumed)->model().parameters(), trainer->model().parameters()));
  }
  const auto trainer = testing::make_trainer(experiment_of("mlstm", 8));
  trainer->step();
  CHECK(trainer->carried_state().states[0].size() == 2 * 3 * 8 * 8);
  Trainer::Snapshot snapshot = trainer->snapshot();
  snapshot.state.states[0].resize(2 * 3 * 8);
  CHECK_FALSE(trainer->restore(snapshot));
}
