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
  const int I = m.shape.inputs, O = m.shape.outputs, E = m.spec.embedding, H = m.spec.hidden;
  const CellGraph& graph = *m.graph;
  const int width = m.plan->input_blocks() * H;
  const auto add_stack = [&](Stack& stack, const std::string& module, const char* embedding) {
    size_t first = offset;
    if (m.embeds()) stack.embedding = add(embedding, I, E);
    for (int l = 0; l < m.spec.layers; ++l) {
      const std::string tail = "_l" + std::to_string(l);
      LayerParts& layer = stack.layers.emplace_back();
      layer.first = first;
      layer.input = l > 0 ? H : m.embeds() ? E : I;
      for (const CellTensor& tensor : graph.tensors)
        layer.tensors.push_back(
            add(module + "." + tensor.name + tail, tensor.blocks * H, tensor.columns(H, layer.input)));
      if (m.plan->input_tensor() >= 0)
        layer.w_ih = layer.tensors[static_cast<size_t>(m.plan->input_tensor())];
      layer.ih = {.k = layer.input, .n = width, .transposed = true, .offset = layer.w_ih, .data = {}};
      layer.ih_backward = {
          .k = width, .n = layer.input, .transposed = false, .offset = layer.w_ih, .data = {}};
      layer.last = first = offset;
    }
  };
  if (m.shape.encoder) add_stack(m.encoder, "encoder", "encoder_embedding.weight");
  add_stack(m.main, "rnn", "embedding.weight");
  if (m.shape.attention) {
    m.attention_weight = add("attention.weight", H, 2 * H);
    m.attention = {.k = 2 * H, .n = H, .transposed = true, .offset = m.attention_weight, .data = {}};
    m.attention_backward = {
        .k = H, .n = 2 * H, .transposed = false, .offset = m.attention_weight, .data = {}};
  }
  m.decoder_weight = add("decoder.weight", O, H);
  m.decoder_bias = add("decoder.bias", O, 0);
  m.decoder = {.k = H, .n = O, .transposed = true, .offset = m.decoder_weight, .data = {}};
  m.decoder_backward = {.k = O, .n = H, .transposed = false, .offset = m.decoder_weight, .data = {}};
}

size_t size_of(const std::vector<ParameterBlock>& blocks) {
  return blocks.back().offset + blocks.back().size();
}

/// Without anything of the size of its weights.
std::unique_ptr<ModelParts> plan(const LaneSpec& spec, const TaskShape& shape) {
  auto parts = std::make_unique<ModelParts>();
  parts->spec = spec;
  parts->shape = shape;
  parts->graph = graph_of(spec);
  parts->plan = std::make_shared<CellPlan>(parts->graph, spec.hidden);
  lay_out(*parts);
  return parts;
}

}  // namespace

Result<Model> Model::create(const LaneSpec& spec, const TaskShape& shape, uint64_t seed) {
  const int64_t count = parameter_count(spec, shape);
  if (count > Limits::parameters)
    return Error{
        "", std::to_string(count) + " parameters are too many",
        "at most " + std::to_string(Limits::parameters) +
            "; choose a smaller hidden size, fewer layers or a text with fewer different characters"};
  auto parts = plan(spec, shape);
  parts->kernels = &kernels::best();
  parts->parameters.resize(size_of(parts->blocks));
  for (Stack* stack : {&parts->encoder, &parts->main})
    for (LayerParts& layer : stack->layers) {
      for (const size_t offset : layer.tensors) layer.parameters.push_back(&parts->parameters[offset]);
      layer.weights = std::make_unique<CellWeights>(parts->plan, *parts->kernels);
    }
  initialise(*parts, seed);
  return Model(std::move(parts));
}

std::vector<ParameterBlock> Model::blocks_of(const LaneSpec& spec, const TaskShape& shape) {
  return std::move(plan(spec, shape)->blocks);
}

Model::Model(std::unique_ptr<ModelParts> parts) : parts_(std::move(parts)) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

const LaneSpec& Model::spec() const { return parts_->spec; }
const TaskShape& Model::shape() const { return parts_->shape; }
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

void watch_steps(Model& model, StepWatch* watch) { model.parts().watch = watch; }

void Model::set_team(std::shared_ptr<Team> team) { parts_->team = std::move(team); }
Team* Model::team() const { return parts_->team.get(); }

const CellGraph& Model::graph() const { return *parts_->graph; }

size_t Model::state_size(size_t state) const {
  return static_cast<size_t>(parts_->plan->state_size(static_cast<int>(state)));
}

