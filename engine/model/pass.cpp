// Forward and backward through a whole model. The plan (Appleyard et al. 2016, arXiv 1604.01946): one product
// over all T·B rows for everything that does not wait for the step before, one small product and one fused
// gate pass per step for what does, and one product with K = T·B per weight gradient after the loop.
#include <algorithm>
#include <cstring>
#include <limits>

#include "engine/base/gaussian.h"
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
void dense_input(ModelParts& m, LayerParts& layer, const float* x, const float* bias, float* z,
                 ptrdiff_t rows) {
  const int width = static_cast<int>(m.input_width()), n = static_cast<int>(rows);
  if (width == 0) return;
  m.kernels->gemm(x, layer.input, m.packed(layer.ih), z, width, n, width, layer.input, false);
  m.kernels->add_rows(bias, z, width, n, width);
}

/// The same of one-hot input without the table, which is of the fast passes' biases.
void one_hot_input(const ModelParts& m, const Stack& stack, std::span<const int32_t> ids, const float* bias,
                   float* z) {
  const ptrdiff_t width = m.input_width(), V = m.shape.inputs;
  const float* w = m.parameters.data() + stack.layers[0].w_ih;
  for (const int32_t id : ids) {
    for (ptrdiff_t j = 0; j < width; ++j) z[j] = w[j * V + id] + bias[j];
    z += width;
  }
}

void gather(const float* table, std::span<const int32_t> ids, ptrdiff_t width, float* rows) {
  for (const int32_t id : ids) {
    std::memcpy(rows, table + id * width, static_cast<size_t>(width) * sizeof(float));
    rows += width;
  }
}

/// Output of layer `l` as the next layer reads it.
const float* output_of(WorkspaceParts& w, int l) {
  return w.h(static_cast<size_t>(l)) + ptrdiff_t{w.batch} * w.hidden;
}

/// What the output layer reads.
const float* read_out(const ModelParts& m, WorkspaceParts& w) {
  return m.shape.attention ? w.attention.output.data() : output_of(w, m.spec.layers - 1);
}

/// C (rows m, cols n) = Aᵀ · B over so many rows: one weight gradient.
void weight_gradient(const ModelParts& parts, WorkspaceParts& w, const float* a, int m, const float* b, int n,
                     int rows, float* gradient) {
  const kernels::Kernels& k = *parts.kernels;
  const size_t needed = k.gemm_tn_scratch(m, n, rows);
  if (w.scratch.products.size() < needed) w.scratch.products.resize(needed);
  k.gemm_tn(a, m, b, n, gradient, n, m, n, rows, w.scratch.products.data());
}

void allocate_backward(const ModelParts& m, WorkspaceParts& w) {
  if (w.has_backward) return;
  w.has_backward = true;
  const size_t rows = static_cast<size_t>(w.capacity) * static_cast<size_t>(w.batch);
  const size_t width = static_cast<size_t>(m.input_width()), V = static_cast<size_t>(m.shape.inputs);
  w.scratch.allocate(*w.plan, w.capacity, w.batch, true);
  w.d_bias.resize(width);
  w.d_tensors.resize(m.graph->tensors.size());
  if (m.one_hot()) {
    w.d_table.resize(std::min(rows, V) * width);
    w.slot.assign(V, -1);
    w.seen.reserve(std::min(rows, V));
  } else if (m.embeds()) {
    w.d_embedded.resize(rows * static_cast<size_t>(m.spec.embedding));
  }
  if (m.shape.attention) w.attention.d_output.resize(rows * static_cast<size_t>(m.spec.hidden));
}

