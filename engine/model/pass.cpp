// Forward through a whole model; the way back is pass_backward.cpp. The plan (Appleyard et al. 2016, arXiv 1604.01946): one product
// over all T·B rows for everything that does not wait for the step before, one small product and one fused
// gate pass per step for what does, and one product with K = T·B per weight gradient after the loop.
#include "engine/model/pass.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "engine/cells/team_kernels.h"
#include "engine/model/head.h"

namespace unroll {
namespace {

/// Factors of dropout for so many rows of `width`: 0 with probability p, else 1/(1 − p). Those of streams of the batch that
/// others have are drawn, and not kept.
void draw_mask(Random& random, double p, const PartOfBatch& part, int streams, int steps, int width,
               float* mask) {
  const float drop = static_cast<float>(p), keep = static_cast<float>(1.0 / (1.0 - p));
  const auto skip = [&](int rows) {
    for (ptrdiff_t n = ptrdiff_t{rows} * width; n > 0; --n) random.uniform();
  };
  for (int t = 0; t < steps; ++t) {
    skip(part.first);
    for (ptrdiff_t n = ptrdiff_t{streams} * width; n > 0; --n)
      *mask++ = random.uniform() < drop ? 0.0f : keep;
    skip(part.batch - part.first - streams);
  }
}

/// body(first column, columns) for the share's units of each block of a row, of all blocks at once where it has all units.
template <class Body>
void each_column(const ModelParts& m, const LoopShare& share, Body body) {
  const ptrdiff_t H = m.spec.hidden, width = m.input_width();
  if (share.units == H) return body(ptrdiff_t{0}, width);
  for (ptrdiff_t column = share.first_unit; column < width; column += H) body(column, ptrdiff_t{share.units});
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

void multiply(Team* team, const float* a, const float* b, float* product, ptrdiff_t n) {
  divide(team, n, least_numbers, [&](ptrdiff_t first, ptrdiff_t last, int) {
    for (ptrdiff_t i = first; i < last; ++i) product[i] = a[i] * b[i];
  });
}

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

void product_of_rows(const ModelParts& m, int batch, int steps, const float* a, int k, const float* packed,
                     const float* bias, float* c, int n) {
  Team* const team = m.team.get();
  if (!m.plan->shares_streams(*m.kernels, team, batch))
    return team_gemm(*m.kernels, team, a, k, packed, bias, c, n, ptrdiff_t{steps} * batch);
  m.plan->each_share(*m.kernels, team, batch, steps, [&](const LoopShare& share) {
    product_of_share(m, batch, steps, share, a, k, packed, bias, c, n, n);
  });
}

const float* output_of(WorkspaceParts& w, int l) {
  return w.h(static_cast<size_t>(l)) + ptrdiff_t{w.batch} * w.hidden;
}

const float* read_out(const ModelParts& m, WorkspaceParts& w) {
  return m.shape.attention ? w.attention.output.data() : output_of(w, m.spec.layers - 1);
}

void carry_on(WorkspaceParts& w, RecurrentState& state) {
  for (size_t s = 0; s < state.states.size(); ++s) {
    const int number = static_cast<int>(s);
    const ptrdiff_t size = ptrdiff_t{w.batch} * w.plan->state_size(number), last = w.seq_length * size;
    for (size_t l = 0; l < w.layers.size(); ++l)
      std::copy_n(w.state(l, number) + last, size, state.states[s].data() + static_cast<ptrdiff_t>(l) * size);
  }
}

void forward_layers(ModelParts& m, WorkspaceParts& w, const BatchView& batch, const RecurrentState& state,
                    Random* dropout, const PartOfBatch& part) {
  assert(state.batch == batch.batch && batch.batch <= w.streams);
  w.batch = batch.batch;
  assert(m.shape.reals ? batch.reals.size() == batch.rows() * static_cast<size_t>(m.shape.inputs)
                       : batch.symbols.size() == batch.rows());
  w.seq_length = batch.seq_length;
  w.turn = batch.turn;
  assert(w.seq_length >= 1 && w.seq_length <= w.capacity && w.turn >= 0 && w.turn <= w.seq_length);
  const int H = m.spec.hidden;
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
          buffers.x.resize(static_cast<size_t>(w.capacity) * static_cast<size_t>(w.streams * H));
          buffers.mask.resize(buffers.x.size());
          float *mask = buffers.mask.data() + before * H, *masked = buffers.x.data() + before * H;
          draw_mask(*dropout, m.spec.dropout, part, w.batch, stretch.last - stretch.first, H, mask);
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
  forward_layers(m, w, batch, state, nullptr, {});
  forward_output(m, w, batch, state);
  const bool has_targets = forward_head(m, w, batch);
  carry_on(w, state);
  if (!has_targets) return std::numeric_limits<double>::quiet_NaN();
  return summed_loss(w.losses, batch) / total_weight(batch);
}

double Model::forward_backward(Workspace& workspace, const BatchView& batch, RecurrentState& state,
                               Random& dropout) {
  const double total = total_weight(batch);
  forward_backward(workspace, batch, state, dropout, {0, batch.batch, static_cast<float>(1 / total)});
  return summed_loss(workspace.parts().losses, batch) / total;
}

void Model::forward_backward(Workspace& workspace, const BatchView& batch, RecurrentState& state,
                             Random& dropout, const PartOfBatch& part) {
  ModelParts& m = *parts_;
  WorkspaceParts& w = workspace.parts();
  m.gradients.resize(m.parameters.size());
  allocate_backward(m, w);
  forward_layers(m, w, batch, state, m.spec.dropout > 0 ? &dropout : nullptr, part);
  forward_output(m, w, batch, state);
  head_gradient(m, w, batch, part.scale);
  carry_on(w, state);
  backward(m, w, batch, state);
}

bool Model::has_parts() const { return parts_->plan->sums_by_stream() && !parts_->shape.attention; }

void Model::step(Workspace& workspace, int32_t input, RecurrentState& state,
                 std::span<float> probabilities) const {
  WorkspaceParts& w = workspace.parts();
  assert(w.batch == 1 && probabilities.size() == static_cast<size_t>(w.outputs));
  forward(workspace, {1, {&input, 1}, {}}, state);
  std::copy_n(w.output.data(), probabilities.size(), probabilities.data());
}

}  // namespace unroll
