#include "engine/model/mixture_head.h"

#include <cassert>

#include "engine/base/mixture.h"
#include "engine/base/team.h"
#include "engine/model/parts.h"

namespace unroll {
namespace {

constexpr ptrdiff_t rows_at_once = 16;  // of a member of a team, at least

/// body(row, its outputs, its targets)
template <class Body>
void each_row(const ModelParts& m, WorkspaceParts& w, const BatchView& batch, const Body& body) {
  const auto O = static_cast<size_t>(m.shape.outputs), K = static_cast<size_t>(m.shape.targets());
  assert(batch.values.size() == static_cast<size_t>(w.rows()) * K);
  divide(m.team.get(), w.rows(), rows_at_once, [&](ptrdiff_t first, ptrdiff_t last, int) {
    for (auto row = static_cast<size_t>(first); row < static_cast<size_t>(last); ++row)
      body(row, &w.output[row * O], &batch.values[row * K]);
  });
}

}  // namespace

void mixture_losses(const ModelParts& m, WorkspaceParts& w, const BatchView& batch) {
  const auto O = static_cast<size_t>(m.shape.outputs);
  each_row(m, w, batch, [&](size_t row, const float* outputs, const float* targets) {
    w.losses[row] = static_cast<float>(mixture_loss(outputs, targets, O));
  });
}

void mixture_gradients(const ModelParts& m, WorkspaceParts& w, const BatchView& batch, float scale) {
  const auto O = static_cast<size_t>(m.shape.outputs);
  each_row(m, w, batch, [&](size_t row, float* outputs, const float* targets) {
    w.losses[row] = static_cast<float>(mixture_gradient(outputs, targets, O, static_cast<double>(scale)));
  });
}

}  // namespace unroll
