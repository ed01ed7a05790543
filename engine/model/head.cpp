#include "engine/model/head.h"

#include <algorithm>
#include <cassert>

#include "engine/base/gaussian.h"
#include "engine/model/ctc_head.h"
#include "engine/model/mixture_head.h"
#include "engine/model/parts.h"

namespace unroll {
namespace {

/// Squared errors of the linear head's outputs.
void linear_loss(const ModelParts& m, WorkspaceParts& w, const BatchView& batch) {
  const auto rows = static_cast<size_t>(w.rows()), O = static_cast<size_t>(m.shape.outputs);
  assert(batch.values.size() == rows * O);
  const float share = 1.0f / static_cast<float>(O);
  for (size_t row = 0; row < rows; ++row) {
    float sum = 0;
    for (size_t o = row * O; o < (row + 1) * O; ++o) {
      const float error = w.output[o] - batch.values[o];
      sum += error * error;
    }
    w.losses[row] = sum * share;
  }
}

/// The outputs become the gradients of the summed loss, times scale.
void linear_gradient(const ModelParts& m, WorkspaceParts& w, const BatchView& batch, float scale) {
  const size_t numbers = static_cast<size_t>(w.rows()) * static_cast<size_t>(m.shape.outputs);
  const float factor = 2 * scale / static_cast<float>(m.shape.outputs);
  for (size_t i = 0; i < numbers; ++i) w.output[i] = (w.output[i] - batch.values[i]) * factor;
}

/// −ln of the normal densities that the outputs tell.
void gaussian_losses(const ModelParts& m, WorkspaceParts& w, const BatchView& batch) {
  const auto rows = static_cast<size_t>(w.rows()), K = static_cast<size_t>(m.shape.targets());
  assert(batch.values.size() == rows * K);
  for (size_t row = 0; row < rows; ++row)
    w.losses[row] = static_cast<float>(gaussian_loss(&w.output[row * 2 * K], &batch.values[row * K], K));
}

void gaussian_gradients(const ModelParts& m, WorkspaceParts& w, const BatchView& batch, float scale) {
  const auto rows = static_cast<size_t>(w.rows()), K = static_cast<size_t>(m.shape.targets());
  for (size_t row = 0; row < rows; ++row)
    gaussian_gradient(&w.output[row * 2 * K], &batch.values[row * K], K, static_cast<double>(scale));
}

/// Each row of gradients times its weight.
void weigh(const ModelParts& m, WorkspaceParts& w, std::span<const float> weights) {
  const auto O = static_cast<size_t>(m.shape.outputs);
  for (size_t row = 0; row < weights.size(); ++row) {
    float* gradient = &w.output[row * O];
    if (weights[row] == 0)
      std::fill_n(gradient, O, 0.0f);
    else if (weights[row] != 1)
      for (size_t o = 0; o < O; ++o) gradient[o] *= weights[row];
  }
}

}  // namespace

double total_weight(const BatchView& batch) {
  if (batch.weights.empty()) return static_cast<double>(batch.rows());
  double sum = 0;
  for (const float weight : batch.weights) sum += static_cast<double>(weight);
  return sum > 0 ? sum : 1;
}

double summed_loss(std::span<const float> losses, const BatchView& batch) {
  double sum = 0;
  const size_t rows = batch.rows();
  if (batch.weights.empty())
    for (size_t row = 0; row < rows; ++row) sum += losses[row];
  else
    for (size_t row = 0; row < rows; ++row)
      if (batch.weights[row] > 0) sum += static_cast<double>(batch.weights[row]) * losses[row];
  return sum;
}

void head_gradient(ModelParts& m, WorkspaceParts& w, const BatchView& batch, float scale) {
  const DuringPart output(m, StepPart::output);
  if (m.shape.head == Head::softmax) {
    const ptrdiff_t O = m.shape.outputs;
    m.plan->each_rows(*m.kernels, m.team.get(), w.batch, w.seq_length, [&](ptrdiff_t first, int rows) {
      m.kernels->softmax_loss_gradient(w.output.data() + first * O, batch.classes.data() + first,
                                       w.losses.data() + first, scale, rows, m.shape.outputs);
    });
  } else if (m.shape.head == Head::ctc) {
    return ctc_gradients(m, w, batch, scale);
  } else if (m.shape.head == Head::linear) {
    linear_loss(m, w, batch);
    linear_gradient(m, w, batch, scale);
  } else if (m.shape.head == Head::mixture) {
    mixture_gradients(m, w, batch, scale);
  } else {
    gaussian_losses(m, w, batch);
    gaussian_gradients(m, w, batch, scale);
  }
  weigh(m, w, batch.weights);
}

bool forward_head(const ModelParts& m, WorkspaceParts& w, const BatchView& batch) {
  const int rows = static_cast<int>(w.rows()), O = m.shape.outputs;
  const bool has_targets = has_targets_for(m.shape, batch);
  if (m.shape.head == Head::mixture) {
    if (has_targets) mixture_losses(m, w, batch);
    return has_targets;
  }
  if (!m.shape.has_classes()) {
    if (has_targets) m.shape.head == Head::linear ? linear_loss(m, w, batch) : gaussian_losses(m, w, batch);
    return has_targets;
  }
  assert(!has_targets || batch.classes.size() == static_cast<size_t>(rows));
  if (has_targets && m.shape.head == Head::ctc) ctc_losses(m, w, batch);
  if (has_targets && m.shape.head == Head::softmax) {
    m.kernels->softmax_loss(w.output.data(), batch.classes.data(), w.losses.data(), rows, O);
  } else {
    const int32_t any_target = 0;
    float unused = 0;  // its loss, which is of no interest
    for (ptrdiff_t row = 0; row < rows; ++row)
      m.kernels->softmax_loss(w.output.data() + row * O, &any_target, &unused, 1, O);
  }
  return has_targets;
}

}  // namespace unroll
