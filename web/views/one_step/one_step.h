// One training step in slow motion. Every lane does the same real step and records it (command `walk`); then it is
// walked through in moments, one after the other: the characters of stream 0 forward, the mean loss, the characters
// back, and the update block by block.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "web/app.h"
#include "web/views/weights/blocks.h"

namespace unroll {

/// Where the view stands.
struct OneStep {
  static constexpr double speeds[] = {3, 12, 40};  ///< moments a second
  bool wanted = false;     ///< a step shall be walked as soon as every lane stands at the same one
  double caught_up = -1;   ///< when lanes that are behind were sent on; negative: not yet
  bool ran = false;        ///< … and some lane ran then
  bool under_way = false;  ///< the lanes walk
  bool playing = false;
  size_t moment = 0;
  size_t scrolled_to = 0;  ///< the moment that the view was last scrolled to
  int speed = 1;
  double due = 0;  ///< time of the next moment while it plays
};

/// What one lane recorded. T characters, L layers; losses in nats.
struct Walk {
  int64_t step = 0;
  std::u32string text, targets;  ///< (T) characters that stream 0 read, and which came next
  bool numbered = false;         ///< of a task that is no text: `text` are the numbers of the steps
  double loss = 0;               ///< mean of the whole batch
  double grad_norm = 0;          ///< of all parameters, before clipping
  double clip_factor = 1;        ///< the gradient was multiplied by
  double rate = 0;
  size_t layers = 1;
  std::vector<float> losses;    ///< (T)
  std::vector<float> hidden;    ///< (L, T) ‖h‖
  std::vector<float> gradient;  ///< (T) ‖∂loss/∂h‖ of the bottom layer
  std::vector<BlockNorms> blocks;

  size_t characters() const { return losses.size(); }
  double mean_loss() const;  ///< of stream 0
  size_t asked() const;      ///< places at which something was to be said
};

/// The last step that the lane walked, unless it was configured anew since.
std::optional<Walk> walk_of(const Session&, size_t lane);

enum class Phase { forward, loss, backward, update };
inline constexpr const char* phase_names[] = {"forward", "loss", "backward", "update"};

/// The moments of a walk, as many as the longest lane needs.
struct Moments {
  size_t characters = 0, blocks = 0;

  size_t count() const { return characters ? 2 * characters + 1 + blocks : 0; }
  size_t begin(Phase) const;
  size_t end(Phase) const;
  Phase phase(size_t moment) const;
  size_t character(size_t moment) const;  ///< forward and backward; else the last one
  size_t block(size_t moment) const;      ///< update; else 0
};
Moments moments_of(const Session&);

/// What happens to a lane at a moment, in plain words.
std::string caption(const App&, size_t lane, const Walk&, const Moments&, size_t moment);

/// Training pauses, lanes that are behind catch up, and then every lane walks one step.
void want_walk(App&, OneStep&);
/// Asks, waits and plays; call it in every frame that shows the view.
void update_one_step(App&, OneStep&);
void go_to_moment(OneStep&, size_t moment);  ///< and stands there
/// Buttons, playhead and speed; two rows where it is narrow.
void draw_transport(OneStep&, const Moments&, bool narrow);
std::string one_step_csv(const Session&);
Json one_step_json(const App&, const OneStep&);  ///< what it shows, for View::publish

}  // namespace unroll
