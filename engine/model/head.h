// The head of a model's task (engine/tasks/batch.h): what the output layer's rows cost, and the way back to them.
#pragma once

#include <span>

#include "engine/tasks/batch.h"

namespace unroll {

struct ModelParts;
struct WorkspaceParts;

/// Σ w, of all rows; 1 where nothing counts, since all of a batch's strings are left out.
double total_weight(const BatchView&);
/// Σ w·loss over the batch, of its rows' losses. A row of weight 0 is not looked at, whatever stands there.
double summed_loss(std::span<const float> losses, const BatchView&);
/// Outputs become probabilities or stay numbers; the losses, where there are targets: true then.
bool forward_head(const ModelParts&, WorkspaceParts&, const BatchView&);
/// Outputs become the gradients of Σ w·loss, times scale; and the losses.
void head_gradient(ModelParts&, WorkspaceParts&, const BatchView&, float scale);

}  // namespace unroll
