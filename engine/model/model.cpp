#include "engine/model/model.h"

#include <algorithm>

#include "engine/model/parts.h"

namespace unroll {
namespace {

/// The blocks in the order of torch's state_dict, each recorded where the passes look for it.
void lay_out(ModelParts& m) {
  size_t offset = 0;
  const auto add = [&](std::string name, int rows, int cols) {
    m.blocks.push_back({std::move(name), rows, cols, offset});
    const size_t start = offset;
    offset += m.blocks.back().size();
    return start;
  };
  const int V = m.vocabulary, E = m.spec.embedding, H = m.spec.hidden;
  const int width = m.cell->gates * H;
  if (!m.one_hot()) m.embedding = add("embedding.weight", V, E);
  for (int l = 0; l < m.spec.layers; ++l) {
    const std::string tail = "_l" + std::to_string(l);
    LayerParts& layer = m.layers.emplace_back();
    layer.input = l > 0 ? H : m.one_hot() ? V : E;
    layer.w_ih = add("rnn.weight_ih" + tail, width, layer.input);
    layer.w_hh = add("rnn.weight_hh" + tail, width, H);
    layer.b_ih = add("rnn.bias_ih" + tail, width, 0);
    layer.b_hh = add("rnn.bias_hh" + tail, width, 0);
    layer.hh = {.k = H, .n = width, .transposed = true, .offset = layer.w_hh, .data = {}};
    layer.hh_backward = {.k = width, .n = H, .transposed = false, .offset = layer.w_hh, .data = {}};
    layer.ih = {.k = layer.input, .n = width, .transposed = true, .offset = layer.w_ih, .data = {}};
    layer.ih_backward = {.k = width, .n = layer.input, .transposed = false, .offset = layer.w_ih, .data = {}};
  }
  m.decoder_weight = add("decoder.weight", V, H);
  m.decoder_bias = add("decoder.bias", V, 0);
  m.decoder = {.k = H, .n = V, .transposed = true, .offset = m.decoder_weight, .data = {}};
  m.decoder_backward = {.k = V, .n = H, .transposed = false, .offset = m.decoder_weight, .data = {}};
}

size_t size_of(const std::vector<ParameterBlock>& blocks) {
  return blocks.back().offset + blocks.back().size();
}

/// Without anything of the size of its weights.
std::unique_ptr<ModelParts> plan(const LaneSpec& spec, int vocabulary) {
  auto parts = std::make_unique<ModelParts>();
  parts->spec = spec;
  parts->vocabulary = vocabulary;
  parts->cell = &cell_traits(spec.cell);
  lay_out(*parts);
  return parts;
}

}  // namespace

void RecurrentState::zero() {
  for (std::vector<float>& state : states) std::ranges::fill(state, 0.0f);
}

Status Model::check_cell(const LaneSpec& spec) {
  if (traits_of(spec.cell)) return ok();
  return Error{"", "the cell " + spec.cell + " can be read, but not trained yet", "allowed: rnn, lstm, gru"};
}

Result<Model> Model::create(const LaneSpec& spec, int vocabulary, uint64_t seed) {
  if (const Status status = check_cell(spec); !status) return status.error();
  const int64_t count = parameter_count(spec, vocabulary);
  if (count > Limits::parameters)
    return Error{
        "", std::to_string(count) + " parameters are too many",
        "at most " + std::to_string(Limits::parameters) +
            "; choose a smaller hidden size, fewer layers or a text with fewer different characters"};
  auto parts = plan(spec, vocabulary);
  parts->kernels = &kernels::best();
  parts->parameters.resize(size_of(parts->blocks));
  initialise(*parts, seed);
  return Model(std::move(parts));
}

std::vector<ParameterBlock> Model::blocks_of(const LaneSpec& spec, int vocabulary) {
  return std::move(plan(spec, vocabulary)->blocks);
}

Model::Model(std::unique_ptr<ModelParts> parts) : parts_(std::move(parts)) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

const LaneSpec& Model::spec() const { return parts_->spec; }
int Model::vocabulary() const { return parts_->vocabulary; }
const kernels::Kernels& Model::kernels() const { return *parts_->kernels; }
const std::vector<ParameterBlock>& Model::blocks() const { return parts_->blocks; }
const ParameterBlock& Model::block(std::string_view name) const {
  const auto found = std::ranges::find(parts_->blocks, name, &ParameterBlock::name);
  assert(found != parts_->blocks.end());
  return *found;
}
std::span<float> Model::parameters() { return parts_->parameters; }
std::span<const float> Model::parameters() const { return parts_->parameters; }
std::span<const float> Model::gradients() const { return parts_->gradients; }
void Model::parameters_changed() { ++parts_->version; }
uint64_t Model::version() const { return parts_->version; }

RecurrentState Model::make_state(int batch) const {
  const size_t size = static_cast<size_t>(parts_->spec.layers) * static_cast<size_t>(batch) *
                      static_cast<size_t>(parts_->spec.hidden);
  const size_t states = state_names(parts_->spec.cell).size();
  return {.batch = batch, .states = std::vector(states, std::vector<float>(size))};
}

// --- Copies of the weights in the form that the passes read

const float* ModelParts::packed(Packed& pack) {
  if (pack.version != version) {
    pack.data.resize(kernels->packed_size(pack.k, pack.n));
    kernels->pack(&parameters[pack.offset], pack.transposed ? pack.k : pack.n, pack.transposed, pack.k,
                  pack.n, pack.data.data());
    pack.version = version;
  }
  return pack.data.data();
}

const float* ModelParts::bias(LayerParts& layer) {
  if (layer.bias_version != version) {
    const size_t width = static_cast<size_t>(gate_width());
    layer.bias.assign(&parameters[layer.b_ih], &parameters[layer.b_ih] + width);
    if (!cell->has_hidden_part)
      for (size_t j = 0; j < width; ++j) layer.bias[j] += parameters[layer.b_hh + j];
    layer.bias_version = version;
  }
  return layer.bias.data();
}

const float* ModelParts::table_for(std::span<const int32_t> ids) {
  const size_t V = static_cast<size_t>(vocabulary), width = static_cast<size_t>(gate_width());
  if (row_version.empty()) {
    input_table.resize(V * width);
    row_version.resize(V);
    stale_rows.reserve(V);
  }
  const auto is_fresh = [&](int32_t id) { return row_version[static_cast<size_t>(id)] == version; };
  if (std::ranges::all_of(ids, is_fresh))
    return input_table.data();  // and nothing was written: prepare_passes
  stale_rows.clear();
  for (const int32_t id : ids) {
    assert(id >= 0 && id < vocabulary);
    if (is_fresh(id)) continue;
    row_version[static_cast<size_t>(id)] = version;
    stale_rows.push_back(id);
  }
  // A transposition in bands of 16 rows of W_ih, so that both sides stay in the first-level cache.
  const float *w = &parameters[layers[0].w_ih], *b = bias(layers[0]);
  constexpr size_t band = 16;
  for (size_t first = 0; first < width; first += band) {
    const size_t last = std::min(first + band, width);
    for (const int32_t id : stale_rows) {
      const size_t v = static_cast<size_t>(id);
      for (size_t j = first; j < last; ++j) input_table[v * width + j] = w[j * V + v] + b[j];
    }
  }
  return input_table.data();
}

LoopWeights ModelParts::cell_weights(int index, bool backward) {
  LayerParts& layer = layers[static_cast<size_t>(index)];
  return {.w_hh = packed(layer.hh),
          .w_hh_backward = backward ? packed(layer.hh_backward) : nullptr,
          .b_hh = &parameters[layer.b_hh],
          .relu = spec.nonlinearity == Nonlinearity::relu};
}

void prepare_passes(ModelParts& m, std::span<const int32_t> inputs) {
  if (m.gradients.empty()) m.gradients.resize(m.parameters.size());
  for (int l = 0; l < m.spec.layers; ++l) {
    LayerParts& layer = m.layers[static_cast<size_t>(l)];
    m.cell_weights(l, true);
    if (l == 0 && m.one_hot()) {
      m.table_for(inputs);
    } else {
      m.packed(layer.ih);
      m.packed(layer.ih_backward);
      m.bias(layer);
    }
  }
  m.packed(m.decoder);
  m.packed(m.decoder_backward);
}

// --- Workspace

std::unique_ptr<Workspace> Model::make_workspace(int seq_length, int batch) const {
  const ModelParts& m = *parts_;
  auto w = std::make_unique<WorkspaceParts>();
  w->batch = batch;
  w->capacity = seq_length;
  w->vocabulary = m.vocabulary;
  w->gates = m.cell->gates;
  w->hidden = m.spec.hidden;
  const size_t rows = static_cast<size_t>(seq_length) * static_cast<size_t>(batch);
  const size_t states = rows + static_cast<size_t>(batch);
  const size_t hidden = static_cast<size_t>(m.spec.hidden), width = static_cast<size_t>(m.gate_width());
  for (int l = 0; l < m.spec.layers; ++l) {
    LayerBuffers& layer = w->layers.emplace_back();
    layer.z.resize(rows * width);
    layer.h.resize(states * hidden);
    if (m.cell->has_c) {
      layer.c.resize(states * hidden);
      layer.tanh_c.resize(rows * hidden);
    }
    if (m.cell->has_hidden_part) layer.u.resize(rows * width);
  }
  w->embedded.resize(rows * static_cast<size_t>(m.spec.embedding));
  w->output.resize(rows * static_cast<size_t>(m.vocabulary));
  w->losses.resize(rows);
  return std::make_unique<Workspace>(std::move(w));
}

uint64_t Model::workspace_bytes(const LaneSpec& spec, int vocabulary, int seq_length, int batch) {
  const CellTraits& cell = cell_traits(spec.cell);
  const auto wide = [](int n) { return static_cast<uint64_t>(n); };  // size_t has 32 bits in wasm
  const uint64_t rows = wide(seq_length) * wide(batch), H = wide(spec.hidden), V = wide(vocabulary);
  const uint64_t gates = wide(cell.gates), layers = wide(spec.layers), embedding = wide(spec.embedding);
  const uint64_t widths = cell.has_hidden_part ? 2 * gates : gates;             // z and u, dz and du
  const uint64_t kept = widths + (cell.has_c ? 3 : 1);                          // and h, c, tanh_c
  uint64_t row = layers * kept * H + V + 1 + 2 * embedding + (widths + 1) * H;  // the last: dz, du, dh
  if (spec.dropout > 0) row += (layers - 1) * 2 * H;
  const uint64_t table = embedding == 0 ? std::min(rows, V) * gates * H : 0;
  return (rows * row + table) * sizeof(float);
}

Workspace::Workspace(std::unique_ptr<WorkspaceParts> parts) : parts_(std::move(parts)) {}
Workspace::~Workspace() = default;
int Workspace::batch() const { return parts_->batch; }
int Workspace::capacity() const { return parts_->capacity; }
int Workspace::seq_length() const { return parts_->seq_length; }
std::span<const float> Workspace::losses() const {
  return {parts_->losses.data(), static_cast<size_t>(parts_->rows())};
}
std::span<const float> Workspace::probabilities() const {
  return {parts_->output.data(), static_cast<size_t>(parts_->rows() * parts_->vocabulary)};
}
LayerActivations Workspace::layer(int index) const {
  const LayerBuffers& layer = parts_->layers[static_cast<size_t>(index)];
  const size_t rows = static_cast<size_t>(parts_->rows()), hidden = static_cast<size_t>(parts_->hidden);
  const size_t states = (rows + static_cast<size_t>(parts_->batch)) * hidden;
  return {.gates = {layer.z.data(), rows * hidden * static_cast<size_t>(parts_->gates)},
          .h = {layer.h.data(), states},
          .c = {layer.c.data(), layer.c.empty() ? 0 : states}};
}

LoopPass WorkspaceParts::pass(int index) {
  LayerBuffers& layer = layers[static_cast<size_t>(index)];
  return {.batch = batch,
          .hidden = hidden,
          .z = layer.z.data(),
          .h = layer.h.data(),
          .c = layer.c.data(),
          .tanh_c = layer.tanh_c.data(),
          .u = layer.u.data()};
}

}  // namespace unroll
