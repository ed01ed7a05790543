#include "engine/model/network.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace unroll {
namespace {

constexpr int least_room = 64;  // time steps: batches that grow a little must not allocate each time

}  // namespace

std::span<const float> ModelNetwork::read(const Batch& batch) {
  const bool same_batch = workspace_ && workspace_->batch() == batch.batch;
  assert(batch.restart || same_batch);
  if (!same_batch) state_ = model_->make_state(batch.batch);
  if (!same_batch || workspace_->capacity() < batch.seq_length)
    workspace_ = model_->make_workspace(std::max(batch.seq_length, least_room), batch.batch);
  if (batch.restart) model_->restart(state_);
  model_->forward(*workspace_, batch, state_);
  has_losses_ = has_targets_for(model_->shape(), batch);
  return workspace_->outputs();
}

void ModelNetwork::repeat(int batch) {
  assert(workspace_ && workspace_->batch() == 1);
  RecurrentState states = model_->make_state(batch);
  const size_t layers = static_cast<size_t>(model_->spec().layers), copies = static_cast<size_t>(batch),
               H = static_cast<size_t>(model_->spec().hidden);
  for (size_t s = 0; s < states.states.size(); ++s) {
    const std::vector<float>& from = state_.states[s];
    const size_t hidden = from.size() / layers;
    for (size_t row = 0; row < layers * copies; ++row)
      std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(row / copies * hidden), hidden,
                  states.states[s].begin() + static_cast<std::ptrdiff_t>(row * hidden));
  }
  for (size_t row = 0; row * H < state_.source.size(); ++row)
    for (size_t copy = 0; copy < copies; ++copy)
      states.source.insert(states.source.end(), state_.source.begin() + static_cast<std::ptrdiff_t>(row * H),
                           state_.source.begin() + static_cast<std::ptrdiff_t>((row + 1) * H));
  if (!state_.starts.empty()) states.starts.assign(copies, state_.starts.front());
  state_ = std::move(states);
  workspace_ = model_->make_workspace(least_room, batch);
  has_losses_ = false;
}

std::span<const float> ModelNetwork::losses() const {
  return has_losses_ ? workspace_->losses() : std::span<const float>();
}

}  // namespace unroll