RecurrentState Model::make_state(int batch) const {
  RecurrentState state{.batch = batch, .states = {}};
  for (size_t s = 0; s < graph().states.size(); ++s)
    state.states.emplace_back(static_cast<size_t>(parts_->spec.layers) * static_cast<size_t>(batch) *
                              state_size(s));
  restart(state);
  return state;
}

void Model::restart(RecurrentState& state) const {
  for (size_t s = 0; s < state.states.size(); ++s)
    std::ranges::fill(state.states[s], static_cast<float>(graph().states[s].initial));
  state.source.clear();
  state.starts.clear();
}

void Model::keep_bounds() {
  const size_t H = static_cast<size_t>(parts_->spec.hidden);
  for (const Stack* stack : {&parts_->encoder, &parts_->main})
    for (const LayerParts& layer : stack->layers)
      for (const CellBound& bound : graph().bounds) {
        const CellTensor& tensor = graph().tensors[static_cast<size_t>(bound.tensor)];
        const size_t size = static_cast<size_t>(tensor.block_size(static_cast<int>(H), layer.input));
        const size_t first =
            layer.tensors[static_cast<size_t>(bound.tensor)] + static_cast<size_t>(bound.block) * size;
        for (float& value : std::span(parts_->parameters).subspan(first, size))
          value = std::clamp(value, static_cast<float>(bound.low), static_cast<float>(bound.high));
      }
}

// --- Copies of the weights in the form that the passes read

const float* ModelParts::packed(Packed& pack) {
  if (pack.version != version) {
    const DuringPart packing(*this, StepPart::packing);
    pack.data.resize(kernels->packed_size(pack.k, pack.n));
    team_pack(*kernels, team.get(), &parameters[pack.offset], pack.transposed ? pack.k : pack.n,
              pack.transposed, pack.k, pack.n, pack.data.data());
    pack.version = version;
  }
  return pack.data.data();
}

const std::shared_ptr<const CellPlan>& ModelParts::plan_of(Passes passes) {
  if (passes == Passes::fast || !plan->is_by_hand()) return plan;
  if (!derived_plan) derived_plan = std::make_shared<CellPlan>(graph, spec.hidden, true);
  return derived_plan;
}

const float* ModelParts::table_for(Stack& stack, std::span<const int32_t> ids) {
  const size_t V = static_cast<size_t>(shape.inputs), width = static_cast<size_t>(input_width());
  auto& [layers, embedding, input_table, row_version, stale_rows] = stack;
  if (row_version.empty()) {
    input_table.resize(V * width);
    row_version.resize(V);
    stale_rows.reserve(V);
  }
  const std::vector<uint64_t>& versions = row_version;
  const auto is_fresh = [&](int32_t id) { return versions[static_cast<size_t>(id)] == version; };
  stale_rows.clear();
  for (const int32_t id : ids) {
    assert(id >= 0 && id < shape.inputs);
    if (is_fresh(id)) continue;
    row_version[static_cast<size_t>(id)] = version;
    stale_rows.push_back(id);
  }
  if (stale_rows.empty()) return input_table.data();
  const DuringPart packing(*this, StepPart::packing);
  // A transposition in bands of 16 rows of W_ih, so that both sides stay in the first-level cache.
  const float *w = &parameters[layers[0].w_ih], *b = cell_weights(stack, 0, false).input_bias();
  constexpr ptrdiff_t band = 16;
  float* table = input_table.data();
  const std::vector<int32_t>& stale = stale_rows;
  divide(team.get(), static_cast<ptrdiff_t>(width), band, [&](ptrdiff_t begin, ptrdiff_t end, int) {
    for (ptrdiff_t first = begin; first < end; first += band) {
      const size_t last = static_cast<size_t>(std::min(first + band, end));
      for (const int32_t id : stale) {
        const size_t v = static_cast<size_t>(id);
        for (size_t j = static_cast<size_t>(first); j < last; ++j) table[v * width + j] = w[j * V + v] + b[j];
      }
    }
  });
  return input_table.data();
}

CellWeights& ModelParts::cell_weights(Stack& stack, int index, bool backward, Passes passes) {
  LayerParts& layer = stack.layers[static_cast<size_t>(index)];
  const bool derived = passes == Passes::derived && plan->is_by_hand();
  if (derived && !layer.derived_weights)
    layer.derived_weights = std::make_unique<CellWeights>(plan_of(passes), *kernels);
  CellWeights& weights = derived ? *layer.derived_weights : *layer.weights;
  const DuringPart packing(*this, StepPart::packing);
  weights.follow(layer.parameters, version, backward, team.get());
  return weights;
}

