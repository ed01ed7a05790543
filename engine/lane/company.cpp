#include "engine/lane/company.h"

#include <algorithm>

#include "engine/lane/protocol.h"

namespace unroll {
namespace {

/// How long a helper may take after the lane has done its own part: so many times that, and a little. Its first part
/// takes longer: browsers compile the engine anew while it runs.
constexpr double patience = 4, first_patience = 20, least_patience = 0.3;
/// Seconds until browsers have compiled the helpers' engines for speed.
constexpr double warm_up = 1.5;

}  // namespace

void Company::invite(int helpers) {
  members_.assign(static_cast<size_t>(helpers), {});
  begin_model();
}

void Company::begin_model() {
  for (Member& member : members_) member.knows_model = false;
  choice_.reset();
  missing_.clear();
}

void Company::send(Trainer& trainer, int helper, int part) {
  Member& member = members_[static_cast<size_t>(helper)];
  if (!member.knows_model) {
    const std::string header =
        model_message(trainer.experiment(), trainer.lane_index(), trainer.model().shape(),
                      trainer.task().seq_length(), trainer.task().batch());
    const std::vector<uint8_t> message = encode(header, {});
    Pieces pieces;
    add_piece(pieces, message);
    post_(helper, pieces);
    member.knows_model = true;
  }
  missing_.push_back({part, helper, trainer.part(part)});
  post_(helper, part_message(id_, trainer.model().parameters(), missing_.back().input, words_));
}

std::vector<int> Company::there() const {
  std::vector<int> there;
  for (size_t i = 0; i < members_.size(); ++i)
    if (!members_[i].is_lost) there.push_back(static_cast<int>(i));
  return there;
}

bool Company::begin_step(Trainer& trainer, bool may_share) {
  const std::vector<int> there = this->there();
  const bool can = trainer.model().has_parts() && Shards::of(trainer.task().batch()).count > 1;
  if (!choice_) choice_.emplace(can ? static_cast<int>(there.size()) + 1 : 1, warm_up);
  const int workers = may_share ? std::min(choice_->workers(), static_cast<int>(there.size()) + 1) : 1;
  trainer.begin_step();
  const int parts = trainer.cut_step(workers);
  cores_ = parts;
  if (parts == 1) return false;
  ++id_;
  missing_.clear();
  for (int part = 1; part < parts; ++part) send(trainer, there[static_cast<size_t>(part - 1)], part);
  const Clock::time_point begin = Clock::now();
  trainer.run_part(0);
  own_end_ = Clock::now();
  own_seconds_ = std::chrono::duration<double>(own_end_ - begin).count();
  return true;
}

bool Company::is_complete(Trainer& trainer) {
  const double waited = std::chrono::duration<double>(Clock::now() - own_end_).count();
  std::vector<int> late;
  for (const Missing& one : missing_) {
    const Member& member = members_[static_cast<size_t>(one.helper)];
    const double most = least_patience + (member.has_answered ? patience : first_patience) * own_seconds_;
    if (member.is_lost || waited > most) late.push_back(one.part);
  }
  for (const int part : late) {
    const auto one = std::ranges::find(missing_, part, &Missing::part);
    lose(one->helper);
    trainer.run_part(part);
    missing_.erase(one);
  }
  return missing_.empty();
}

void Company::end_step(double seconds) {
  if (!choice_->end_step(seconds)) return;
  const std::vector<int> there = this->there();  // of whom some bring nothing
  for (size_t i = static_cast<size_t>(choice_->workers()) - 1; i < there.size(); ++i) lose(there[i]);
}

void Company::take_answer(Trainer& trainer, int helper, std::span<const uint8_t> message) {
  const auto one = std::ranges::find(missing_, helper, &Missing::helper);
  if (one == missing_.end()) return;
  const Status status =
      read_answer(message, id_, trainer.model().parameters().size(), one->input, trainer.output(one->part));
  if (!status) return;  // of a step that was left; or nonsense, and then it will be late
  members_[static_cast<size_t>(helper)].has_answered = true;
  missing_.erase(one);
}

void Company::lose(int helper) {
  if (static_cast<size_t>(helper) >= members_.size()) return;
  Member& member = members_[static_cast<size_t>(helper)];
  if (!member.is_lost) post_(helper, {});
  member.is_lost = true;
}

}  // namespace unroll
