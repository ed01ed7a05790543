// Backward through a whole model: loops over time back, one product with K = T·B per weight gradient and shard (shards.h).
#include <algorithm>
#include <bit>
#include <cstring>

#include "engine/cells/team_kernels.h"
#include "engine/model/pass.h"
#include "engine/model/shards.h"

namespace unroll {
namespace {

/// Gradients of the parameters from number `first` on.
struct Gradients {
  float* data;
  size_t first;
  float* at(size_t offset) const { return data + (offset - first); }
};

/// Rows of a stretch that some streams have: offset of the first in a (T, B, …) array, and where the others are.
struct StreamRows {
  int stream, streams;
  ptrdiff_t before;  ///< rows of the array before the first one
  kernels::Rows rows;
  StreamRows(int first_stream, int count, int batch, int first, int last)
      : stream(first_stream),
        streams(count),
        before(ptrdiff_t{first} * batch + first_stream),
        rows((last - first) * count, count, batch) {}
};

/// Parts of the tree of shards, one for each member of the team, where it has loops by streams and as much for each; else none.
std::vector<Shards> parts_of_members(const ModelParts& m, const WorkspaceParts& w) {
  Team* const team = m.team.get();
  if (!team || team->size() == 1 || !w.plan->shares_streams(*m.kernels, team, w.batch)) return {};
  std::vector<Shards> parts = parts_of(w.batch, team->size());
  const bool alike = std::ranges::all_of(
      parts, [&](const Shards& part) { return part.streams(w.batch) == parts[0].streams(w.batch); });
  if (static_cast<int>(parts.size()) != team->size() || !alike) parts.clear();
  return parts;
}

/// Sums the gradients of the parameters first … last − 1 over all streams, as shards.h says, into the model's:
/// body(first stream, streams, Gradients, Summing) adds those of a shard. Where the loops have summed over all streams, they
/// are one. Members of a team sum the shards of their own streams at the same time, where these come out even: what is read
/// is in their caches, and nobody waits.
template <class Body>
void sum_shards(ModelParts& m, WorkspaceParts& w, size_t first, size_t last, const Body& body) {
  const size_t size = last - first;
  float* const into = m.gradients.data() + first;
  Team* const team = m.team.get();
  if (!w.plan->sums_by_stream()) return body(0, w.batch, Gradients{into, first}, Summing{team});

  const auto each_number = [&](Team* of, const auto& body_of_range) {
    divide(of, static_cast<ptrdiff_t>(size), least_numbers,
           [&](ptrdiff_t from, ptrdiff_t to, int) { body_of_range(from, to); });
  };
  const auto add = [&](Team* of, float* sum, const float* more) {
    each_number(of, [&](ptrdiff_t from, ptrdiff_t to) {
      m.kernels->add_rows(more + from, sum + from, 0, 1, static_cast<int>(to - from));
    });
  };
  const auto sum = [&](const auto& self, Shards node, float* to, size_t depth, const Summing& who) -> void {
    if (node.count == 1) return body(node.first_stream(), node.streams(w.batch), Gradients{to, first}, who);
    self(self, node.left(), to, depth, who);
    float* const right = w.sums[static_cast<size_t>(who.member)].rights[depth].data();
    each_number(who.team, [&](ptrdiff_t from, ptrdiff_t end) { std::fill(right + from, right + end, 0.0f); });
    self(self, node.right(), right, depth + 1, who);
    add(who.team, to, right);
  };
  const auto make_room = [&](size_t member, Shards node) {
    std::vector<FloatArray>& rights = w.sums[member].rights;
    const auto depth = static_cast<size_t>(std::bit_width(static_cast<unsigned>(node.count - 1)));
    if (rights.size() < depth) rights.resize(depth);
    for (FloatArray& right : rights)
      if (right.size() < size) right.resize(size);
  };

  const Shards all = Shards::of(w.batch);
  const std::vector<Shards> parts = parts_of_members(m, w);
  if (parts.empty()) {
    make_room(0, all);
    return sum(sum, all, into, 0, Summing{team});
  }
  std::vector<float*> gradients = {into};
  make_room(0, parts[0]);
  for (size_t member = 1; member < parts.size(); ++member) {
    if (w.sums.size() == member)
      w.sums.emplace_back().allocate(m, static_cast<size_t>(w.capacity) * static_cast<size_t>(w.streams));
    make_room(member, parts[member]);
    FloatArray& part = w.sums[member].part;
    if (part.size() < size) part.resize(size);
    gradients.push_back(part.data());
  }
  team->run([&](int member) {
    float* const own = gradients[static_cast<size_t>(member)];
    if (member > 0) std::fill_n(own, size, 0.0f);
    sum(sum, parts[static_cast<size_t>(member)], own, 0, Summing{nullptr, member});
  });
  size_t next = 0;
  sum_parts(all, parts, gradients, next, [&](float* to, const float* more) { add(team, to, more); });
}

/// C (rows m, cols n) += Aᵀ · B over such rows: one weight gradient; and that of a bias, the sums of A's columns. a and b are
/// the first of them.
void weight_gradient(const ModelParts& parts, WorkspaceParts& w, const Summing& who, const float* a, int m,
                     const float* b, int n, kernels::Rows rows, float* gradient, float* bias) {
  team_gemm_tn(*parts.kernels, who.team, w.scratch.products_of(who), a, m, b, n, gradient, n, m, n, rows,
               bias);
}

/// Gradients of W_ih and the bias of layer 0 when its input is one-hot: the columns of W_ih gather dz by
/// character. A team shares the units.
void backward_one_hot(ModelParts& m, SumBuffers& w, Team* team, const int32_t* inputs, kernels::Rows rows,
                      const float* dz, float* d_weight) {
  const kernels::Kernels& k = *m.kernels;
  const ptrdiff_t width = m.input_width();
  constexpr ptrdiff_t band = 16;  // see table_for
  w.seen.clear();
  w.rows_of_table.clear();
  for (int n = 0; n < rows.count; ++n) {
    const int32_t id = inputs[rows[n]];
    int32_t& slot = w.slot[static_cast<size_t>(id)];
    const bool is_first = slot < 0;
    if (is_first) {
      slot = static_cast<int32_t>(w.seen.size());
      w.seen.push_back(id);
    }
    w.rows_of_table.push_back(is_first ? ~slot : slot);
  }
  float* table = w.d_table.data();
  divide(team, width, 2 * band, [&](ptrdiff_t first, ptrdiff_t last, int) {
    const int columns = static_cast<int>(last - first);
    for (int n = 0; n < rows.count; ++n) {
      const float* row = dz + rows[n] * width + first;
      const int32_t of = w.rows_of_table[static_cast<size_t>(n)];
      if (of < 0)
        std::memcpy(table + ~of * width + first, row, static_cast<size_t>(columns) * sizeof(float));
      else
        k.add_rows(row, table + of * width + first, columns, 1, columns);
    }
    k.sum_rows(table + first, static_cast<int>(width), &w.d_bias[static_cast<size_t>(first)],
               static_cast<int>(w.seen.size()), columns);
    for (ptrdiff_t from = first; from < last; from += band) {
      const ptrdiff_t to = std::min(from + band, last);
      const float* sum = table;
      for (const int32_t id : w.seen) {
        for (ptrdiff_t j = from; j < to; ++j) d_weight[j * m.shape.inputs + id] += sum[j];
        sum += width;
      }
    }
  });
  for (const int32_t id : w.seen) w.slot[static_cast<size_t>(id)] = -1;
}

/// Gradients of layer l's weights that some streams' rows of a stretch give.
void layer_gradients(ModelParts& m, WorkspaceParts& w, const Stretch& stretch, int l, const BatchView& batch,
                     const CellPass& pass, const StreamRows& of, const Gradients& gradients,
                     const Summing& who) {
  const kernels::Kernels& k = *m.kernels;
  const int H = m.spec.hidden, E = m.spec.embedding, width = static_cast<int>(m.input_width());
  const LayerParts& layer = stretch.stack->layers[static_cast<size_t>(l)];
  const LayerBuffers& buffers = w.layers[static_cast<size_t>(l)];
  SumBuffers& own = w.sums[static_cast<size_t>(who.member)];
  for (size_t t = 0; t < layer.tensors.size(); ++t) own.d_tensors[t] = gradients.at(layer.tensors[t]);
  w.plan->weight_gradients(pass, stretch.first, stretch.last, of.stream, of.streams, who, own.d_tensors);

  std::ranges::fill(own.d_bias, 0.0f);
  if (width > 0) {
    const float* dz = w.plan->input_gradient(w.scratch) + of.before * width;
    float* const d_weight = gradients.at(layer.w_ih);
    const auto dense = [&](const float* x, int n) {
      weight_gradient(m, w, who, dz, width, x + of.before * n, n, of.rows, d_weight, own.d_bias.data());
    };
    if (l > 0)
      dense(buffers.mask.empty() ? output_of(w, l - 1) : buffers.x.data(), H);
    else if (m.shape.reals)
      dense(batch.reals.data(), layer.input);
    else if (m.one_hot())
      backward_one_hot(m, own, who.team, batch.symbols.data() + of.before, of.rows, dz, d_weight);
    else
      dense(w.embedded.data(), E);
    if (l == 0 && m.embeds())
      for (int n = 0; n < of.rows.count; ++n) {
        const ptrdiff_t row = of.before + of.rows[n];
        k.add_rows(
            &w.d_embedded[static_cast<size_t>(row * E)],
            gradients.at(stretch.stack->embedding) + ptrdiff_t{batch.symbols[static_cast<size_t>(row)]} * E,
            E, 1, E);
      }
  }
  for (const CellPlan::InputBias& bias : w.plan->input_biases())
    k.add_rows(
        own.d_bias.data() + ptrdiff_t{bias.column} * H,
        own.d_tensors[static_cast<size_t>(bias.parameter.tensor)] + ptrdiff_t{bias.parameter.block} * H, H, 1,
        H);
}

/// Gradients of layer l's weights in a stretch of rows, and of its input there into dh (for the layer below).
void backward_layer(ModelParts& m, WorkspaceParts& w, const Stretch& stretch, int l, const BatchView& batch,
                    const CellPass& pass) {
  const DuringPart during(m, StepPart::gradients);
  const int H = m.spec.hidden, width = static_cast<int>(m.input_width()),
            steps = stretch.last - stretch.first;
  const ptrdiff_t before = ptrdiff_t{stretch.first} * w.batch, size = ptrdiff_t{steps} * w.batch;
  LayerParts& layer = stretch.stack->layers[static_cast<size_t>(l)];
  const float* dz = w.plan->input_gradient(w.scratch) + before * width;
  if (l == 0 && m.embeds() && width > 0)
    team_gemm(*m.kernels, m.team.get(), dz, width, m.packed(layer.ih_backward), nullptr,
              w.d_embedded.data() + before * m.spec.embedding, m.spec.embedding, size);
  sum_shards(m, w, layer.first, layer.last,
             [&](int stream, int streams, const Gradients& gradients, const Summing& who) {
               layer_gradients(m, w, stretch, l, batch, pass,
                               {stream, streams, w.batch, stretch.first, stretch.last}, gradients, who);
             });
  if (l == 0) return;
  float* dx = w.dh() + (w.batch + before) * H;
  if (width == 0) return void(std::fill_n(dx, size * H, 0.0f));
  const LayerBuffers& buffers = w.layers[static_cast<size_t>(l)];
  const DuringPart below(m, StepPart::below);
  product_of_rows(m, w.batch, steps, dz, width, m.packed(layer.ih_backward), nullptr, dx, H);
  if (!buffers.mask.empty()) multiply(m.team.get(), dx, buffers.mask.data() + before * H, dx, size * H);
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
  const int H = m.spec.hidden, O = m.shape.outputs;
  const ptrdiff_t state = ptrdiff_t{w.batch} * H;
  const float *d_logits = w.output.data(), *read = read_out(m, w);
  sum_shards(m, w, m.decoder_weight, m.parameters.size(),
             [&](int first, int streams, const Gradients& to, const Summing& who) {
               const StreamRows of(first, streams, w.batch, 0, w.seq_length);
               weight_gradient(m, w, who, d_logits + of.before * O, O, read + of.before * H, H, of.rows,
                               to.at(m.decoder_weight), to.at(m.decoder_bias));
             });
  float* d_read = m.shape.attention ? w.attention.d_output.data() : w.dh() + state;
  product_of_rows(m, w.batch, w.seq_length, d_logits, O, m.packed(m.decoder_backward), nullptr, d_read, H);
  if (m.shape.attention) backward_attention(m, w, state_after, w.dh() + state);
}

}  // namespace

void SumBuffers::allocate(const ModelParts& m, size_t rows) {
  const size_t width = static_cast<size_t>(m.input_width()), V = static_cast<size_t>(m.shape.inputs);
  d_bias.resize(width);
  d_tensors.resize(m.graph->tensors.size());
  if (!m.one_hot()) return;
  d_table.resize(std::min(rows, V) * width);
  slot.assign(V, -1);
  seen.reserve(std::min(rows, V));
  rows_of_table.reserve(rows);
}

void allocate_backward(const ModelParts& m, WorkspaceParts& w) {
  if (w.has_backward) return;
  w.has_backward = true;
  const size_t rows = static_cast<size_t>(w.capacity) * static_cast<size_t>(w.streams);
  w.scratch.allocate(*w.plan, w.capacity, w.streams, true);
  w.sums.emplace_back().allocate(m, rows);
  if (!m.one_hot() && m.embeds()) w.d_embedded.resize(rows * static_cast<size_t>(m.spec.embedding));
  if (m.shape.attention) w.attention.d_output.resize(rows * static_cast<size_t>(m.spec.hidden));
}

void backward(ModelParts& m, WorkspaceParts& w, const BatchView& batch, const RecurrentState& state_after) {
  const ptrdiff_t state = ptrdiff_t{w.batch} * m.spec.hidden;
  divide(m.team.get(), static_cast<ptrdiff_t>(m.parameters.size()), least_numbers,
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

}  // namespace unroll