// --- Workspace

std::unique_ptr<Workspace> Model::make_workspace(int seq_length, int batch) const {
  return make_workspace_for(*parts_, seq_length, batch, Passes::fast);
}

std::unique_ptr<Workspace> make_workspace_for(ModelParts& m, int seq_length, int batch, Passes passes) {
  auto w = std::make_unique<WorkspaceParts>();
  w->streams = w->batch = batch;
  w->capacity = seq_length;
  w->outputs = m.shape.outputs;
  w->hidden = m.spec.hidden;
  w->passes = passes;
  w->plan = m.plan_of(passes);
  const size_t rows = static_cast<size_t>(seq_length) * static_cast<size_t>(batch);
  for (int l = 0; l < m.spec.layers; ++l)
    w->layers.emplace_back().cell.allocate(*w->plan, {CellArray::Role::forward}, seq_length, batch);
  w->scratch.allocate(*w->plan, seq_length, batch, false);
  w->embedded.resize(m.embeds() ? rows * static_cast<size_t>(m.spec.embedding) : 0);
  w->output.resize(rows * static_cast<size_t>(m.shape.outputs));
  w->losses.resize(rows);
  return std::make_unique<Workspace>(std::move(w));
}

uint64_t Model::workspace_bytes(const LaneSpec& spec, const TaskShape& shape, int seq_length, int batch) {
  const CellPlan plan(graph_of(spec), spec.hidden);
  const auto wide = [](int n) { return static_cast<uint64_t>(n); };  // size_t has 32 bits in wasm
  const uint64_t rows = wide(seq_length) * wide(batch), H = wide(spec.hidden);
  const uint64_t layers = wide(spec.layers), embedding = shape.reals ? 0 : wide(spec.embedding);
  uint64_t row = layers * plan.row_floats(CellArray::Role::forward) + wide(shape.outputs) + 1 +
                 2 * embedding + plan.row_floats(CellArray::Role::backward);
  if (spec.dropout > 0) row += (layers - 1) * 2 * H;
  const bool one_hot = !shape.reals && embedding == 0;
  const uint64_t table = one_hot ? std::min(rows, wide(shape.inputs)) * wide(plan.input_blocks()) * H : 0;
  if (shape.attention) row += AttentionBuffers::row_floats(spec.hidden, seq_length);
  return (rows * row + table) * sizeof(float);
}

Workspace::Workspace(std::unique_ptr<WorkspaceParts> parts) : parts_(std::move(parts)) {}
Workspace::~Workspace() = default;
int Workspace::batch() const { return parts_->batch; }
int Workspace::streams() const { return parts_->streams; }
int Workspace::capacity() const { return parts_->capacity; }
int Workspace::seq_length() const { return parts_->seq_length; }
std::span<const float> Workspace::losses() const {
  return {parts_->losses.data(), static_cast<size_t>(parts_->rows())};
}
std::span<const float> Workspace::outputs() const {
  return {parts_->output.data(), static_cast<size_t>(parts_->rows() * parts_->outputs)};
}
std::span<const float> Workspace::attention(int t, int b) const {
  return parts_->attention.weights_of(t, b, parts_->seq_length);
}
const float* state_before(const WorkspaceParts& w, int layer, const CellState& state, ptrdiff_t row) {
  const ptrdiff_t number = &state - w.plan->graph().states.data();
  const LayerBuffers& buffers = w.layers[static_cast<size_t>(layer)];
  return w.plan->state(buffers.cell, static_cast<int>(number)) +
         row * w.plan->state_size(static_cast<int>(number));
}
const float* value_of(const WorkspaceParts& w, int layer, const CellEquation& equation, ptrdiff_t row) {
  const ptrdiff_t number = &equation - w.plan->graph().equations.data();
  const LayerBuffers& buffers = w.layers[static_cast<size_t>(layer)];
  const bool encoded = row < ptrdiff_t{w.turn} * w.batch;
  const CellWeights& weights = encoded ? *buffers.encoder_weights : *buffers.weights;
  const CellValue value = w.plan->value(buffers.cell, weights, static_cast<int>(number), w.batch);
  return value.data + row * value.stride;
}

CellPass WorkspaceParts::pass(const ModelParts& m, size_t layer, CellWeights& weights) {
  if (m.team) scratch.allocate_members(*plan, m.team->size());
  return {.kernels = m.kernels,
          .batch = batch,
          .forward = &layers[layer].cell,
          .scratch = &scratch,
          .weights = &weights,
          .team = m.team.get()};
}

}  // namespace unroll