/// Gradients of W_ih and the bias of layer 0 when its input is one-hot: the columns of W_ih gather dz by
/// character.
void backward_one_hot(ModelParts& m, WorkspaceParts& w, const Stack& stack, std::span<const int32_t> inputs,
                      const float* dz) {
  const kernels::Kernels& k = *m.kernels;
  const ptrdiff_t width = m.input_width();
  const size_t row_bytes = static_cast<size_t>(width) * sizeof(float);
  w.seen.clear();
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
  k.sum_rows(w.d_table.data(), static_cast<int>(width), w.d_bias.data(), static_cast<int>(w.seen.size()),
             static_cast<int>(width));
  float* d_weight = w.gradients + stack.layers[0].w_ih;
  constexpr ptrdiff_t band = 16;  // see table_for
  for (ptrdiff_t first = 0; first < width; first += band) {
    const ptrdiff_t last = std::min(first + band, width);
    const float* row = w.d_table.data();
    for (const int32_t id : w.seen) {
      for (ptrdiff_t j = first; j < last; ++j) d_weight[j * m.shape.inputs + id] = row[j];
      row += width;
    }
  }
  for (const int32_t id : w.seen) w.slot[static_cast<size_t>(id)] = -1;
}

/// Gradients of the input weights of layer 0 behind an embedding, and of the embedding.
void backward_embedding(ModelParts& m, WorkspaceParts& w, Stack& stack, std::span<const int32_t> inputs,
                        const float* embedded, const float* dz) {
  const kernels::Kernels& k = *m.kernels;
  const int E = m.spec.embedding, width = static_cast<int>(m.input_width()),
            rows = static_cast<int>(inputs.size());
  LayerParts& layer = stack.layers[0];
  weight_gradient(m, w, dz, width, embedded, E, rows, w.gradients + layer.w_ih);
  k.sum_rows(dz, width, w.d_bias.data(), rows, width);
  k.gemm(dz, width, m.packed(layer.ih_backward), w.d_embedded.data(), E, rows, E, width, false);
  const float* row = w.d_embedded.data();
  for (const int32_t id : inputs) {
    k.add_rows(row, w.gradients + stack.embedding + ptrdiff_t{id} * E, E, 1, E);
    row += E;
  }
}

/// Gradients of layer l's weights in a stretch of rows, and of its input there into dh (for the layer below).
void backward_layer(ModelParts& m, WorkspaceParts& w, const Stretch& stretch, int l, const BatchView& batch,
                    const CellPass& pass) {
  const kernels::Kernels& k = *m.kernels;
  const int H = m.spec.hidden, width = static_cast<int>(m.input_width());
  const ptrdiff_t before = ptrdiff_t{stretch.first} * w.batch,
                  size = ptrdiff_t{stretch.last} * w.batch - before;
  const int rows = static_cast<int>(size);
  LayerParts& layer = stretch.stack->layers[static_cast<size_t>(l)];
  LayerBuffers& buffers = w.layers[static_cast<size_t>(l)];
  for (size_t t = 0; t < layer.tensors.size(); ++t) w.d_tensors[t] = w.gradients + layer.tensors[t];
  w.plan->weight_gradients(pass, stretch.first, stretch.last, w.d_tensors);

  const float* dz = w.plan->input_gradient(w.scratch) + before * width;
  float* dx = w.dh() + (w.batch + before) * H;
  std::ranges::fill(w.d_bias, 0.0f);
  if (width == 0) {
    if (l > 0) std::fill_n(dx, size * H, 0.0f);
  } else if (l > 0) {
    const bool masked = !buffers.mask.empty();
    const float* x = (masked ? buffers.x.data() : output_of(w, l - 1)) + before * H;
    weight_gradient(m, w, dz, width, x, H, rows, w.gradients + layer.w_ih);
    k.sum_rows(dz, width, w.d_bias.data(), rows, width);
    k.gemm(dz, width, m.packed(layer.ih_backward), dx, H, rows, H, width, false);
    if (masked) multiply(dx, buffers.mask.data() + before * H, dx, size * H);
  } else if (m.shape.reals) {
    weight_gradient(m, w, dz, width, batch.reals.data() + before * layer.input, layer.input, rows,
                    w.gradients + layer.w_ih);
    k.sum_rows(dz, width, w.d_bias.data(), rows, width);
  } else {
    const auto symbols = batch.symbols.subspan(static_cast<size_t>(before), static_cast<size_t>(size));
    if (m.one_hot())
      backward_one_hot(m, w, *stretch.stack, symbols, dz);
    else
      backward_embedding(m, w, *stretch.stack, symbols, w.embedded.data() + before * m.spec.embedding, dz);
  }
  for (const CellPlan::InputBias& bias : w.plan->input_biases())
    k.add_rows(w.d_bias.data() + ptrdiff_t{bias.column} * H,
               w.d_tensors[static_cast<size_t>(bias.parameter.tensor)] + ptrdiff_t{bias.parameter.block} * H,
               H, 1, H);
}

