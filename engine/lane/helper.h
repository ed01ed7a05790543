// A helper: computes parts of a lane's training steps (engine/model/step_part.h) in a worker of its own. Knows no data and no
// optimizer: with each part come the weights, the streams and what they carry, so a helper that ends takes nothing along.
// A lane and its helpers talk in messages of their own, not through the front end:
//   model   as in protocol.h: {type, experiment, shape: {inputs, reals, outputs, head, encoder}, seq_length, batch};
//           experiment: with this lane alone, and without the data
//   part    u32 words of PartWord, then what they count: floats and int32, in the order of PartMessage
//   answer  u32 0, the part's id; then gradients, losses and states, floats
#pragma once

#include <memory>
#include <optional>

#include "engine/base/result.h"
#include "engine/lane/pieces.h"
#include "engine/model/step_part.h"

namespace unroll {

std::string model_message(const Experiment&, int lane, const TaskShape&, int seq_length, int batch);
/// Pieces of a part's message; `words` and `input` must live as long as they.
Pieces part_message(int32_t id, std::span<const float> parameters, const PartInput& input,
                    std::vector<uint32_t>& words);
/// Errors: not the answer to part `id`, or not of the size of such a part.
Status read_answer(std::span<const uint8_t> message, int32_t id, size_t parameters, const PartInput& input,
                   PartOutput& output);

class Helper {
 public:
  using Post = std::function<void(const Pieces& answer)>;  ///< which are there until the next message
  explicit Helper(Post post) : post_(std::move(post)) {}
  /// Errors: what is no such message, or does not fit the model; nothing is posted then.
  Status receive(std::span<const uint8_t> message);

 private:
  Status make_model(std::span<const uint8_t> message);
  Status compute(std::span<const uint8_t> message);

  Post post_;
  std::optional<Model> model_;
  std::unique_ptr<Workspace> workspace_;
  int seq_length_ = 0, batch_ = 0;
  PartInput input_;
  PartOutput output_;
};

}  // namespace unroll
