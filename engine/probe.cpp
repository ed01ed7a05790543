#include "engine/probe.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace unroll {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr size_t slice_length = 256;  // characters in one pass

}  // namespace

SurpriseProbe probe_surprise(const Model& model, const Vocabulary& vocabulary, std::u32string_view text,
                             int top) {
  Vocabulary::Encoded encoded = vocabulary.encode(text);
  const std::span<const int32_t> ids = encoded.ids;
  const size_t V = static_cast<size_t>(vocabulary.size());
  const size_t K = std::min(static_cast<size_t>(std::max(top, 0)), V);
  SurpriseProbe probe{.text = vocabulary.decode(ids),
                      .unknown = std::move(encoded.unknown),
                      .top = static_cast<int>(K),
                      .loss = std::vector<float>(ids.size(), nan),
                      .top_ids = std::vector<int32_t>(ids.size() * K),
                      .top_probs = std::vector<float>(ids.size() * K, nan)};
  if (ids.size() < 2) return probe;

  const size_t inputs = ids.size() - 1;
  const auto workspace = model.make_workspace(static_cast<int>(std::min(inputs, slice_length)), 1);
  RecurrentState state = model.make_state(1);
  std::vector<int32_t> order(V);
  for (size_t first = 0; first < inputs; first += slice_length) {
    const size_t length = std::min(slice_length, inputs - first);
    model.forward(*workspace, ids.subspan(first, length), ids.subspan(first + 1, length), state);
    std::ranges::copy(workspace->losses(), &probe.loss[first + 1]);
    for (size_t t = 0; t < length; ++t) {
      const std::span<const float> p = workspace->probabilities().subspan(t * V, V);
      std::iota(order.begin(), order.end(), 0);
      const auto is_better = [&](int32_t a, int32_t b) {
        const float pa = p[static_cast<size_t>(a)], pb = p[static_cast<size_t>(b)];
        return pa != pb ? pa > pb : a < b;
      };
      std::ranges::partial_sort(order, order.begin() + static_cast<ptrdiff_t>(K), is_better);
      for (size_t k = 0; k < K; ++k) {
        probe.top_ids[(first + t + 1) * K + k] = order[k];
        probe.top_probs[(first + t + 1) * K + k] = p[static_cast<size_t>(order[k])];
      }
    }
  }
  return probe;
}

}  // namespace unroll