/// The way back through an encoder: what a sequence has not begun with gets no gradient. Its first state may be a pole of
/// the way back (a quotient of states), so where it stands in place of what was computed, 1 does meanwhile.
void backward_unbegun(WorkspaceParts& w, const CellPass& pass, size_t layer, int last,
                      std::span<const int32_t> starts) {
  const int begun = starts.empty() ? 0 : std::ranges::max(starts);
  if (begun < last) w.plan->backward(pass, begun, last);
  const int states = static_cast<int>(w.plan->graph().states.size());
  /// body(state, where in an entry of it, how much) for each state of what has not begun before row t.
  const auto each = [&](int t, const auto& body) {
    for (ptrdiff_t b = 0; b < w.batch; ++b)
      for (int s = 0; starts[static_cast<size_t>(b)] >= t && s < states; ++s)
        body(s, b * w.plan->state_size(s), ptrdiff_t{w.plan->state_size(s)});
  };
  for (int t = begun; t > 0; --t) {
    each(t, [&](int s, ptrdiff_t at, ptrdiff_t size) {
      std::fill_n(w.plan->state_gradient(w.scratch, s, t, w.batch) + at, size, 0.0f);
      std::fill_n(w.state(layer, s) + t * w.batch * size + at, size, 1.0f);
    });
    w.plan->backward(pass, t - 1, t);
  }
  for (int t = begun; t > 0; --t)
    each(t, [&](int s, ptrdiff_t at, ptrdiff_t size) {
      std::copy_n(w.state(layer, s) + at, size, w.state(layer, s) + t * w.batch * size + at);
    });
}

void backward(ModelParts& m, WorkspaceParts& w, const BatchView& batch, const RecurrentState& state_after) {
  const kernels::Kernels& k = *m.kernels;
  const int H = m.spec.hidden, O = m.shape.outputs, rows = static_cast<int>(w.rows());
  const ptrdiff_t state = ptrdiff_t{w.batch} * H;
  std::fill_n(w.gradients, m.parameters.size(), 0.0f);

  const float* d_logits = w.output.data();
  weight_gradient(m, w, d_logits, O, read_out(m, w), H, rows, w.gradients + m.decoder_weight);
  k.sum_rows(d_logits, O, w.gradients + m.decoder_bias, rows, O);
  float* d_read = m.shape.attention ? w.attention.d_output.data() : w.dh() + state;
  k.gemm(d_logits, O, m.packed(m.decoder_backward), d_read, H, rows, H, O, false);
  if (m.shape.attention) backward_attention(m, w, state_after, w.dh() + state);

  Stretches parts(m, w.seq_length, w.turn);
  for (int l = m.spec.layers - 1; l >= 0; --l) {
    std::fill_n(w.dh(), state, 0.0f);
    for (int part = parts.count - 1; part >= 0; --part) {
      const Stretch& stretch = parts.all[part];
      CellWeights& weights = m.cell_weights(*stretch.stack, l, true, w.passes);
      const CellPass pass = w.pass(m, static_cast<size_t>(l), weights);
      if (stretch.last == w.seq_length)
        w.plan->begin_backward(pass, w.seq_length);
      else
        w.plan->begin_weights(pass);
      if (stretch.stack == &m.encoder)
        backward_unbegun(w, pass, static_cast<size_t>(l), stretch.last, batch.starts);
      else
        w.plan->backward(pass, stretch.first, stretch.last);
      backward_layer(m, w, stretch, l, batch, pass);
    }
  }
}

