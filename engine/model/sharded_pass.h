// Data parallelism inside a lane, off unless its owner asks for it: the streams of a batch are dealt out to workers,
// each with its own activations and gradients; then the gradients are added in a fixed order. The engine knows no
// thread: whoever does gives it a `Parallel`. The same number of workers gives the same weights again; another number
// adds the same terms in another order, so the last bits differ.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/array.h"
#include "engine/model/model.h"
#include "engine/tasks/batch.h"

namespace unroll {

struct Parallel {
  int workers = 1;
  /// Calls body(0) … body(count − 1), each once, perhaps at the same time; returns when all have ended. `count` may be
  /// less than `workers` (a batch has fewer streams) or more.
  std::function<void(int count, const std::function<void(int)>& body)> run;
};

class ShardedPass {
 public:
  /// For passes over (T, B) of this model, which must outlive it, on at most B workers. Not for models with dropout:
  /// its masks are drawn one after the other.
  ShardedPass(Model& model, int seq_length, int batch, Parallel parallel);
  ShardedPass(ShardedPass&&) = default;
  ~ShardedPass();

  int workers() const { return static_cast<int>(shards_.size()); }

  /// As Model::forward_backward, with the gradients in model.gradients().
  double forward_backward(const BatchView& batch, RecurrentState& state);
  double forward_backward(std::span<const int32_t> inputs, std::span<const int32_t> targets,
                          RecurrentState& state) {
    return forward_backward({batch_, inputs, targets}, state);
  }

 private:
  struct Shard {
    int first = 0, batch = 0;  // its streams
    std::unique_ptr<Workspace> workspace;
    RecurrentState state;
    Batch part;            // its sequences of the batch
    FloatArray gradients;  // empty for the first shard, which writes the model's
    double loss = 0;       // summed
  };
  void run_shard(Shard&, const BatchView&, double total, RecurrentState&);

  Model* model_;
  int batch_;
  Parallel parallel_;
  std::vector<Shard> shards_;
};

}  // namespace unroll
