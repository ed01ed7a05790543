// What the way forward through a model (pass.cpp) and the way back (pass_backward.cpp) have in common.
#pragma once

#include "engine/model/parts.h"

namespace unroll {

/// Numbers that a member of a team gets at least, where they are copied, added or multiplied.
inline constexpr ptrdiff_t least_numbers = 4096;

void multiply(Team* team, const float* a, const float* b, float* product, ptrdiff_t n);
/// Rows t·B + b of the share's streams, and n columns of c (rows, width), = a (rows, k) · b [+ bias].
void product_of_share(const ModelParts&, int batch, int steps, const LoopShare&, const float* a, int k,
                      const float* packed, const float* bias, float* c, int width, int n);
/// c (rows, n) = a (rows, k) · b [+ bias] for all rows: where members have streams of their own, each those, else as many rows.
void product_of_rows(const ModelParts&, int batch, int steps, const float* a, int k, const float* packed,
                     const float* bias, float* c, int n);
/// Output of layer `l` as the next layer reads it.
const float* output_of(WorkspaceParts&, int l);
/// What the output layer reads.
const float* read_out(const ModelParts&, WorkspaceParts&);

/// Makes room for the way back, at the first one.
void allocate_backward(const ModelParts&, WorkspaceParts&);
/// After the way forward and the gradient of the head: all gradients, as shards.h sums them.
void backward(ModelParts&, WorkspaceParts&, const BatchView&, const RecurrentState& state_after);

}  // namespace unroll
