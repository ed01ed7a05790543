// What happens inside a layer: every row of every cell is the reference's, the rows fit together by the cell's
// equations, and what the model keeps is handed out as it is.
#include "engine/probes/layer_probe.h"

#include "tests/engine/engine_fixture.h"

using namespace unroll;
using testing::tolerance;

namespace {

constexpr int V = 7;
constexpr size_t length = 150;  // three slices

/// A model whose weights are larger than fresh ones, and a text.
struct Subject {
  Model model;
  std::vector<int32_t> ids;

  explicit Subject(LaneSpec spec) : model(std::move(*Model::create(spec, V, 3))) {
    Random random(4);
    for (float& value : model.parameters()) value += 0.2f * static_cast<float>(random.normal());
    model.parameters_changed();
    ids = testing::random_ids(random, length, V);
  }
  size_t hidden() const { return static_cast<size_t>(model.spec().hidden); }
  std::vector<CellRow> rows() const { return cell_rows(model.spec().cell); }

  /// The rows of characters first … first + count − 1, by name: (count, H) each.
  std::vector<std::vector<float>> measure(int layer, size_t first, size_t count, InterventionSet set = {}) {
    const size_t values = count * hidden();
    LayerMeter meter(model, ids, layer, rows(), first, count, LayerMeter::Order::by_row, std::move(set));
    while (!meter.advance()) continue;
    REQUIRE(meter.values().size() == rows().size() * values);
    std::vector<std::vector<float>> result;
    for (size_t r = 0; r < rows().size(); ++r) {
      const auto from = meter.values().begin() + static_cast<ptrdiff_t>(r * values);
      result.emplace_back(from, from + static_cast<ptrdiff_t>(values));
    }
    return result;
  }
  size_t index(const std::string& name) const {
    const auto all = rows();
    const auto found = std::ranges::find(all, name, &CellRow::name);
    REQUIRE(found != all.end());
    return static_cast<size_t>(found - all.begin());
  }
};

/// The reference's row of every character.
std::vector<double> expected_row(const reference::Model& twin, const reference::SequencePass& pass,
                                 size_t layer, const CellRow& row) {
  using Kind = CellRow::Kind;
  const size_t H = twin.hidden();
  std::vector<double> all;
  for (const auto& steps : pass.steps) {
    const reference::CellStep& step = steps[layer];
    const reference::LayerWeights& weights = twin.layers[layer];
    const auto add = [&](const reference::Vector& values) {
      const auto from = values.begin() + static_cast<ptrdiff_t>(row.gate * H);
      all.insert(all.end(), from, from + static_cast<ptrdiff_t>(H));
    };
    reference::Vector tanh_c = step.after.c;
    for (double& c : tanh_c) c = std::tanh(c);
    switch (row.kind) {
      case Kind::h_before:
        add(step.before.h);
        break;
      case Kind::c_before:
        add(step.before.c);
        break;
      case Kind::x:
        add(reference::sum(times(weights.w_ih, step.x), weights.b_ih));
        break;
      case Kind::u:
        add(reference::sum(times(weights.w_hh, step.before.h), weights.b_hh));
        break;
      case Kind::gate:
        add(step.gates);
        break;
      case Kind::c:
        add(step.after.c);
        break;
      case Kind::tanh_c:
        add(tanh_c);
        break;
      case Kind::h:
        add(step.after.h);
        break;
    }
  }
  return all;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

TEST_CASE("Layer probe: the rows are named in the order of the cell's equations") {
  const auto names = [](const std::string& cell) {
    std::string all;
    for (const CellRow& row : cell_rows(cell)) all += row.name + " ";
    return all;
  };
  CHECK(names("rnn") == "h_prev x u h ");
  CHECK(names("lstm") == "h_prev c_prev x.i x.f x.g x.o u.i u.f u.g u.o i f g o c tanh_c h ");
  CHECK(names("gru") == "h_prev x.r x.z x.n u.r u.z u.n r z n h ");
}

TEST_CASE("Layer probe: every row of every cell, layer and character is the reference's") {
  for (const auto& [name, spec] : testing::every_cell_and_option(6)) {
    CAPTURE(name);
    Subject subject(spec);
    const reference::Model twin = testing::twin_of(subject.model);
    const auto pass = reference::forward(twin, subject.ids, subject.ids, reference::zero_state(twin));
    // Interventions that begin after the text change nothing, but everything is computed in double precision: then
    // only the rounding to float32 is left.
    const InterventionSet later{{.layer = spec.layers - 1, .first = int64_t{length}}};
    for (int layer = 0; layer < spec.layers; ++layer) {
      const auto rows = subject.measure(layer, 0, length);
      const auto doubles = subject.measure(layer, 0, length, later);
      for (size_t r = 0; r < rows.size(); ++r) {
        const CellRow row = subject.rows()[r];
        CAPTURE(row.name);
        const auto expected = expected_row(twin, pass, static_cast<size_t>(layer), row);
        const auto found = testing::compare(rows[r], expected);
        const double operations = testing::path_length(spec, V, static_cast<int>(length));
        CHECK(found.difference <= tolerance(operations, std::max(found.largest, 1.0)));
        CHECK(found.difference < 1e-4 * std::max(found.largest, 1.0));
        CHECK(testing::compare(doubles[r], expected).difference <= tolerance(1, found.largest));
      }
    }
  }
}

TEST_CASE("Layer probe: x, u and the state before give the gates and the state that the model computed") {
  for (const std::string cell : {"rnn", "lstm", "gru"}) {
    CAPTURE(cell);
    Subject subject({.cell = cell, .hidden = 20, .layers = 2});
    for (int layer = 0; layer < 2; ++layer) {
      const auto rows = subject.measure(layer, 60, 64);
      const auto at = [&](const char* row, size_t n) {
        return static_cast<double>(rows[subject.index(row)][n]);
      };
      // Each is a sum of 20 products, added in an order of its own, and an activation of slope at most 1; what
      // comes out is at most about 1, c a little more.
      const double close = tolerance(2 * 20 + 8, 4);
      double largest = 0;
      const auto check = [&](double found, double expected) {
        largest = std::max(largest, std::abs(found - expected));
      };
      for (size_t n = 0; n < 64 * 20; ++n) {
        const auto z = [&](const std::string& gate) {
          return at(("x." + gate).c_str(), n) + at(("u." + gate).c_str(), n);
        };
        if (cell == "rnn") {
          check(at("h", n), std::tanh(at("x", n) + at("u", n)));
        } else if (cell == "lstm") {
          check(at("i", n), sigmoid(z("i")));
          check(at("f", n), sigmoid(z("f")));
          check(at("g", n), std::tanh(z("g")));
          check(at("o", n), sigmoid(z("o")));
          check(at("c", n), at("f", n) * at("c_prev", n) + at("i", n) * at("g", n));
          check(at("tanh_c", n), std::tanh(at("c", n)));
          check(at("h", n), at("o", n) * at("tanh_c", n));
        } else {
          check(at("r", n), sigmoid(z("r")));
          check(at("z", n), sigmoid(z("z")));
          check(at("n", n), std::tanh(at("x.n", n) + at("r", n) * at("u.n", n)));
          check(at("h", n), (1 - at("z", n)) * at("n", n) + at("z", n) * at("h_prev", n));
        }
      }
      CHECK(largest <= close);
    }
  }
}

TEST_CASE("Layer probe: a part of the text gives that part, in either order") {
  Subject subject({.cell = "lstm", .hidden = 5, .layers = 2});
  const auto all = subject.measure(1, 0, length);
  const size_t H = 5, R = all.size(), first = 62, count = 7;
  LayerMeter meter(subject.model, subject.ids, 1, subject.rows(), first, count,
                   LayerMeter::Order::by_character);
  while (!meter.advance()) continue;
  REQUIRE(meter.values().size() == count * R * H);
  for (size_t n = 0; n < count; ++n)
    for (size_t r = 0; r < R; ++r)
      for (size_t j = 0; j < H; ++j)
        CHECK(meter.values()[(n * R + r) * H + j] == all[r][(first + n) * H + j]);
  const auto h = subject.index("h"), before = subject.index("h_prev");
  CHECK(std::ranges::equal(std::span(all[h]).first((length - 1) * H), std::span(all[before]).subspan(H)));

  LayerMeter nothing(subject.model, {}, 0, subject.rows(), 0, 0, LayerMeter::Order::by_row);
  CHECK(nothing.advance());
  CHECK(nothing.values().empty());
}

TEST_CASE("Layer probe: interventions are seen where they are made, and later characters follow from them") {
  using Kind = Intervention::Kind;
  Subject subject({.cell = "lstm", .hidden = 5});
  const size_t H = 5, unit = 2, first = 70;
  const auto plain = subject.measure(0, 0, length);
  const auto rows =
      subject.measure(0, 0, length,
                      {{.kind = Kind::clamp_gate, .unit = 2, .gate = 1, .value = 0.25, .first = 70},
                       {.kind = Kind::ablate, .unit = 4, .first = 70},
                       {.kind = Kind::freeze, .unit = 3, .first = 70}});
  const auto at = [&](const char* row, size_t n, size_t j) { return rows[subject.index(row)][n * H + j]; };
  for (size_t r = 0; r < rows.size(); ++r)
    CHECK(testing::compare(std::span(rows[r]).first(first * H), std::span(plain[r]).first(first * H))
              .difference < 1e-5);
  for (size_t n = first; n < length; ++n) {
    CHECK(at("f", n, unit) == 0.25f);
    CHECK(at("c", n, unit) ==
          doctest::Approx(0.25f * at("c_prev", n, unit) + at("i", n, unit) * at("g", n, unit)).epsilon(1e-5));
    CHECK(at("h", n, 4) == 0);
    CHECK(at("c", n, 4) == 0);
    CHECK(at("h", n, 3) == at("h_prev", n, 3));
    CHECK(at("c", n, 3) == at("c_prev", n, 3));
  }
  const auto h = subject.index("h");
  CHECK(testing::compare(std::span(rows[h]).last(H), std::span(plain[h]).last(H)).difference > 1e-3);
}
