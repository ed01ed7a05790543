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
  has_losses_ = !(model_->shape().head == Head::softmax ? batch.classes.empty() : batch.values.empty());
  return workspace_->outputs();
}

std::span<const float> ModelNetwork::losses() const {
  return has_losses_ ? workspace_->losses() : std::span<const float>();
}

}  // namespace unroll
