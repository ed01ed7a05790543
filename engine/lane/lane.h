// One lane as an actor: a trainer with a mailbox. Knows no thread and no browser; its owner calls receive()
// for each command and work() as long as that returns true. Training, validation, samples and baselines go in
// slices, so every command is answered within one slice (16 ms), or one training step where a step takes
// longer.
//
// What the model learns depends on the experiment alone: not on slices, pauses, probes, samples or validation
// in between. Validation happens every `valid_every` steps (see validation_interval), counted from step 0,
// and when training stops; after the first 16 of them at most 5 times a second, so that tiny models do not drown whoever
// listens.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "engine/lane/pieces.h"

namespace unroll {

class Lane {
 public:
  using Send =
      std::function<void(std::vector<uint8_t> event)>;  ///< called on the owner's thread, inside calls below

  /// Sends `ready`. `post` reaches helpers (helper.h), where there may be some.
  explicit Lane(Send send, PostToHelper post = {});
  ~Lane();

  /// Takes one command (engine/lane/protocol.h). Whatever the bytes are, it answers and never fails.
  void receive(std::span<const uint8_t> command);
  /// One slice. False when there is nothing to do until the next command, or the next answer of a helper: see waits().
  bool work();
  /// A step is under way whose parts helpers still compute. work() must be called when one has answered, and every few
  /// hundredths of a second besides, for a helper may never answer.
  bool waits() const;
  /// One slice of what is asked alone: training and validation rest as they are. False when all is answered.
  bool answer();

  /// There are so many helpers now, numbered from 0: all others than before. What is learned is the same with any number.
  void invite(int helpers);
  void helped(int helper, std::span<const uint8_t> answer);

  struct Parts;  ///< for the lane itself: engine/lane/parts.h

 private:
  std::unique_ptr<Parts> parts_;
};

/// Steps between two validations: at least 50, and so many that validation reads at most 15% as many
/// characters as training does. 0 when there is nothing to validate on (fewer than two characters).
int64_t validation_interval(int64_t valid_characters, int64_t characters_per_step);

}  // namespace unroll
