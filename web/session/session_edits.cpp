// What undo brings back: the experiment as it stood, with the networks that still are there.
#include <algorithm>
#include <utility>

#include "web/session/session.h"

namespace unroll {

Document Session::document() const {
  Document document{wanted, example, {}, ground_.generation};
  for (const auto& lane : lanes) document.interventions.push_back(lane->interventions);
  return document;
}

/// Where `at` is, a lane of this kind: the one that was removed last, if it is that, else another.
void Session::insert_lane(size_t at, LaneSpec spec) {
  const auto place = static_cast<std::ptrdiff_t>(at);
  const bool back = removed_ && removed_->spec == spec;
  wanted.lanes.insert(wanted.lanes.begin() + place, std::move(spec));
  lanes.insert(lanes.begin() + place, nullptr);
  if (back) {
    lanes[at] = std::move(removed_->lane);
    removed_.reset();
    const int colour = lanes[at]->colour;
    const bool taken = std::ranges::any_of(
        lanes, [&](const auto& lane) { return lane != lanes[at] && lane && lane->colour == colour; });
    if (!taken) return;
  }
  int colour = 0;
  while (std::ranges::any_of(lanes, [&](const auto& lane) { return lane && lane->colour == colour; }))
    ++colour;
  if (!lanes[at]) {
    lanes[at] = std::make_unique<LaneView>();
    lanes[at]->port = platform::open_lane();
  }
  lanes[at]->colour = colour;
}

void Session::show(const Document& document) {
  if (document.generation != ground_.generation) {
    if (left_ && left_->ground.generation == document.generation) {
      come_back();
    } else if (trained()) {  // theirs are gone, or had learned nothing: these are left in turn
      renew_same();
      ground_.record.clear();
    }
    ground_.generation = document.generation;
  }
  // Lanes that both have at the beginning and at the end stay; those between give way to one another.
  const std::vector<LaneSpec>& target = document.experiment.lanes;
  size_t begin = 0, end = 0;
  const auto& now = wanted.lanes;
  while (begin < std::min(now.size(), target.size()) && now[begin] == target[begin]) ++begin;
  while (end < std::min(now.size(), target.size()) - begin &&
         now[now.size() - 1 - end] == target[target.size() - 1 - end])
    ++end;
  while (lanes.size() < target.size()) {
    const size_t at = lanes.size() - end;
    insert_lane(at, target[at]);
  }
  while (lanes.size() > target.size()) remove_lane(lanes.size() - 1 - end);
  const TrainSpec before = wanted.train;
  const std::vector<LaneSpec> specs = wanted.lanes;
  wanted = document.experiment;
  example = document.example;
  data_edited();
  const bool same_ground = !data_changed() && ground_.applied.train == wanted.train;
  for (size_t i = 0; i < lanes.size(); ++i) {
    const bool empty = lanes[i]->fingerprint.empty() && !lanes[i]->refused;
    if (empty && trained() && same_ground && !ground_.counts.error && fits(i)) configure(i);
    if (i < document.interventions.size() && document.interventions[i] != lanes[i]->interventions &&
        lanes[i]->configured)
      intervene(i, document.interventions[i]);
  }
  const auto rates = [](const std::vector<LaneSpec>& lanes) {
    std::vector<double> all;
    for (const LaneSpec& lane : lanes) all.push_back(lane.rate);
    return all;
  };
  if (before.rate != wanted.train.rate || before.clip != wanted.train.clip ||
      rates(specs) != rates(wanted.lanes))
    tune();
}

}  // namespace unroll