/// Σ w·loss over the batch. A row of weight 0 is not looked at, whatever stands there.
double summed_loss(const WorkspaceParts& w, const BatchView& batch) {
  double sum = 0;
  const auto rows = static_cast<size_t>(w.rows());
  if (batch.weights.empty())
    for (size_t row = 0; row < rows; ++row) sum += w.losses[row];
  else
    for (size_t row = 0; row < rows; ++row)
      if (batch.weights[row] > 0) sum += static_cast<double>(batch.weights[row]) * w.losses[row];
  return sum;
}

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

/// Probabilities or numbers, and the losses where there are targets.
bool forward_head(const ModelParts& m, WorkspaceParts& w, const BatchView& batch) {
  const int rows = static_cast<int>(w.rows()), O = m.shape.outputs;
  const bool has_targets = !(m.shape.head == Head::softmax ? batch.classes.empty() : batch.values.empty());
  if (m.shape.head != Head::softmax) {
    if (has_targets) m.shape.head == Head::linear ? linear_loss(m, w, batch) : gaussian_losses(m, w, batch);
    return has_targets;
  }
  assert(!has_targets || batch.classes.size() == static_cast<size_t>(rows));
  if (has_targets) {
    m.kernels->softmax_loss(w.output.data(), batch.classes.data(), w.losses.data(), rows, O);
  } else {
    const int32_t any_target = 0;  // the losses are of no interest
    for (ptrdiff_t row = 0; row < rows; ++row)
      m.kernels->softmax_loss(w.output.data() + row * O, &any_target, &w.losses[static_cast<size_t>(row)], 1,
                              O);
  }
  return has_targets;
}

/// Rows in which some sequence has not begun or has ended one by one: what that one would become is not kept.
void forward_ragged(WorkspaceParts& w, const CellPass& pass, size_t layer, const Stretch& stretch,
                    const BatchView& batch) {
  const auto lengths = batch.lengths, starts = batch.starts;
  const int shortest = lengths.empty() ? w.seq_length : std::ranges::min(lengths),
            begun = starts.empty() ? 0 : std::ranges::max(starts),
            first = std::clamp(begun, stretch.first, stretch.last),
            last = std::clamp(shortest, first, stretch.last);
  assert(shortest >= 1 && (lengths.empty() || std::ranges::max(lengths) <= w.seq_length));
  const int states = static_cast<int>(w.plan->graph().states.size());
  const auto stands_still = [&](size_t b, int t) {
    return (!lengths.empty() && lengths[b] <= t) || (!starts.empty() && starts[b] > t);
  };
  const auto one_by_one = [&](int from, int to) {
    for (int t = from; t < to; ++t) {
      w.plan->forward(pass, t, t + 1);
      for (ptrdiff_t b = 0; b < w.batch; ++b) {
        if (!stands_still(static_cast<size_t>(b), t)) continue;
        for (int s = 0; s < states; ++s) {
          const ptrdiff_t size = w.plan->state_size(s), entry = w.batch * size;
          float* before = w.state(layer, s) + t * entry + b * size;
          std::copy_n(before, size, before + entry);
        }
      }
    }
  };
  one_by_one(stretch.first, first);
  if (first < last) w.plan->forward(pass, first, last);
  one_by_one(last, stretch.last);
}

