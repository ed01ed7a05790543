#include "engine/model/ctc_head.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "engine/base/ctc.h"
#include "engine/model/parts.h"

namespace unroll {
namespace {

/// A sequence of the batch with what its member of the team computes in.
struct Labelled {
  size_t steps;
  std::span<const int32_t> labels;
  std::span<double> logs, room;
};

void lay_out(CtcBuffers& buffers, const BatchView& batch, int members) {
  const size_t B = static_cast<size_t>(batch.batch);
  buffers.labels.clear();
  buffers.labels.reserve(batch.rows());
  buffers.first_label.assign(B + 1, 0);
  buffers.member = 0;
  for (size_t b = 0; b < B; ++b) {
    for (size_t row = b; row < batch.rows() && batch.classes[row] != 0; row += B)
      buffers.labels.push_back(batch.classes[row]);
    buffers.first_label[b + 1] = buffers.labels.size();
    const size_t steps = length_of(batch, b), labels = buffers.labels.size() - buffers.first_label[b];
    buffers.member = std::max(buffers.member, steps * (labels + 1) + ctc_room(steps, labels));
  }
  const size_t needed = static_cast<size_t>(members) * buffers.member;
  if (buffers.numbers.size() < needed) buffers.numbers.resize(std::max(needed, 2 * buffers.numbers.size()));
}

/// body(sequence b, its first logits), shared by the team: a sequence is one member's.
template <class Body>
void each_sequence(const ModelParts& m, WorkspaceParts& w, const BatchView& batch, const Body& body) {
  assert(batch.classes.size() == batch.rows() && batch.weights.size() == batch.rows() &&
         batch.starts.empty());
  CtcBuffers& buffers = w.ctc;
  lay_out(buffers, batch, m.team ? m.team->size() : 1);
  std::fill_n(w.losses.begin(), w.rows(), 0.0f);
  divide(m.team.get(), batch.batch, 1, [&](ptrdiff_t first, ptrdiff_t last, int member) {
    for (auto b = static_cast<size_t>(first); b < static_cast<size_t>(last); ++b) {
      const size_t steps = length_of(batch, b), from = buffers.first_label[b],
                   labels = buffers.first_label[b + 1] - from, logs = steps * (labels + 1);
      const std::span all =
          std::span(buffers.numbers).subspan(static_cast<size_t>(member) * buffers.member, buffers.member);
      body(b, Labelled{steps, std::span(buffers.labels).subspan(from, labels), all.first(logs),
                       all.subspan(logs)});
    }
  });
}

/// ln of the sum of a row's exponentials.
double log_sum(const float* logits, size_t O) {
  const auto most = static_cast<double>(*std::max_element(logits, logits + O));
  double sum = 0;
  for (size_t o = 0; o < O; ++o) sum += std::exp(static_cast<double>(logits[o]) - most);
  return most + std::log(sum);
}

/// The logarithms of what is said at step t, from its logits.
void take_logs(const Labelled& one, size_t t, const float* logits, double sum) {
  double* row = &one.logs[t * (one.labels.size() + 1)];
  *row++ = static_cast<double>(logits[0]) - sum;
  for (const int32_t label : one.labels) *row++ = static_cast<double>(logits[label]) - sum;
}

/// A string that no path says costs nothing; its weight is 0 as well (Batch).
bool can_be_said(const Labelled& one) { return ctc_least_steps(one.labels) <= one.steps; }

}  // namespace

void ctc_losses(const ModelParts& m, WorkspaceParts& w, const BatchView& batch) {
  const size_t B = static_cast<size_t>(batch.batch), O = static_cast<size_t>(m.shape.outputs);
  each_sequence(m, w, batch, [&](size_t b, const Labelled& one) {
    if (!can_be_said(one)) return;
    for (size_t t = 0; t < one.steps; ++t) {
      const float* logits = &w.output[(t * B + b) * O];
      take_logs(one, t, logits, log_sum(logits, O));
    }
    w.losses[(one.steps - 1) * B + b] = static_cast<float>(ctc_loss(one.labels, one.logs, one.room));
  });
}

void ctc_gradients(const ModelParts& m, WorkspaceParts& w, const BatchView& batch, float scale) {
  const size_t B = static_cast<size_t>(batch.batch), T = static_cast<size_t>(batch.seq_length),
               O = static_cast<size_t>(m.shape.outputs);
  each_sequence(m, w, batch, [&](size_t b, const Labelled& one) {
    const size_t last = (one.steps - 1) * B + b;
    const auto weight = static_cast<double>(batch.weights[last]) * static_cast<double>(scale);
    const bool counts = weight != 0 && can_be_said(one);
    for (size_t t = counts ? one.steps : 0; t < T; ++t) std::fill_n(&w.output[(t * B + b) * O], O, 0.0f);
    if (!counts) return;
    for (size_t t = 0; t < one.steps; ++t) {
      float* logits = &w.output[(t * B + b) * O];
      const double sum = log_sum(logits, O);
      take_logs(one, t, logits, sum);
      for (size_t o = 0; o < O; ++o)
        logits[o] = static_cast<float>(weight * std::exp(static_cast<double>(logits[o]) - sum));
    }
    w.losses[last] = static_cast<float>(ctc_posteriors(one.labels, one.logs, one.room));
    const double* posterior = one.logs.data();
    for (size_t t = 0; t < one.steps; ++t) {
      float* gradient = &w.output[(t * B + b) * O];
      gradient[0] -= static_cast<float>(weight * *posterior++);
      for (const int32_t label : one.labels) gradient[label] -= static_cast<float>(weight * *posterior++);
    }
  });
}

}  // namespace unroll
