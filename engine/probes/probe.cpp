#include "engine/probes/probe.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "engine/model/parts.h"

namespace unroll {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr size_t slice_length = 256;  // characters in one pass

}  // namespace

SurpriseProbe make_surprise_probe(const Vocabulary& vocabulary, std::span<const int32_t> ids, int top) {
  const size_t K = static_cast<size_t>(std::clamp(top, 0, vocabulary.size()));
  return {.text = vocabulary.decode(ids),
          .unknown = {},
          .top = static_cast<int>(K),
          .loss = std::vector<float>(ids.size(), nan),
          .top_ids = std::vector<int32_t>(ids.size() * K),
          .top_probs = std::vector<float>(ids.size() * K, nan)};
}

void keep_best(SurpriseProbe& probe, size_t position, std::span<const float> p) {
  const size_t K = static_cast<size_t>(probe.top);
  std::vector<int32_t> order(p.size());
  std::iota(order.begin(), order.end(), 0);
  const auto is_better = [&](int32_t a, int32_t b) {
    const float pa = p[static_cast<size_t>(a)], pb = p[static_cast<size_t>(b)];
    return pa != pb ? pa > pb : a < b;
  };
  std::ranges::partial_sort(order, order.begin() + static_cast<ptrdiff_t>(K), is_better);
  for (size_t k = 0; k < K; ++k) {
    probe.top_ids[position * K + k] = order[k];
    probe.top_probs[position * K + k] = p[static_cast<size_t>(order[k])];
  }
}

SurpriseProbe probe_surprise(const Model& model, const Vocabulary& vocabulary, std::u32string_view text,
                             int top) {
  Vocabulary::Encoded encoded = vocabulary.encode(text);
  const std::span<const int32_t> ids = encoded.ids;
  SurpriseProbe probe = make_surprise_probe(vocabulary, ids, top);
  probe.unknown = std::move(encoded.unknown);
  if (ids.size() < 2) return probe;

  const size_t V = static_cast<size_t>(vocabulary.size()), inputs = ids.size() - 1;
  const auto workspace = model.make_workspace(static_cast<int>(std::min(inputs, slice_length)), 1);
  RecurrentState state = model.make_state(1);
  for (size_t first = 0; first < inputs; first += slice_length) {
    const size_t length = std::min(slice_length, inputs - first);
    model.forward(*workspace, ids.subspan(first, length), ids.subspan(first + 1, length), state);
    std::ranges::copy(workspace->losses(), &probe.loss[first + 1]);
    for (size_t t = 0; t < length; ++t)
      keep_best(probe, first + t + 1, workspace->probabilities().subspan(t * V, V));
  }
  return probe;
}

ActivationProbe probe_activations(const Model& model, const Vocabulary& vocabulary,
                                  std::u32string_view text) {
  Vocabulary::Encoded encoded = vocabulary.encode(text);
  const std::span<const int32_t> ids = encoded.ids;
  const CellGraph& graph = model.graph();
  const size_t N = ids.size(), H = static_cast<size_t>(model.spec().hidden);
  ActivationProbe probe{.text = vocabulary.decode(ids),
                        .unknown = std::move(encoded.unknown),
                        .hidden = model.spec().hidden,
                        .names = {},
                        .layers = {}};
  for (const CellEquation& equation : graph.equations) probe.names.push_back(equation.name);
  probe.layers.assign(static_cast<size_t>(model.spec().layers),
                      std::vector(probe.names.size(), std::vector<float>(N * H)));
  if (N == 0) return probe;

  const auto columns = [&](const CellEquation& equation) {
    return static_cast<size_t>(
        columns_of(graph.nodes[static_cast<size_t>(equation.node)], model.spec().hidden));
  };
  const auto workspace = model.make_workspace(static_cast<int>(std::min(N, slice_length)), 1);
  RecurrentState state = model.make_state(1);
  for (size_t first = 0; first < N; first += slice_length) {
    const auto slice = ids.subspan(first, std::min(slice_length, N - first));
    model.forward(*workspace, slice, slice, state);  // the loss is of no interest here
    for (size_t l = 0; l < probe.layers.size(); ++l)
      for (size_t e = 0; e < probe.names.size(); ++e)
        for (size_t t = 0; t < slice.size(); ++t)
          values_of_units(value_of(workspace->parts(), static_cast<int>(l), graph.equations[e],
                                   static_cast<ptrdiff_t>(t)),
                          columns(graph.equations[e]), H, &probe.layers[l][e][(first + t) * H]);
  }
  return probe;
}

const std::vector<float>& ActivationProbe::values(int layer, std::string_view equation) const {
  const auto at = std::ranges::find(names, equation);
  return layers[static_cast<size_t>(layer)][static_cast<size_t>(at - names.begin())];
}

}  // namespace unroll