/// What layer 0 makes of a stretch of the batch, before any state.
void first_input(ModelParts& m, WorkspaceParts& w, const Stretch& stretch, const BatchView& batch,
                 const CellWeights& weights, float* z) {
  Stack& stack = *stretch.stack;
  const ptrdiff_t before = ptrdiff_t{stretch.first} * w.batch,
                  rows = ptrdiff_t{stretch.last} * w.batch - before;
  z += before * m.input_width();
  if (m.shape.reals) {
    const float* x = batch.reals.data() + before * m.shape.inputs;
    return dense_input(m, stack.layers[0], x, weights.input_bias(), z, rows);
  }
  const auto symbols = batch.symbols.subspan(static_cast<size_t>(before), static_cast<size_t>(rows));
  if (m.embeds()) {
    float* embedded = w.embedded.data() + before * m.spec.embedding;
    gather(&m.parameters[stack.embedding], symbols, m.spec.embedding, embedded);
    dense_input(m, stack.layers[0], embedded, weights.input_bias(), z, rows);
  } else if (w.passes == Passes::fast) {
    gather(m.table_for(stack, symbols), symbols, m.input_width(), z);
  } else {
    one_hot_input(m, stack, symbols, weights.input_bias(), z);
  }
}

}  // namespace

void carry_on(WorkspaceParts& w, RecurrentState& state) {
  for (size_t s = 0; s < state.states.size(); ++s) {
    const int number = static_cast<int>(s);
    const ptrdiff_t size = ptrdiff_t{w.batch} * w.plan->state_size(number), last = w.seq_length * size;
    for (size_t l = 0; l < w.layers.size(); ++l)
      std::copy_n(w.state(l, number) + last, size, state.states[s].data() + static_cast<ptrdiff_t>(l) * size);
  }
}

double total_weight(const BatchView& batch) {
  if (batch.weights.empty()) return static_cast<double>(batch.rows());
  double sum = 0;
  for (const float weight : batch.weights) sum += static_cast<double>(weight);
  return sum;
}

void forward_layers(ModelParts& m, WorkspaceParts& w, const BatchView& batch, const RecurrentState& state,
                    Random* dropout) {
  assert(state.batch == w.batch && batch.batch == w.batch);
  assert(m.shape.reals ? batch.reals.size() == batch.rows() * static_cast<size_t>(m.shape.inputs)
                       : batch.symbols.size() == batch.rows());
  w.seq_length = batch.seq_length;
  w.turn = batch.turn;
  assert(w.seq_length >= 1 && w.seq_length <= w.capacity && w.turn >= 0 && w.turn <= w.seq_length);
  const int H = m.spec.hidden;
  const ptrdiff_t size = ptrdiff_t{w.batch} * H;
  Stretches parts(m, w.seq_length, w.turn);
  for (int l = 0; l < m.spec.layers; ++l) {
    LayerBuffers& buffers = w.layers[static_cast<size_t>(l)];
    for (size_t n = 0; n < state.states.size(); ++n) {
      const ptrdiff_t floats = ptrdiff_t{w.batch} * w.plan->state_size(static_cast<int>(n));
      std::copy_n(state.states[n].data() + l * floats, floats,
                  w.state(static_cast<size_t>(l), static_cast<int>(n)));
    }
    float* z = w.plan->input_part(buffers.cell);
    const float* x = l > 0 ? output_of(w, l - 1) : nullptr;
    for (const Stretch& stretch : parts.in_order()) {
      const bool encodes = stretch.stack == &m.encoder;
      CellWeights& weights = m.cell_weights(*stretch.stack, l, false, w.passes);
      (encodes ? buffers.encoder_weights : buffers.weights) = &weights;
      const ptrdiff_t before = ptrdiff_t{stretch.first} * w.batch,
                      rows = ptrdiff_t{stretch.last} * w.batch - before;
      if (l > 0) {
        const float* read = x + before * H;
        if (dropout) {
          buffers.x.resize(static_cast<size_t>(w.capacity) * static_cast<size_t>(size));
          buffers.mask.resize(buffers.x.size());
          float *mask = buffers.mask.data() + before * H, *masked = buffers.x.data() + before * H;
          draw_mask(*dropout, m.spec.dropout, {mask, static_cast<size_t>(rows * H)});
          multiply(read, mask, masked, rows * H);
          read = masked;
        }
        dense_input(m, stretch.stack->layers[static_cast<size_t>(l)], read, weights.input_bias(),
                    z + before * m.input_width(), rows);
      } else {
        first_input(m, w, stretch, batch, weights, z);
      }
      const CellPass pass = w.pass(m, static_cast<size_t>(l), weights);
      if (batch.lengths.empty() && batch.starts.empty())
        w.plan->forward(pass, stretch.first, stretch.last);
      else
        forward_ragged(w, pass, static_cast<size_t>(l), stretch, batch);
    }
  }
}

