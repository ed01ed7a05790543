// Forward and backward through a whole model. The plan (Appleyard et al. 2016, arXiv 1604.01946): one product
// over all T·B rows for everything that does not wait for the step before, one small product and one fused
// gate pass per step for what does, and one product with K = T·B per weight gradient after the loop.
#include <algorithm>
#include <cstring>

#include "engine/model/parts.h"

namespace unroll {
namespace {

/// Factors of dropout: 0 with probability p, else 1/(1 − p).
void draw_mask(Random& random, double p, std::span<float> mask) {
  const float drop = static_cast<float>(p), keep = static_cast<float>(1.0 / (1.0 - p));
  for (float& factor : mask) factor = random.uniform() < drop ? 0.0f : keep;
}

void multiply(const float* a, const float* b, float* product, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; ++i) product[i] = a[i] * b[i];
}

/// x (rows, width) · Wᵀ + bias for every row: the input part of a layer that has a dense input.
void dense_input(ModelParts& m, LayerParts& layer, const float* x, float* z, ptrdiff_t rows) {
  const int width = static_cast<int>(m.gate_width()), n = static_cast<int>(rows);
  m.kernels->gemm(x, layer.input, m.packed(layer.ih), z, width, n, width, layer.input, false);
  m.kernels->add_rows(m.bias(layer), z, width, n, width);
}

void gather(const float* table, std::span<const int32_t> ids, ptrdiff_t width, float* rows) {
  for (const int32_t id : ids) {
    std::memcpy(rows, table + id * width, static_cast<size_t>(width) * sizeof(float));
    rows += width;
  }
}

/// Output of layer `l` as the next layer reads it.
const float* output_of(const ModelParts& m, const WorkspaceParts& w, int l) {
  return w.layers[static_cast<size_t>(l)].h.data() + ptrdiff_t{w.batch} * m.spec.hidden;
}

/// C (rows m, cols n) = Aᵀ · B over all T·B rows: one weight gradient.
void weight_gradient(const ModelParts& parts, WorkspaceParts& w, const float* a, int m, const float* b, int n,
                     int rows, float* gradient) {
  const kernels::Kernels& k = *parts.kernels;
  const size_t needed = k.gemm_tn_scratch(m, n, rows);
  if (w.scratch.size() < needed) w.scratch.resize(needed);
  k.gemm_tn(a, m, b, n, gradient, n, m, n, rows, w.scratch.data());
}

void allocate_backward(const ModelParts& m, WorkspaceParts& w) {
  if (!w.dz.empty()) return;
  const size_t rows = static_cast<size_t>(w.capacity) * static_cast<size_t>(w.batch);
  const size_t batch = static_cast<size_t>(w.batch), hidden = static_cast<size_t>(w.hidden);
  const size_t width = static_cast<size_t>(m.gate_width()), V = static_cast<size_t>(m.vocabulary);
  w.dh.resize((rows + batch) * hidden);
  w.dz.resize(rows * width);
  if (m.cell->has_c) w.dc.resize(batch * hidden);
  if (m.cell->has_hidden_part) w.du.resize(rows * width);
  if (m.one_hot()) {
    w.d_table.resize(std::min(rows, V) * width);
    w.slot.assign(V, -1);
    w.seen.reserve(std::min(rows, V));
  } else {
    w.d_embedded.resize(rows * static_cast<size_t>(m.spec.embedding));
  }
}

/// Gradients of W_ih and b_ih of layer 0 when its input is one-hot: the columns of W_ih gather dz by
/// character.
void backward_one_hot(ModelParts& m, WorkspaceParts& w, std::span<const int32_t> inputs) {
  const kernels::Kernels& k = *m.kernels;
  const ptrdiff_t width = m.gate_width();
  const size_t row_bytes = static_cast<size_t>(width) * sizeof(float);
  w.seen.clear();
  const float* dz = w.dz.data();
  for (const int32_t id : inputs) {
    int32_t& slot = w.slot[static_cast<size_t>(id)];
    if (slot < 0) {
      slot = static_cast<int32_t>(w.seen.size());
      w.seen.push_back(id);
      std::memcpy(&w.d_table[static_cast<size_t>(slot * width)], dz, row_bytes);
    } else {
      k.add_rows(dz, &w.d_table[static_cast<size_t>(slot * width)], static_cast<int>(width), 1,
                 static_cast<int>(width));
    }
    dz += width;
  }
  float* bias = w.gradients + m.layers[0].b_ih;
  k.sum_rows(w.d_table.data(), static_cast<int>(width), bias, static_cast<int>(w.seen.size()),
             static_cast<int>(width));
  float* d_weight = w.gradients + m.layers[0].w_ih;
  constexpr ptrdiff_t band = 16;  // see table_for
  for (ptrdiff_t first = 0; first < width; first += band) {
    const ptrdiff_t last = std::min(first + band, width);
    const float* row = w.d_table.data();
    for (const int32_t id : w.seen) {
      for (ptrdiff_t j = first; j < last; ++j) d_weight[j * m.vocabulary + id] = row[j];
      row += width;
    }
  }
  for (const int32_t id : w.seen) w.slot[static_cast<size_t>(id)] = -1;
}

/// Gradients of the input weights of layer 0 behind an embedding, and of the embedding.
void backward_embedding(ModelParts& m, WorkspaceParts& w, std::span<const int32_t> inputs) {
  const kernels::Kernels& k = *m.kernels;
  const int E = m.spec.embedding, width = static_cast<int>(m.gate_width()), rows = static_cast<int>(w.rows());
  LayerParts& layer = m.layers[0];
  weight_gradient(m, w, w.dz.data(), width, w.embedded.data(), E, rows, w.gradients + layer.w_ih);
  k.sum_rows(w.dz.data(), width, w.gradients + layer.b_ih, rows, width);
  k.gemm(w.dz.data(), width, m.packed(layer.ih_backward), w.d_embedded.data(), E, rows, E, width, false);
  const float* row = w.d_embedded.data();
  for (const int32_t id : inputs) {
    k.add_rows(row, w.gradients + m.embedding + ptrdiff_t{id} * E, E, 1, E);
    row += E;
  }
}

/// Gradients of layer l's weights from dz, and of its input into dh (for the layer below).
void backward_layer(ModelParts& m, WorkspaceParts& w, int l, std::span<const int32_t> inputs) {
  const kernels::Kernels& k = *m.kernels;
  const int H = m.spec.hidden, width = static_cast<int>(m.gate_width()), rows = static_cast<int>(w.rows());
  LayerParts& layer = m.layers[static_cast<size_t>(l)];
  LayerBuffers& buffers = w.layers[static_cast<size_t>(l)];
  float* const g = w.gradients;
  const float* dz = w.dz.data();
  const float* du = m.cell->has_hidden_part ? w.du.data() : dz;

  weight_gradient(m, w, du, width, buffers.h.data(), H, rows, g + layer.w_hh);
  if (l > 0) {
    const bool masked = !buffers.mask.empty();
    const float* x = masked ? buffers.x.data() : output_of(m, w, l - 1);
    weight_gradient(m, w, dz, width, x, H, rows, g + layer.w_ih);
    k.sum_rows(dz, width, g + layer.b_ih, rows, width);
    float* dx = w.dh.data() + ptrdiff_t{w.batch} * H;
    k.gemm(dz, width, m.packed(layer.ih_backward), dx, H, rows, H, width, false);
    if (masked) multiply(dx, buffers.mask.data(), dx, w.rows() * H);
  } else if (m.one_hot()) {
    backward_one_hot(m, w, inputs);
  } else {
    backward_embedding(m, w, inputs);
  }
  if (m.cell->has_hidden_part)
    k.sum_rows(du, width, g + layer.b_hh, rows, width);
  else
    std::copy_n(g + layer.b_ih, width, g + layer.b_hh);
}

void backward(ModelParts& m, WorkspaceParts& w, std::span<const int32_t> inputs) {
  const kernels::Kernels& k = *m.kernels;
  const int H = m.spec.hidden, V = m.vocabulary, rows = static_cast<int>(w.rows());
  const ptrdiff_t state = ptrdiff_t{w.batch} * H;
  std::fill_n(w.gradients, m.parameters.size(), 0.0f);

  const float* d_logits = w.output.data();
  const float* h_top = output_of(m, w, m.spec.layers - 1);
  weight_gradient(m, w, d_logits, V, h_top, H, rows, w.gradients + m.decoder_weight);
  k.sum_rows(d_logits, V, w.gradients + m.decoder_bias, rows, V);
  k.gemm(d_logits, V, m.packed(m.decoder_backward), w.dh.data() + state, H, rows, H, V, false);

  const LoopGradients gradients{.dh = w.dh.data(),
                                .dc = w.dc.data(),
                                .dz = w.dz.data(),
                                .du = m.cell->has_hidden_part ? w.du.data() : w.dz.data()};
  for (int l = m.spec.layers - 1; l >= 0; --l) {
    std::fill_n(w.dh.data(), state, 0.0f);
    std::ranges::fill(w.dc, 0.0f);
    m.cell->backward(k, m.cell_weights(l, true), w.pass(l), gradients, 0, w.seq_length);
    backward_layer(m, w, l, inputs);
  }
}

double mean(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

}  // namespace

void carry_on(const WorkspaceParts& w, RecurrentState& state) {
  const ptrdiff_t size = ptrdiff_t{w.batch} * w.hidden, last = w.seq_length * size;
  for (size_t l = 0; l < w.layers.size(); ++l) {
    const ptrdiff_t at = static_cast<ptrdiff_t>(l) * size;
    std::copy_n(w.layers[l].h.data() + last, size, state.states.back().data() + at);
    if (!w.layers[l].c.empty())
      std::copy_n(w.layers[l].c.data() + last, size, state.states.front().data() + at);
  }
}

void forward_layers(ModelParts& m, WorkspaceParts& w, std::span<const int32_t> inputs,
                    const RecurrentState& state, Random* dropout) {
  assert(state.batch == w.batch && inputs.size() % static_cast<size_t>(w.batch) == 0);
  w.seq_length = static_cast<int>(inputs.size()) / w.batch;
  assert(w.seq_length >= 1 && w.seq_length <= w.capacity);
  const int H = m.spec.hidden;
  const ptrdiff_t size = ptrdiff_t{w.batch} * H;
  for (int l = 0; l < m.spec.layers; ++l) {
    LayerParts& layer = m.layers[static_cast<size_t>(l)];
    LayerBuffers& buffers = w.layers[static_cast<size_t>(l)];
    std::copy_n(state.states.back().data() + l * size, size, buffers.h.data());
    if (!buffers.c.empty()) std::copy_n(state.states.front().data() + l * size, size, buffers.c.data());
    if (l > 0) {
      const float* x = output_of(m, w, l - 1);
      if (dropout) {
        buffers.x.resize(buffers.z.size() / static_cast<size_t>(m.cell->gates));
        buffers.mask.resize(buffers.x.size());
        draw_mask(*dropout, m.spec.dropout, {buffers.mask.data(), static_cast<size_t>(w.rows() * H)});
        multiply(x, buffers.mask.data(), buffers.x.data(), w.rows() * H);
        x = buffers.x.data();
      }
      dense_input(m, layer, x, buffers.z.data(), w.rows());
    } else if (m.one_hot()) {
      gather(m.table_for(inputs), inputs, m.gate_width(), buffers.z.data());
    } else {
      gather(&m.parameters[m.embedding], inputs, m.spec.embedding, w.embedded.data());
      dense_input(m, layer, w.embedded.data(), buffers.z.data(), w.rows());
    }
    m.cell->forward(*m.kernels, m.cell_weights(l, false), w.pass(l), 0, w.seq_length);
  }
}

void forward_output(ModelParts& m, WorkspaceParts& w) {
  const int H = m.spec.hidden, V = m.vocabulary, rows = static_cast<int>(w.rows());
  const float* h_top = output_of(m, w, m.spec.layers - 1);
  m.kernels->gemm(h_top, H, m.packed(m.decoder), w.output.data(), V, rows, V, H, false);
  m.kernels->add_rows(&m.parameters[m.decoder_bias], w.output.data(), V, rows, V);
}

double forward_backward_pass(ModelParts& m, WorkspaceParts& w, std::span<const int32_t> inputs,
                             std::span<const int32_t> targets, RecurrentState& state, float scale,
                             Random* dropout) {
  allocate_backward(m, w);
  forward_layers(m, w, inputs, state, dropout);
  forward_output(m, w);
  m.kernels->softmax_loss_gradient(w.output.data(), targets.data(), w.losses.data(), scale,
                                   static_cast<int>(w.rows()), m.vocabulary);
  carry_on(w, state);
  backward(m, w, inputs);
  return mean({w.losses.data(), static_cast<size_t>(w.rows())});
}

double Model::forward(Workspace& workspace, std::span<const int32_t> inputs, std::span<const int32_t> targets,
                      RecurrentState& state) const {
  ModelParts& m = *parts_;
  WorkspaceParts& w = workspace.parts();
  assert(inputs.size() == targets.size());
  forward_layers(m, w, inputs, state, nullptr);
  forward_output(m, w);
  m.kernels->softmax_loss(w.output.data(), targets.data(), w.losses.data(), static_cast<int>(w.rows()),
                          m.vocabulary);
  carry_on(w, state);
  return mean(workspace.losses());
}

double Model::forward_backward(Workspace& workspace, std::span<const int32_t> inputs,
                               std::span<const int32_t> targets, RecurrentState& state, Random& dropout) {
  ModelParts& m = *parts_;
  WorkspaceParts& w = workspace.parts();
  assert(inputs.size() == targets.size());
  if (m.gradients.empty()) m.gradients.resize(m.parameters.size());
  w.gradients = m.gradients.data();
  const float scale = 1.0f / static_cast<float>(inputs.size());
  return forward_backward_pass(m, w, inputs, targets, state, scale, m.spec.dropout > 0 ? &dropout : nullptr);
}

void Model::step(Workspace& workspace, int32_t input, RecurrentState& state,
                 std::span<float> probabilities) const {
  ModelParts& m = *parts_;
  WorkspaceParts& w = workspace.parts();
  assert(w.batch == 1 && probabilities.size() == static_cast<size_t>(m.vocabulary));
  forward_layers(m, w, {&input, 1}, state, nullptr);
  forward_output(m, w);
  const int32_t any_target = 0;  // the loss is of no interest here
  m.kernels->softmax_loss(w.output.data(), &any_target, w.losses.data(), 1, m.vocabulary);
  carry_on(w, state);
  std::copy_n(w.output.data(), probabilities.size(), probabilities.data());
}

}  // namespace unroll
