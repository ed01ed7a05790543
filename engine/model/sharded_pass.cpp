#include "engine/model/sharded_pass.h"

#include <algorithm>
#include <cassert>

#include "engine/model/parts.h"

namespace unroll {
namespace {

/// Streams first … first + width − 1 of a (rows, batch · size) array, from or to one of (rows, width · size).
template <class T>
void take_streams(const T* whole, T* part, size_t rows, size_t batch, size_t first, size_t width,
                  size_t size) {
  for (size_t row = 0; row < rows; ++row)
    std::copy_n(whole + (row * batch + first) * size, width * size, part + row * width * size);
}
template <class T>
void put_streams(const T* part, T* whole, size_t rows, size_t batch, size_t first, size_t width,
                 size_t size) {
  for (size_t row = 0; row < rows; ++row)
    std::copy_n(part + row * width * size, width * size, whole + (row * batch + first) * size);
}

}  // namespace

ShardedPass::ShardedPass(Model& model, int seq_length, int batch, Parallel parallel)
    : model_(&model), batch_(batch), parallel_(std::move(parallel)) {
  assert(model.spec().dropout == 0 || model.spec().layers == 1);
  const int count = std::clamp(parallel_.workers, 1, batch);
  for (int i = 0; i < count; ++i) {
    Shard& shard = shards_.emplace_back();
    shard.first = batch * i / count;
    shard.batch = batch * (i + 1) / count - shard.first;
    shard.workspace = model.make_workspace(seq_length, shard.batch);
    shard.state = model.make_state(shard.batch);
    if (i > 0) shard.gradients.resize(model.parameters().size());
  }
}

ShardedPass::~ShardedPass() = default;

void ShardedPass::run_shard(Shard& shard, const BatchView& whole, double total, RecurrentState& state) {
  ModelParts& m = model_->parts();
  const size_t batch = static_cast<size_t>(batch_), first = static_cast<size_t>(shard.first);
  const size_t width = static_cast<size_t>(shard.batch), T = static_cast<size_t>(whole.seq_length);
  const size_t layers = static_cast<size_t>(m.spec.layers);
  const auto take = [&](const auto& from, auto& to, size_t rows, size_t size) {
    to.resize(from.empty() ? 0 : rows * width * size);
    if (!from.empty()) take_streams(from.data(), to.data(), rows, batch, first, width, size);
  };
  Batch& part = shard.part;
  part.seq_length = whole.seq_length;
  part.batch = shard.batch;
  take(whole.symbols, part.symbols, T, 1);
  take(whole.reals, part.reals, T, static_cast<size_t>(m.shape.inputs));
  take(whole.classes, part.classes, T, 1);
  take(whole.values, part.values, T, static_cast<size_t>(m.shape.outputs));
  take(whole.weights, part.weights, T, 1);
  take(whole.lengths, part.lengths, 1, 1);
  take(whole.starts, part.starts, 1, 1);
  part.turn = whole.turn;
  shard.state.source.clear();  // what one batch looks back at is not carried to the next
  shard.state.starts.clear();
  for (size_t n = 0; n < state.states.size(); ++n)
    take_streams(state.states[n].data(), shard.state.states[n].data(), layers, batch, first, width,
                 model_->state_size(n));

  WorkspaceParts& w = shard.workspace->parts();
  w.gradients = shard.gradients.empty() ? m.gradients.data() : shard.gradients.data();
  shard.loss = forward_backward_pass(m, w, part, shard.state, total, nullptr);

  for (size_t n = 0; n < state.states.size(); ++n)
    put_streams(shard.state.states[n].data(), state.states[n].data(), layers, batch, first, width,
                model_->state_size(n));
}

double ShardedPass::forward_backward(const BatchView& batch, RecurrentState& state) {
  ModelParts& m = model_->parts();
  prepare_passes(m, batch);
  const double total = total_weight(batch);
  parallel_.run(workers(), [&](int i) { run_shard(shards_[static_cast<size_t>(i)], batch, total, state); });

  double loss = 0;
  for (const Shard& shard : shards_) loss += shard.loss / total;
  // Each worker adds up one part of the parameters, always shard by shard in the same order.
  parallel_.run(workers(), [&](int i) {
    const size_t shards = shards_.size(), n = m.gradients.size(), at = static_cast<size_t>(i);
    const size_t begin = n * at / shards, end = n * (at + 1) / shards;
    const int count = static_cast<int>(end - begin);
    for (size_t s = 1; s < shards; ++s)
      m.kernels->add_rows(&shards_[s].gradients[begin], &m.gradients[begin], count, 1, count);
  });
  return loss;
}

}  // namespace unroll
