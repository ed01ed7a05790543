// A lane's helpers, as the lane sees them: who computes which part of the step that is under way, who has not answered in
// time, and how many help at all, which is measured (engine/base/worker_choice.h).
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "engine/base/worker_choice.h"
#include "engine/lane/helper.h"
#include "engine/model/trainer.h"

namespace unroll {

class Company {
 public:
  using Clock = std::chrono::steady_clock;

  void set_post(PostToHelper post) { post_ = std::move(post); }
  /// From the next step on there are so many helpers, numbered from 0: all others than before.
  void invite(int helpers);
  /// Another model is trained: nobody knows it yet.
  void begin_model();

  /// A step begins; true: in parts, of which the first is done when it returns.
  bool begin_step(Trainer&, bool may_share);
  /// Every part is there. Those whose helpers are late are done here.
  bool is_complete(Trainer&);
  /// Tells how long the step took.
  void end_step(double seconds);
  void leave_step() { missing_.clear(); }
  void take_answer(Trainer&, int helper, std::span<const uint8_t> message);

  bool waits() const { return !missing_.empty(); }
  int cores() const { return cores_; }  ///< that worked at the last step

 private:
  struct Member {
    bool knows_model = false, is_lost = false, has_answered = false;
  };
  struct Missing {
    int part, helper;
    PartInput input;
  };
  void send(Trainer&, int helper, int part);
  void lose(int helper);
  std::vector<int> there() const;  ///< helpers that are counted on

  PostToHelper post_;
  std::vector<Member> members_;
  std::optional<WorkerChoice> choice_;
  std::vector<Missing> missing_;
  std::vector<uint32_t> words_;
  int32_t id_ = 0;  // of the step's parts
  int cores_ = 1;
  double own_seconds_ = 0;
  Clock::time_point own_end_;
};

}  // namespace unroll
