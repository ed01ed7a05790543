#include "engine/model/attention.h"

#include <algorithm>
#include <cassert>

#include "engine/model/parts.h"

namespace unroll {
namespace {

/// One row of scores becomes weights; before `start` they are 0.
void softmax_from(const kernels::Kernels& k, float* row, int start, int end) {
  std::fill_n(row, start, 0.0f);
  const auto n = static_cast<size_t>(end - start);
  float* scores = row + start;
  const float largest = *std::max_element(scores, scores + n);
  for (size_t s = 0; s < n; ++s) scores[s] -= largest;
  k.exp(scores, scores, n);
  float sum = 0;
  for (size_t s = 0; s < n; ++s) sum += scores[s];
  k.scale(1 / sum, scores, n);
}

/// The encoder's outputs of sequence b, packed for both products with them.
void pack_keys(const kernels::Kernels& k, AttentionBuffers& a, const RecurrentState& state, int H, int b) {
  const int S = a.source, step = state.batch * H;
  const float* keys = state.source.data() + ptrdiff_t{b} * H;
  a.keys.resize(k.packed_size(H, S));
  a.keys_back.resize(k.packed_size(S, H));
  k.pack(keys, step, true, H, S, a.keys.data());
  k.pack(keys, step, false, S, H, a.keys_back.data());
}

int start_of(const RecurrentState& state, int b) {
  return state.starts.empty() ? 0 : state.starts[static_cast<size_t>(b)];
}

void grow(FloatArray& array, ptrdiff_t size) {
  if (array.size() < static_cast<size_t>(size)) array.resize(static_cast<size_t>(size));
}

}  // namespace

std::span<const float> AttentionBuffers::weights_of(int t, int b, int seq_length) const {
  if (source == 0) return {};
  return std::span<const float>(weights).subspan(
      (static_cast<size_t>(b) * static_cast<size_t>(seq_length) + static_cast<size_t>(t)) *
          static_cast<size_t>(source),
      static_cast<size_t>(source));
}

uint64_t AttentionBuffers::row_floats(int hidden, int seq_length) {
  return 6 * static_cast<uint64_t>(hidden) + 2 * static_cast<uint64_t>(seq_length);
}

void forward_attention(ModelParts& m, WorkspaceParts& w, const RecurrentState& state) {
  const kernels::Kernels& k = *m.kernels;
  AttentionBuffers& a = w.attention;
  const int H = m.spec.hidden, B = w.batch, T = w.seq_length, first = w.turn, D = T - first;
  const ptrdiff_t entry = ptrdiff_t{B} * H, capacity = ptrdiff_t{w.capacity} * B;
  const int S = a.source = static_cast<int>(static_cast<ptrdiff_t>(state.source.size()) / entry);
  const float* h = w.h(w.layers.size() - 1) + entry;
  grow(a.pair, capacity * 2 * H);
  grow(a.output, capacity * H);
  grow(a.weights, ptrdiff_t{B} * T * S);
  std::copy_n(h, first * entry, a.output.data());
  if (D == 0) return;
  for (int b = 0; b < B; ++b) {
    const float* queries = h + first * entry + ptrdiff_t{b} * H;
    float* pair = a.pair.data() + (ptrdiff_t{first} * B + b) * 2 * H;
    const int step = static_cast<int>(entry);
    for (ptrdiff_t t = 0; t < D; ++t) {
      std::fill_n(pair + t * 2 * entry, H, 0.0f);
      std::copy_n(queries + t * entry, H, pair + t * 2 * entry + H);
    }
    if (S == 0) continue;
    pack_keys(k, a, state, H, b);
    float* weights = a.weights.data() + (ptrdiff_t{b} * T + first) * S;
    k.gemm(queries, step, a.keys.data(), weights, S, D, S, H, false);
    for (ptrdiff_t t = 0; t < D; ++t) softmax_from(k, weights + t * S, start_of(state, b), S);
    k.gemm(weights, S, a.keys_back.data(), pair, 2 * step, D, H, S, false);
  }
  float* output = a.output.data() + first * entry;
  const int rows = D * B;
  team_gemm(k, m.team.get(), a.pair.data() + 2 * first * entry, 2 * H, m.packed(m.attention), nullptr, output,
            H, rows);
  k.tanh(output, output, static_cast<size_t>(rows * ptrdiff_t{H}));
}

void backward_attention(ModelParts& m, WorkspaceParts& w, const RecurrentState& state, float* d_h) {
  const kernels::Kernels& k = *m.kernels;
  AttentionBuffers& a = w.attention;
  const int H = m.spec.hidden, B = w.batch, T = w.seq_length, first = w.turn, D = T - first, S = a.source;
  const ptrdiff_t entry = ptrdiff_t{B} * H;
  assert(S == first);
  std::copy_n(a.d_output.data(), T * entry, d_h);
  if (D == 0) return;
  const int rows = D * B, step = static_cast<int>(entry);
  grow(a.d_pair, ptrdiff_t{w.capacity} * B * 2 * H);
  grow(a.d_weights, ptrdiff_t{T} * S);
  const float *output = a.output.data() + first * entry, *pair = a.pair.data() + 2 * first * entry;
  float* d_output = a.d_output.data() + first * entry;
  k.rnn_tanh_backward(output, d_output, d_output, static_cast<size_t>(rows * ptrdiff_t{H}));
  team_gemm_tn(k, m.team.get(), w.scratch.products, d_output, H, pair, 2 * H,
               &m.gradients[m.attention_weight], 2 * H, H, 2 * H, rows);
  team_gemm(k, m.team.get(), d_output, H, m.packed(m.attention_backward), nullptr, a.d_pair.data(), 2 * H,
            rows);
  for (int b = 0; b < B; ++b) {
    const float* queries = pair + ptrdiff_t{b} * 2 * H + H;
    const float* d_pair = a.d_pair.data() + ptrdiff_t{b} * 2 * H;
    float *d_queries = d_h + first * entry + ptrdiff_t{b} * H, *d_keys = d_h + ptrdiff_t{b} * H;
    for (ptrdiff_t t = 0; t < D; ++t) std::copy_n(d_pair + t * 2 * entry + H, H, d_queries + t * entry);
    if (S == 0) continue;
    pack_keys(k, a, state, H, b);
    const float* weights = a.weights.data() + (ptrdiff_t{b} * T + first) * S;
    float* d_weights = a.d_weights.data();
    k.gemm(d_pair, 2 * step, a.keys.data(), d_weights, S, D, S, H, false);
    for (ptrdiff_t t = 0; t < D; ++t) {
      const float* p = weights + t * S;
      float *d = d_weights + t * S, mean = 0;
      for (ptrdiff_t s = 0; s < S; ++s) mean += p[s] * d[s];
      for (ptrdiff_t s = 0; s < S; ++s) d[s] = p[s] * (d[s] - mean);
    }
    k.gemm(d_weights, S, a.keys_back.data(), d_queries, step, D, H, S, true);
    team_gemm_tn(k, nullptr, w.scratch.products, d_weights, S, queries, 2 * step, d_keys, step, S, H, D);
    team_gemm_tn(k, nullptr, w.scratch.products, weights, S, d_pair, 2 * step, d_keys, step, S, H, D);
  }
}

}  // namespace unroll
