// Forward and backward through a whole model. The plan (Appleyard et al. 2016, arXiv 1604.01946): one product
// over all T·B rows for everything that does not wait for the step before, one small product and one fused
// gate pass per step for what does, and one product with K = T·B per weight gradient after the loop.
#include <algorithm>
#include <cstring>
#include <limits>

#include "engine/cells/team_kernels.h"
#include "engine/model/head.h"
#include "engine/model/parts.h"

namespace unroll {
namespace {

// Numbers that a member of a team gets at least, where they are copied or multiplied.
constexpr ptrdiff_t numbers = 4096;

/// Factors of dropout: 0 with probability p, else 1/(1 − p).
void draw_mask(Random& random, double p, std::span<float> mask) {
  const float drop = static_cast<float>(p), keep = static_cast<float>(1.0 / (1.0 - p));
  for (float& factor : mask) factor = random.uniform() < drop ? 0.0f : keep;
}

void multiply(Team* team, const float* a, const float* b, float* product, ptrdiff_t n) {
  divide(team, n, numbers, [&](ptrdiff_t first, ptrdiff_t last, int) {
    for (ptrdiff_t i = first; i < last; ++i) product[i] = a[i] * b[i];
  });
}

/// body(first column, columns) for the share's units of each block of a row, of all blocks at once where it has all units.
template <class Body>
void each_column(const ModelParts& m, const LoopShare& share, Body body) {
  const ptrdiff_t H = m.spec.hidden, width = m.input_width();
  if (share.units == H) return body(ptrdiff_t{0}, width);
  for (ptrdiff_t column = share.first_unit; column < width; column += H) body(column, ptrdiff_t{share.units});
}

/// Rows t·B + b of the share's streams, and n columns of c (rows, width), = a (rows, k) · b [+ bias].
void product_of_share(const ModelParts& m, int batch, int steps, const LoopShare& share, const float* a,
                      int k, const float* packed, const float* bias, float* c, int width, int n) {
  const auto multiply = [&](const float* from, int lda, float* to, int ldc, int rows) {
    m.kernels->gemm(from, lda, packed, to, ldc, rows, n, k, false);
    if (bias) m.kernels->add_rows(bias, to, ldc, rows, n);
  };
  if (share.streams == batch) return multiply(a, k, c, width, steps * batch);
  for (ptrdiff_t b = share.first_stream; b < share.first_stream + share.streams; ++b)
    multiply(a + b * k, batch * k, c + b * width, batch * width, steps);
}

/// c (rows, n) = a (rows, k) · b [+ bias] for all rows: where members have streams of their own, each those, else as many rows.
void product_of_rows(const ModelParts& m, int batch, int steps, const float* a, int k, const float* packed,
                     const float* bias, float* c, int n) {
  Team* const team = m.team.get();
  if (!m.plan->shares_streams(*m.kernels, team, batch))
    return team_gemm(*m.kernels, team, a, k, packed, bias, c, n, ptrdiff_t{steps} * batch);
  m.plan->each_share(*m.kernels, team, batch, steps, [&](const LoopShare& share) {
    product_of_share(m, batch, steps, share, a, k, packed, bias, c, n, n);
  });
}

/// x (rows, width) · Wᵀ + bias for every row: the input part of a layer that has a dense input.
void dense_input(ModelParts& m, LayerParts& layer, int batch, int steps, const float* x, const float* bias,
                 float* z) {
  const int width = static_cast<int>(m.input_width()), k = layer.input;
  if (width == 0) return;
  const float* packed = m.packed(layer.ih);
  m.plan->each_share(*m.kernels, m.team.get(), batch, steps, [&](const LoopShare& share) {
    each_column(m, share, [&](ptrdiff_t first, ptrdiff_t n) {
      product_of_share(m, batch, steps, share, x, k, packed + first * k, bias + first, z + first, width,
                       static_cast<int>(n));
    });
  });
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

/// Row t·B + b = that of the table for the symbol there.
void gather(const ModelParts& m, int batch, int steps, const float* table, std::span<const int32_t> ids,
            float* rows) {
  const ptrdiff_t width = m.input_width();
  m.plan->each_share(*m.kernels, m.team.get(), batch, steps, [&](const LoopShare& share) {
    each_column(m, share, [&](ptrdiff_t first, ptrdiff_t n) {
      const size_t bytes = static_cast<size_t>(n) * sizeof(float);
      for (ptrdiff_t t = 0; t < steps; ++t)
        for (ptrdiff_t row = t * batch + share.first_stream, end = row + share.streams; row < end; ++row)
          std::memcpy(rows + row * width + first, table + ids[static_cast<size_t>(row)] * width + first,
                      bytes);
    });
  });
}
/// The same of the embedding's narrow rows.
void embed(const float* table, std::span<const int32_t> ids, ptrdiff_t width, float* rows) {
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

/// C (rows m, cols n) += Aᵀ · B over so many rows: one weight gradient; and that of a bias, the sums of A's columns.
void weight_gradient(const ModelParts& parts, WorkspaceParts& w, const float* a, int m, const float* b, int n,
                     int rows, float* gradient, float* bias) {
  team_gemm_tn(*parts.kernels, parts.team.get(), w.scratch.products, a, m, b, n, gradient, n, m, n, rows,
               bias);
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
    w.rows_of_table.reserve(rows);
  } else if (m.embeds()) {
    w.d_embedded.resize(rows * static_cast<size_t>(m.spec.embedding));
  }
  if (m.shape.attention) w.attention.d_output.resize(rows * static_cast<size_t>(m.spec.hidden));
}

/// Gradients of W_ih and the bias of layer 0 when its input is one-hot: the columns of W_ih gather dz by
/// character. A team shares the units.
void backward_one_hot(ModelParts& m, WorkspaceParts& w, const Stack& stack, std::span<const int32_t> inputs,
                      const float* dz) {
  const kernels::Kernels& k = *m.kernels;
  const ptrdiff_t width = m.input_width();
  constexpr ptrdiff_t band = 16;  // see table_for
  w.seen.clear();
  w.rows_of_table.clear();
  for (const int32_t id : inputs) {
    int32_t& slot = w.slot[static_cast<size_t>(id)];
    const bool is_first = slot < 0;
    if (is_first) {
      slot = static_cast<int32_t>(w.seen.size());
      w.seen.push_back(id);
    }
    w.rows_of_table.push_back(is_first ? ~slot : slot);
  }
  float *table = w.d_table.data(), *d_weight = m.gradients.data() + stack.layers[0].w_ih;
  divide(m.team.get(), width, 2 * band, [&](ptrdiff_t first, ptrdiff_t last, int) {
    const int columns = static_cast<int>(last - first);
    const float* row = dz + first;
    for (const int32_t of : w.rows_of_table) {
      if (of < 0)
        std::memcpy(table + ~of * width + first, row, static_cast<size_t>(columns) * sizeof(float));
      else
        k.add_rows(row, table + of * width + first, columns, 1, columns);
      row += width;
    }
    k.sum_rows(table + first, static_cast<int>(width), &w.d_bias[static_cast<size_t>(first)],
               static_cast<int>(w.seen.size()), columns);
    for (ptrdiff_t from = first; from < last; from += band) {
      const ptrdiff_t to = std::min(from + band, last);
      const float* sum = table;
      for (const int32_t id : w.seen) {
        for (ptrdiff_t j = from; j < to; ++j) d_weight[j * m.shape.inputs + id] = sum[j];
        sum += width;
      }
    }
  });
  for (const int32_t id : w.seen) w.slot[static_cast<size_t>(id)] = -1;
}

/// Gradients of the input weights of layer 0 behind an embedding, and of the embedding.
void backward_embedding(ModelParts& m, WorkspaceParts& w, Stack& stack, std::span<const int32_t> inputs,
                        const float* embedded, const float* dz) {
  const kernels::Kernels& k = *m.kernels;
  const int E = m.spec.embedding, width = static_cast<int>(m.input_width()),
            rows = static_cast<int>(inputs.size());
  LayerParts& layer = stack.layers[0];
  weight_gradient(m, w, dz, width, embedded, E, rows, m.gradients.data() + layer.w_ih, w.d_bias.data());
  team_gemm(*m.kernels, m.team.get(), dz, width, m.packed(layer.ih_backward), nullptr, w.d_embedded.data(), E,
            rows);
  const float* row = w.d_embedded.data();
  for (const int32_t id : inputs) {
    k.add_rows(row, m.gradients.data() + stack.embedding + ptrdiff_t{id} * E, E, 1, E);
    row += E;
  }
}

/// Gradients of layer l's weights in a stretch of rows, and of its input there into dh (for the layer below).
void backward_layer(ModelParts& m, WorkspaceParts& w, const Stretch& stretch, int l, const BatchView& batch,
                    const CellPass& pass) {
  const DuringPart gradients(m, StepPart::gradients);
  const kernels::Kernels& k = *m.kernels;
  const int H = m.spec.hidden, width = static_cast<int>(m.input_width());
  const ptrdiff_t before = ptrdiff_t{stretch.first} * w.batch,
                  size = ptrdiff_t{stretch.last} * w.batch - before;
  const int rows = static_cast<int>(size);
  LayerParts& layer = stretch.stack->layers[static_cast<size_t>(l)];
  LayerBuffers& buffers = w.layers[static_cast<size_t>(l)];
  for (size_t t = 0; t < layer.tensors.size(); ++t) w.d_tensors[t] = m.gradients.data() + layer.tensors[t];
  w.plan->weight_gradients(pass, stretch.first, stretch.last, w.d_tensors);

  const float* dz = w.plan->input_gradient(w.scratch) + before * width;
  float* dx = w.dh() + (w.batch + before) * H;
  std::ranges::fill(w.d_bias, 0.0f);
  if (width == 0) {
    if (l > 0) std::fill_n(dx, size * H, 0.0f);
  } else if (l > 0) {
    const bool masked = !buffers.mask.empty();
    const float* x = (masked ? buffers.x.data() : output_of(w, l - 1)) + before * H;
    weight_gradient(m, w, dz, width, x, H, rows, m.gradients.data() + layer.w_ih, w.d_bias.data());
    const DuringPart below(m, StepPart::below);
    product_of_rows(m, w.batch, stretch.last - stretch.first, dz, width, m.packed(layer.ih_backward), nullptr,
                    dx, H);
    if (masked) multiply(m.team.get(), dx, buffers.mask.data() + before * H, dx, size * H);
  } else if (m.shape.reals) {
    weight_gradient(m, w, dz, width, batch.reals.data() + before * layer.input, layer.input, rows,
                    m.gradients.data() + layer.w_ih, w.d_bias.data());
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

/// The way back through the output layer, and through attention where there is such.
void read_out_backward(ModelParts& m, WorkspaceParts& w, const RecurrentState& state_after) {
  const DuringPart output(m, StepPart::output);
  const int H = m.spec.hidden, O = m.shape.outputs, rows = static_cast<int>(w.rows());
  const ptrdiff_t state = ptrdiff_t{w.batch} * H;
  const float* d_logits = w.output.data();
  weight_gradient(m, w, d_logits, O, read_out(m, w), H, rows, m.gradients.data() + m.decoder_weight,
                  m.gradients.data() + m.decoder_bias);
  float* d_read = m.shape.attention ? w.attention.d_output.data() : w.dh() + state;
  product_of_rows(m, w.batch, w.seq_length, d_logits, O, m.packed(m.decoder_backward), nullptr, d_read, H);
  if (m.shape.attention) backward_attention(m, w, state_after, w.dh() + state);
}

void backward(ModelParts& m, WorkspaceParts& w, const BatchView& batch, const RecurrentState& state_after) {
  const ptrdiff_t state = ptrdiff_t{w.batch} * m.spec.hidden;
  divide(m.team.get(), static_cast<ptrdiff_t>(m.parameters.size()), numbers,
         [&](ptrdiff_t first, ptrdiff_t last, int) {
           std::fill_n(m.gradients.data() + first, last - first, 0.0f);
         });

  read_out_backward(m, w, state_after);
  Stretches parts(m, w.seq_length, w.turn);
  for (int l = m.spec.layers - 1; l >= 0; --l) {
    std::fill_n(w.dh(), state, 0.0f);
    for (int part = parts.count - 1; part >= 0; --part) {
      const Stretch& stretch = parts.all[part];
      CellWeights& weights = m.cell_weights(*stretch.stack, l, true, w.passes);
      const CellPass pass = w.pass(m, static_cast<size_t>(l), weights);
      const DuringPart loop(m, StepPart::backward);
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
  const int steps = stretch.last - stretch.first;
  const ptrdiff_t before = ptrdiff_t{stretch.first} * w.batch, rows = ptrdiff_t{steps} * w.batch;
  z += before * m.input_width();
  if (m.shape.reals) {
    const float* x = batch.reals.data() + before * m.shape.inputs;
    return dense_input(m, stack.layers[0], w.batch, steps, x, weights.input_bias(), z);
  }
  const auto symbols = batch.symbols.subspan(static_cast<size_t>(before), static_cast<size_t>(rows));
  if (m.embeds()) {
    float* embedded = w.embedded.data() + before * m.spec.embedding;
    embed(&m.parameters[stack.embedding], symbols, m.spec.embedding, embedded);
    dense_input(m, stack.layers[0], w.batch, steps, embedded, weights.input_bias(), z);
  } else if (w.passes == Passes::fast) {
    gather(m, w.batch, steps, m.table_for(stack, symbols), symbols, z);
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
          multiply(m.team.get(), read, mask, masked, rows * H);
          read = masked;
        }
        const DuringPart input(m, StepPart::input);
        dense_input(m, stretch.stack->layers[static_cast<size_t>(l)], w.batch, stretch.last - stretch.first,
                    read, weights.input_bias(), z + before * m.input_width());
      } else {
        const DuringPart input(m, StepPart::input);
        first_input(m, w, stretch, batch, weights, z);
      }
      const DuringPart loop(m, StepPart::forward);
      const CellPass pass = w.pass(m, static_cast<size_t>(l), weights);
      if (batch.lengths.empty() && batch.starts.empty())
        w.plan->forward(pass, stretch.first, stretch.last);
      else
        forward_ragged(w, pass, static_cast<size_t>(l), stretch, batch);
    }
  }
}

void forward_output(ModelParts& m, WorkspaceParts& w, const BatchView& batch, RecurrentState& state) {
  const DuringPart output(m, StepPart::output);
  const int H = m.spec.hidden, O = m.shape.outputs;
  if (m.shape.attention) {
    const float* read = output_of(w, m.spec.layers - 1);
    if (state.source.empty()) state.starts.assign(batch.starts.begin(), batch.starts.end());
    state.source.insert(state.source.end(), read, read + ptrdiff_t{w.turn} * w.batch * H);
    forward_attention(m, w, state);
  }
  product_of_rows(m, w.batch, w.seq_length, read_out(m, w), H, m.packed(m.decoder),
                  &m.parameters[m.decoder_bias], w.output.data(), O);
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
  allocate_backward(m, w);
  forward_layers(m, w, batch, state, m.spec.dropout > 0 ? &dropout : nullptr);
  forward_output(m, w, batch, state);
  const double total = total_weight(batch);
  head_gradient(m, w, batch, static_cast<float>(1 / total));
  carry_on(w, state);
  backward(m, w, batch, state);
  return summed_loss(w, batch) / total;
}

void Model::step(Workspace& workspace, int32_t input, RecurrentState& state,
                 std::span<float> probabilities) const {
  WorkspaceParts& w = workspace.parts();
  assert(w.batch == 1 && probabilities.size() == static_cast<size_t>(w.outputs));
  forward(workspace, {1, {&input, 1}, {}}, state);
  std::copy_n(w.output.data(), probabilities.size(), probabilities.data());
}

}  // namespace unroll
