// What the tests of the engine share: small models, their double-precision twins, and how closely they must
// agree.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/kernels/kernels.h"
#include "engine/model/model.h"
#include "tests/reference/model.h"

namespace unroll::testing {

/// The reference with the engine's weights.
inline reference::Model twin_of(const Model& model) {
  reference::Model twin = reference::make_model(model.spec(), static_cast<size_t>(model.vocabulary()));
  for (const reference::NamedTensor& tensor : reference::tensors(twin)) {
    const ParameterBlock& block = model.block(tensor.name);
    REQUIRE(block.size() == tensor.values->size());
    std::ranges::copy(model.parameters().subspan(block.offset, block.size()), tensor.values->begin());
  }
  return twin;
}

inline std::vector<int32_t> random_ids(Random& random, size_t count, int vocabulary) {
  std::vector<int32_t> ids(count);
  for (int32_t& id : ids) id = static_cast<int32_t>(random.below(static_cast<uint32_t>(vocabulary)));
  return ids;
}

/// Ids of stream b out of a (T, B) array.
inline std::vector<int32_t> stream(std::span<const int32_t> ids, size_t batch, size_t b) {
  std::vector<int32_t> column;
  for (size_t row = b; row < ids.size(); row += batch) column.push_back(ids[row]);
  return column;
}

/// Where float32 results may differ from exact ones: every operation on the longest path from an input to the
/// result may add one rounding error of the largest value on the way.
inline double tolerance(double operations, double largest) {
  return operations * static_cast<double>(std::numeric_limits<float>::epsilon()) * largest;
}

/// Operations on the longest path through one pass: each of T·L cells and the output layer adds up its
/// inputs, there and back, and the activations are good to a few units in the last place.
inline double path_length(const LaneSpec& spec, int vocabulary, int seq_length) {
  const double sum = spec.hidden + std::max(spec.embedding, 1) + 8;
  return 2 * (seq_length * spec.layers * sum + vocabulary);
}

/// Largest |a − b|, and the largest |b|.
struct Difference {
  double difference = 0, largest = 0;
};
template <class A, class B>
Difference compare(const A& a, const B& b) {
  REQUIRE(a.size() == b.size());
  Difference result;
  for (size_t i = 0; i < a.size(); ++i) {
    const double x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    result.difference = std::max(result.difference, std::isfinite(x) ? std::abs(x - y) : HUGE_VAL);
    result.largest = std::max(result.largest, std::abs(y));
  }
  return result;
}

/// A lane and its name in messages.
struct Case {
  std::string name;
  LaneSpec spec;
};

/// Every cell with every option that changes its mathematics.
inline std::vector<Case> every_cell_and_option(int hidden) {
  std::vector<Case> cases;
  for (const std::string cell : {"rnn", "lstm", "gru"}) {
    const auto add = [&](const std::string& option, auto change) {
      Case one{cell + ", " + option, LaneSpec{.cell = cell, .hidden = hidden}};
      change(one.spec);
      cases.push_back(one);
    };
    add("1 layer", [](LaneSpec&) {});
    add("2 layers", [](LaneSpec& s) { s.layers = 2; });
    add("3 layers", [](LaneSpec& s) { s.layers = 3; });
    add("embedding", [](LaneSpec& s) { s.embedding = 4; });
    add("2 layers, dropout", [](LaneSpec& s) { s.layers = 2, s.dropout = 0.4; });
    add("3 layers, dropout, embedding", [](LaneSpec& s) { s.layers = 3, s.dropout = 0.2, s.embedding = 5; });
    add("orthogonal", [](LaneSpec& s) { s.init = Init::orthogonal; });
    if (cell == "rnn") {
      add("relu", [](LaneSpec& s) { s.nonlinearity = Nonlinearity::relu; });
      add("relu, 2 layers", [](LaneSpec& s) { s.nonlinearity = Nonlinearity::relu, s.layers = 2; });
    }
  }
  return cases;
}

/// Runs `tests` once for each table of kernels, which best() is meanwhile.
template <class Tests>
void for_every_instruction_set(const Tests& tests) {
  const std::string chosen = kernels::best().name;
  for (const kernels::Kernels* table : kernels::available()) {
    CAPTURE(std::string(table->name));
    REQUIRE(kernels::force(table->name));
    tests();
  }
  kernels::force(chosen.c_str());
}

}  // namespace unroll::testing
