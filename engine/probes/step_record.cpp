#include "engine/probes/step_record.h"

#include <cmath>
#include <limits>

#include "engine/model/parts.h"

namespace unroll {

StepRecord record_step(const Trainer& trainer, int stream) {
  WorkspaceParts& w = trainer.workspace().parts();
  const Batch& batch = trainer.batch();
  const ptrdiff_t B = w.batch, H = w.hidden, b = stream,
                  T = batch.lengths.empty() ? w.seq_length : batch.lengths[static_cast<size_t>(stream)],
                  first = batch.starts.empty() ? 0 : batch.starts[static_cast<size_t>(stream)];
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
  for (ptrdiff_t t = first; t < T; ++t) {
    const size_t row = static_cast<size_t>(t * B + b);
    if (!batch.symbols.empty()) record.inputs.push_back(batch.symbols[row]);
    if (trainer.model().shape().head != Head::ctc && !batch.classes.empty())
      record.targets.push_back(batch.classes[row]);
    const bool asked = batch.weights.empty() || batch.weights[row] > 0;
    record.losses.push_back(asked ? w.losses[row] : std::numeric_limits<float>::quiet_NaN());
    record.dh.push_back(norm(w.dh(), t));  // the layers share it, and the bottom one came last
  }
  for (size_t l = 0; l < w.layers.size(); ++l)
    for (ptrdiff_t t = first; t < T; ++t) record.h.push_back(norm(w.h(l), t));
  return record;
}

}  // namespace unroll
