// Head::ctc of a model: what the strings of a batch cost (engine/base/ctc.h), and the way back to the logits.
#pragma once

#include "engine/tasks/batch.h"

namespace unroll {

struct ModelParts;
struct WorkspaceParts;

/// The losses, from logits, which stay.
void ctc_losses(const ModelParts&, WorkspaceParts&, const BatchView&);
/// The same; and logits become the gradients of Σ w·loss, times scale.
void ctc_gradients(const ModelParts&, WorkspaceParts&, const BatchView&, float scale);

}  // namespace unroll
