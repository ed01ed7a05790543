#include "engine/probes/step_record.h"

#include <cmath>

#include "engine/model/parts.h"

namespace unroll {

StepRecord record_step(const Trainer& trainer, int stream) {
  WorkspaceParts& w = trainer.workspace().parts();
  const ptrdiff_t T = w.seq_length, B = w.batch, H = w.hidden, b = stream;
  /// Of the state after character t in (T + 1, B, H).
  const auto norm = [&](const float* states, ptrdiff_t t) {
    double sum = 0;
    for (ptrdiff_t j = 0; j < H; ++j) {
      const double value = states[((t + 1) * B + b) * H + j];
      sum += value * value;
    }
    return static_cast<float>(std::sqrt(sum));
  };
  StepRecord record;
  for (ptrdiff_t t = 0; t < T; ++t) {
    const size_t row = static_cast<size_t>(t * B + b);
    record.inputs.push_back(trainer.inputs()[row]);
    record.targets.push_back(trainer.targets()[row]);
    record.losses.push_back(w.losses[row]);
    record.dh.push_back(norm(w.dh(), t));  // the layers share it, and the bottom one came last
  }
  for (size_t l = 0; l < w.layers.size(); ++l)
    for (ptrdiff_t t = 0; t < T; ++t) record.h.push_back(norm(w.h(l), t));
  return record;
}

}  // namespace unroll