void forward_output(ModelParts& m, WorkspaceParts& w, const BatchView& batch, RecurrentState& state) {
  const int H = m.spec.hidden, O = m.shape.outputs, rows = static_cast<int>(w.rows());
  if (m.shape.attention) {
    const float* read = output_of(w, m.spec.layers - 1);
    if (state.source.empty()) state.starts.assign(batch.starts.begin(), batch.starts.end());
    state.source.insert(state.source.end(), read, read + ptrdiff_t{w.turn} * w.batch * H);
    forward_attention(m, w, state);
  }
  m.kernels->gemm(read_out(m, w), H, m.packed(m.decoder), w.output.data(), O, rows, O, H, false);
  m.kernels->add_rows(&m.parameters[m.decoder_bias], w.output.data(), O, rows, O);
}

double forward_backward_pass(ModelParts& m, WorkspaceParts& w, const BatchView& batch, RecurrentState& state,
                             double total, Random* dropout) {
  allocate_backward(m, w);
  forward_layers(m, w, batch, state, dropout);
  forward_output(m, w, batch, state);
  const auto scale = static_cast<float>(1 / total);
  if (m.shape.head == Head::softmax) {
    m.kernels->softmax_loss_gradient(w.output.data(), batch.classes.data(), w.losses.data(), scale,
                                     static_cast<int>(w.rows()), m.shape.outputs);
  } else if (m.shape.head == Head::linear) {
    linear_loss(m, w, batch);
    linear_gradient(m, w, batch, scale);
  } else {
    gaussian_losses(m, w, batch);
    gaussian_gradients(m, w, batch, scale);
  }
  weigh(m, w, batch.weights);
  carry_on(w, state);
  backward(m, w, batch, state);
  return summed_loss(w, batch);
}

double Model::forward(Workspace& workspace, const BatchView& batch, RecurrentState& state) const {
  ModelParts& m = *parts_;
  WorkspaceParts& w = workspace.parts();
  forward_layers(m, w, batch, state, nullptr);
  forward_output(m, w, batch, state);
  const bool has_targets = forward_head(m, w, batch);
  carry_on(w, state);
  if (!has_targets) return std::numeric_limits<double>::quiet_NaN();
  return summed_loss(w, batch) / total_weight(batch);
}

double Model::forward_backward(Workspace& workspace, const BatchView& batch, RecurrentState& state,
                               Random& dropout) {
  ModelParts& m = *parts_;
  WorkspaceParts& w = workspace.parts();
  if (m.gradients.empty()) m.gradients.resize(m.parameters.size());
  w.gradients = m.gradients.data();
  const double total = total_weight(batch);
  return forward_backward_pass(m, w, batch, state, total, m.spec.dropout > 0 ? &dropout : nullptr) / total;
}

void Model::step(Workspace& workspace, int32_t input, RecurrentState& state,
                 std::span<float> probabilities) const {
  WorkspaceParts& w = workspace.parts();
  assert(w.batch == 1 && probabilities.size() == static_cast<size_t>(w.outputs));
  forward(workspace, {1, {&input, 1}, {}}, state);
  std::copy_n(w.output.data(), probabilities.size(), probabilities.data());
}

}  // namespace unroll
