// What is opened, left and had back: whole experiments, checkpoints, and the lanes that were there before.
#include <algorithm>

#include "web/session/json_read.h"
#include "web/session/session.h"

namespace unroll {
namespace {

/// "Lane 2, LSTM 2048": the one of that place.
std::string place_and_name(const Experiment& experiment, size_t lane) {
  const LaneSpec& spec = experiment.lanes[lane];
  return "Lane " + std::to_string(lane + 1) + ", " + (spec.name.empty() ? cell_and_size(spec) : spec.name);
}

}  // namespace

bool same_but_rates(TrainSpec a, const TrainSpec& b) {
  a.rate = b.rate;
  a.clip = b.clip;
  return a == b;
}

Status Session::check(const Experiment& experiment) {
  if (const Status status = validate(experiment); !status) return status;
  const TextCounts counts =
      count_text(experiment.data);  // of another task the lanes say what they cannot learn
  if (counts.error) return Error{"data.text", counts.error->what, counts.error->hint};
  for (size_t lane = 0; lane < experiment.lanes.size(); ++lane)
    if (const Status status = check_size(experiment, static_cast<int>(lane), counts); !status)
      return Error{place_and_name(experiment, lane), status.error().what, status.error().hint};
  return ok();
}

bool Session::fits(size_t lane) {
  const Status status = check_size(wanted, static_cast<int>(lane), ground_.counts);
  if (!status) report({place_and_name(wanted, lane), status.error().what, status.error().hint}, "lane");
  return bool(status);
}

void Session::open(Experiment experiment, std::string example_id) {
  leave();
  arrival.reset();
  opening_.reset();
  settle("file");
  settle("lane");
  example = std::move(example_id);
  const bool play = experiment.view.autoplay;
  wanted = std::move(experiment);
  ground_ = Ground();
  ground_.generation = ++generations_;
  for (size_t i = 0; i < wanted.lanes.size(); ++i) lanes.push_back(open_lane());
  take_data();
  apply();
  if (play) train();
}

// --- What was left --------------------------------------------------------------------------------------------

void Session::leave() {
  removed_.reset();
  if (trained()) {
    pause();
    std::string names;
    const std::vector<std::string> all = lane_names();
    for (size_t i = 0; i < all.size(); ++i)
      names += (i == 0 ? "" : i + 1 < all.size() ? ", " : " and ") + all[i];
    left_at_ = platform::seconds();
    left_name_ = names + " at step " + std::to_string(step());
    Left left{ground_, wanted, ground_.applied_example, {}, baselines};
    left.wanted.data = ground_.applied.data;  // edits that waited are not what was learned
    const double rate = wanted.train.rate, clip = wanted.train.clip;
    left.wanted.train = ground_.applied.train;
    left.wanted.train.rate = rate;
    left.wanted.train.clip = clip;
    for (size_t i = 0; i < lanes.size(); ++i) {
      if (lanes[i]->fingerprint.empty()) continue;
      LaneSpec spec = lanes[i]->applied;
      spec.rate = wanted.lanes[i].rate;
      spec.name = wanted.lanes[i].name;
      left.wanted.lanes[i] = std::move(spec);
    }
    left.lanes = std::move(lanes);
    left_ = std::move(left);
  }
  lanes.clear();
  baselines.reset();
  ground_.baselines_of = 0;
}

void Session::renew() {
  std::vector<int> colours;
  for (const auto& lane : lanes) colours.push_back(lane->colour);
  leave();
  for (int colour : colours) {
    lanes.push_back(open_lane());
    lanes.back()->colour = colour;
  }
  ground_.generation = ++generations_;
  ground_.record.clear();
}

void Session::renew_same() {
  const std::string record = ground_.record;
  const uint64_t measured = ground_.baselines_of;
  const auto said = baselines;
  renew();
  ground_.record = record;
  ground_.baselines_of = said ? measured : 0;
  baselines = said;
  left_at_ = platform::seconds() - left_said;  // undo has it; the banner stays calm
}

bool Session::offers_left() const { return left_ && platform::seconds() - left_at_ < left_said; }

void Session::come_back() {
  if (!left_) return;
  Left back = std::move(*left_);
  let_go();
  leave();  // what is there now is kept in exchange, where it was trained
  ViewSpec view = std::move(wanted.view);
  view.probe = back.wanted.view.probe;
  view.prefix = back.wanted.view.prefix;
  wanted = std::move(back.wanted);
  wanted.view = std::move(view);
  example = std::move(back.example);
  lanes = std::move(back.lanes);
  baselines = back.baselines;
  forget_told();
  ground_ = std::move(back.ground);
  take_data();
  apply_at_ = -1;
  sampling_sent_ = {-1, -1, -1};
  if (baselines) return;
  ground_.baselines_of = 0;
  ask_baselines(*lanes[0]);
}

void Session::let_go() {
  left_.reset();
  left_name_.clear();
}

// --- Checkpoints ----------------------------------------------------------------------------------------------

void Session::open_checkpoint(std::string name, std::vector<uint8_t> file, std::string example_id,
                              std::string text) {
  if (static_cast<int>(lanes.size()) >= Limits::lanes)
    return report(
        {name, "there are " + std::to_string(lanes.size()) + " lanes already, and the file holds another",
         "remove a lane, then open the file again"},
        "file");
  arrival.emplace();
  arrival->file = std::move(name);
  arrival->example = std::move(example_id);
  arrival->lane = open_lane();
  Json load{{"type", "load"}};
  if (!text.empty()) load["text"] = std::move(text);
  send(*arrival->lane, std::move(load), std::move(file));
}

void Session::receive_arrival(const std::vector<uint8_t>& bytes) {
  const auto message = decode(bytes);
  if (!message) return;
  const Json& header = message->header;
  if (message->type() == "error" || message->type() == "ended") {
    Error error{arrival->file, read::text(header, "what"), read::text(header, "hint")};
    if (const std::string where = read::text(header, "where"); !where.empty())
      error.what = where + ": " + error.what;
    arrival.reset();
    return report(std::move(error), "file");
  }
  if (message->type() != "configured") return receive(*arrival->lane, bytes);
  const Json* document = read::field(header, "experiment");
  auto experiment = parse_experiment(document ? document->dump() : "");
  if (!experiment) {
    report({arrival->file, experiment.error().text(), ""}, "file");
    arrival.reset();
    return;
  }
  settle("file");
  on_configured(*arrival->lane, *message);
  const DataSpec& theirs = experiment->data;
  const DataSpec& mine = ground_.applied_hash ? ground_.applied.data : wanted.data;
  if (hash_of(theirs) != hash_of(mine)) {
    arrival->experiment = std::move(*experiment);
    arrival->asks = true;
    return;
  }
  const bool shares = theirs.valid == mine.valid && same_but_rates(experiment->train, wanted.train);
  const OwnData own{arrival->file, hash_of(theirs), theirs.valid, theirs.task, experiment->train};
  take_in(*experiment, shares ? nullptr : &own);
}

void Session::take_in(const Experiment& experiment, const OwnData* own) {
  if (static_cast<int>(lanes.size()) >= Limits::lanes) return;
  LaneSpec spec = experiment.lanes[0];
  if (spec.rate == 0 && experiment.train.rate != wanted.train.rate) spec.rate = experiment.train.rate;
  std::unique_ptr<LaneView> lane = std::move(arrival->lane);
  arrival.reset();
  lane->colour = free_colour();
  lane->applied = spec;
  if (own) lane->own = *own;
  wanted.lanes.push_back(std::move(spec));
  lanes.push_back(std::move(lane));
  lanes.back()->fingerprint = fingerprint(lanes.size() - 1);
  if (writing_ && lanes.back()->task.characters) start_writing(*lanes.back());
  ask_baselines(*lanes.back());
}

void Session::join(Join how) {
  if (!arrival || !arrival->asks) return;
  const Experiment theirs = arrival->experiment;
  const std::string example_id = arrival->example;
  if (how == Join::keep_mine) {
    const OwnData own{arrival->file, hash_of(theirs.data), theirs.data.valid, theirs.data.task, theirs.train};
    return take_in(theirs, &own);
  }
  Experiment all = wanted;
  all.data = theirs.data;
  all.train = theirs.train;
  all.view.probe.clear();
  all.view.prefix.clear();
  if (const Status status = check(all); !status) return report(status.error(), "file");
  renew();
  wanted = std::move(all);
  example = example_id;
  ground_ = Ground();
  ground_.generation = ++generations_;
  take_data();
  apply();
  take_in(theirs, nullptr);
}

}  // namespace unroll
