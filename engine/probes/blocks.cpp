#include "engine/probes/blocks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace unroll {
namespace {

/// Σ x² in double. Eight sums side by side, so that one addition need not wait for the other.
double squares(std::span<const float> x) {
  std::array<double, 8> sums{};
  size_t i = 0;
  for (; i + sums.size() <= x.size(); i += sums.size())
    for (size_t j = 0; j < sums.size(); ++j) {
      const double value = x[i + j];
      sums[j] += value * value;
    }
  double sum = 0;
  for (; i < x.size(); ++i) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  for (const double part : sums) sum += part;
  return sum;
}

}  // namespace

BlockMeasure measure_block(const Trainer& trainer, const ParameterBlock& block) {
  const Model& model = trainer.model();
  const StepResult& last = trainer.last_step();
  const bool knows_step = last.step > 0 && !last.diverged;
  const auto part = [&](std::span<const float> all) { return all.subspan(block.offset, block.size()); };
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  BlockMeasure measure{std::sqrt(squares(part(model.parameters()))), unknown, unknown, unknown};
  if (!knows_step) return measure;
  double moved = 0;
  std::array<float, 1024> update;
  for (size_t done = 0; done < block.size(); done += update.size()) {
    const std::span<float> piece(update.data(), std::min(update.size(), block.size() - done));
    trainer.optimizer().last_update(last.rate, last.clip_factor, model.gradients(), model.parameters(),
                                    block.offset + done, piece);
    moved += squares(piece);
  }
  measure.gradient_norm = std::sqrt(squares(part(model.gradients())));
  measure.update_norm = std::sqrt(moved);
  measure.ratio = moved > 0 ? measure.update_norm / measure.weight_norm : 0;
  return measure;
}

std::vector<BlockProbe> probe_blocks(const Trainer& trainer) {
  std::vector<BlockProbe> probes;
  for (const ParameterBlock& block : trainer.model().blocks())
    probes.push_back({measure_block(trainer, block), block.name, block.size()});
  return probes;
}

}  // namespace unroll
