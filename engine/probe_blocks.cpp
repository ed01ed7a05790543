#include "engine/probe_blocks.h"

#include <cmath>
#include <limits>

namespace unroll {
namespace {

double norm(std::span<const float> x) {
  double sum = 0;
  for (const float value : x) sum += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(sum);
}

}  // namespace

std::vector<BlockProbe> probe_blocks(const Trainer& trainer) {
  const Model& model = trainer.model();
  const StepResult& last = trainer.last_step();
  const bool knows_step = last.step > 0 && !last.diverged;
  const std::span<const float> gradients = model.gradients(), parameters = model.parameters();
  std::vector<float> update(knows_step ? parameters.size() : 0);
  if (knows_step) {
    trainer.optimizer().last_update(last.rate, last.clip_factor, gradients, parameters, update);
  }
  std::vector<BlockProbe> probes;
  for (const ParameterBlock& block : model.blocks()) {
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    const auto part = [&](std::span<const float> all) {
      return norm(all.subspan(block.offset, block.size()));
    };
    BlockProbe& probe = probes.emplace_back();
    probe.name = block.name;
    probe.size = block.size();
    probe.weight_norm = part(parameters);
    probe.gradient_norm = knows_step ? part(gradients) : unknown;
    probe.update_norm = knows_step ? part(update) : unknown;
    probe.ratio = probe.update_norm > 0 || !knows_step ? probe.update_norm / probe.weight_norm : 0;
  }
  return probes;
}

}  // namespace unroll
