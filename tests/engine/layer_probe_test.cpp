// What happens inside a layer: every row of every cell is the reference's, the rows fit together by the cell's
// equations, and what the model keeps is handed out as it is.
#include "engine/probes/layer_probe.h"

#include <functional>

#include "engine/cells/shipped.h"
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
  std::vector<CellRow> rows() const { return cell_rows(*graph_of(model.spec())); }

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

/// The reference's value of a row at one character, by the row's name.
reference::Vector expected_value(const std::string& cell, const reference::LayerWeights& weights,
                                 const reference::CellStep& step, const std::string& name) {
  const size_t H = step.before.h.size();
  const auto value = [&](const std::string& other) { return expected_value(cell, weights, step, other); };
  const auto map = [&](const std::string& a, const std::string& b, auto op) {
    reference::Vector result = value(a);
    const reference::Vector other = value(b);
    for (size_t j = 0; j < H; ++j) result[j] = op(result[j], other[j]);
    return result;
  };
  const std::string gates = cell == "lstm" ? "ifgo" : cell == "gru" ? "rzn" : "";
  const auto block = [&](const reference::Vector& all, size_t gate) {
    const auto from = all.begin() + static_cast<ptrdiff_t>(gate * H);
    return reference::Vector(from, from + static_cast<ptrdiff_t>(H));
  };
  const size_t gate = name.size() > 2 && name[name.size() - 2] == '.' ? gates.find(name.back()) : 0;
  if (name == "h_prev") return step.before.h;
  if (name == "c_prev") return step.before.c;
  if (name == "h") return step.after.h;
  if (name == "c") return step.after.c;
  if (name == "x" || name.starts_with("x."))
    return block(reference::sum(times(weights.w_ih, step.x), weights.b_ih), gate);
  if (name == "u" || name.starts_with("u."))
    return block(reference::sum(times(weights.w_hh, step.before.h), weights.b_hh), gate);
  if (name.size() == 1 && gates.find(name) != std::string::npos) return block(step.gates, gates.find(name));
  if (name == "sum.n") return map("x.n", "n.1", std::plus());
  if (name == "n.1") return map("r", "u.n", std::multiplies());
  if (name == "sum") return map("x", "u", std::plus());
  if (name.starts_with("sum.")) return map("x." + name.substr(4), "u." + name.substr(4), std::plus());
  if (name == "keep")
    return cell == "lstm" ? map("f", "c_prev", std::multiplies()) : map("z", "h_prev", std::multiplies());
  if (name == "write")
    return cell == "lstm" ? map("i", "g", std::multiplies()) : map("remain_z", "n", std::multiplies());
  reference::Vector result = value(name.substr(name.find('_') + 1));
  REQUIRE((name == "tanh_c" || name == "remain_z"));
  for (double& one : result) one = name == "tanh_c" ? std::tanh(one) : 1 - one;
  return result;
}

/// The same of every character.
std::vector<double> expected_row(const reference::Model& twin, const reference::SequencePass& pass,
                                 size_t layer, const CellRow& row) {
  std::vector<double> all;
  for (const auto& steps : pass.steps) {
    const reference::Vector values = expected_value(twin.cell, twin.layers[layer], steps[layer], row.name);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

TEST_CASE("Layer probe: the rows are the states before, and every named operation of the equations") {
  const auto names = [](const std::string& cell) {
    std::vector<std::string> all;
    for (const CellRow& row : cell_rows(*graph_of(cell))) all.push_back(row.name);
    std::ranges::sort(all);
    std::string text;
    for (const std::string& name : all) text += name + " ";
    return text;
  };
  CHECK(names("rnn") == "h h_prev sum u x ");
  CHECK(
      names("lstm") ==
      "c c_prev f g h h_prev i keep o sum.f sum.g sum.i sum.o tanh_c u.f u.g u.i u.o write x.f x.g x.i x.o ");
  CHECK(names("gru") == "h h_prev keep n n.1 r remain_z sum.n sum.r sum.z u.n u.r u.z write x.n x.r x.z z ");
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

  LayerMeter nothing(subject.model, std::span<const int32_t>(), 0, subject.rows(), 0, 0,
                     LayerMeter::Order::by_row);
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
                      {{.kind = Kind::clamp, .unit = 2, .what = "f", .value = 0.25, .first = 70},
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
