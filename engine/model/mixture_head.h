// The head that foretells points as mixtures of normal densities (engine/base/mixture.h), row by row; rows are shared by the
// team, and each is computed by one member, so whoever shares them changes no bit.
#pragma once

#include "engine/tasks/batch.h"

namespace unroll {

struct ModelParts;
struct WorkspaceParts;

/// Of every row −ln of the density that its outputs tell.
void mixture_losses(const ModelParts&, WorkspaceParts&, const BatchView&);
/// The same; and the outputs become the gradients of their sum, times scale.
void mixture_gradients(const ModelParts&, WorkspaceParts&, const BatchView&, float scale);

}  // namespace unroll
