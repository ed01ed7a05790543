// A whole experiment as a file: the lanes' checkpoints gathered, what is known of them beside these, and such a file opened.
#include <algorithm>
#include <utility>

#include "engine/model/unroll_file.h"
#include "web/session/interventions.h"
#include "web/session/json_read.h"
#include "web/session/keeper.h"
#include "web/session/session.h"
#include "web/toolkit/fonts.h"

namespace unroll {
namespace {

/// "RNN 256, GRU 64 and LSTM 128".
std::string listed(const std::vector<std::string>& names) {
  std::string list;
  for (size_t i = 0; i < names.size(); ++i)
    list += (i == 0 ? "" : i + 1 < names.size() ? ", " : " and ") + names[i];
  return list;
}

Experiment with_example(Experiment experiment, const std::string& example) {
  if (example.empty()) return experiment;
  experiment.data.text.clear();
  experiment.data.example = example;
  return experiment;
}

Json told_of(const LaneView& lane) {
  Json told = {{"curve", lane.history.saved()}, {"scores", lane.scores.saved()}, {"seconds", lane.seconds}};
  if (!lane.interventions.empty()) told["interventions"] = json_of(lane.interventions);
  return told;
}

/// So many losses, evenly spread, as the curve shows them.
std::vector<float> curve_of(const LossHistory& history) {
  std::vector<float> curve;
  const auto& points = history.points();
  const size_t n = points.size(), shown = std::min(n, KeptRecord::most_curve);
  for (size_t i = 0; i < shown; ++i)
    curve.push_back(points[shown < 2 ? 0 : i * (n - 1) / (shown - 1)].smooth);
  return curve;
}

}  // namespace

// --- A file is made -------------------------------------------------------------------------------------------

void Session::gather() {
  if (gathering_) return;
  gathering_ = Gathering();
  gathering_->began = platform::seconds();
  for (auto& lane : lanes) {
    const bool has = lane->has_network();
    gathering_->lanes.push_back({.lane = lane.get(), .id = has ? next_id_++ : 0});
    if (has) send(*lane, {{"type", "save"}, {"id", gathering_->lanes.back().id}});
  }
  pack();
}

void Session::on_checkpoint(LaneView& lane, Message message) {
  const Json& header = message.header;
  const int64_t id = read::integer(header, "id", -1);
  platform::Held file = platform::hold(read::integer(header, "held", -1), std::move(message.payload));
  if (gathering_)
    for (Gathering::Lane& one : gathering_->lanes) {
      if (one.lane != &lane || one.id != id) continue;
      one.id = 0;
      one.step = read::integer(header, "step");
      one.crc = static_cast<uint32_t>(read::integer(header, "crc"));
      one.file = std::move(file);
      one.told = json_text(told_of(lane));
      return pack();
    }
  if (lane_files_.erase(id) == 0) return;  // of lanes that were others by then
  platform::save_file(read::text(header, "file_name"), std::vector<platform::Part>{{{}, std::move(file)}},
                      "application/octet-stream");
}

bool Session::refuse_gathered(const LaneView& lane, int64_t id, Error error) {
  if (!gathering_) return false;
  for (Gathering::Lane& one : gathering_->lanes) {
    if (one.lane != &lane || one.id == 0 || (id >= 0 && one.id != id)) continue;
    one.id = 0;
    if (id >= 0) {
      gathering_.reset();
      gathered_ = std::move(error);
    } else {
      pack();
    }
    return true;
  }
  return false;
}

bool Session::gathers_these() const {
  return std::ranges::equal(gathering_->lanes, lanes, {}, &Gathering::Lane::lane,
                            [](const auto& lane) { return lane.get(); });
}

/// Once all have come.
void Session::pack() {
  if (!gathers_these()) return;  // update() asks those that are there now
  const auto& from = gathering_->lanes;
  if (std::ranges::any_of(from, [](const Gathering::Lane& lane) { return lane.id != 0; })) return;
  SavedExperiment saved;
  std::vector<UnrollFileLane> files;
  const std::vector<std::string> names = lane_names();
  const LaneView* furthest = lanes[0].get();
  for (size_t i = 0; i < from.size(); ++i) {
    UnrollFileLane file{.name = names[i], .step = from[i].step, .told = {}};
    if (from[i].file) {
      file.bytes = from[i].file->size();
      file.crc = from[i].crc;
      file.told = from[i].told;
    }
    files.push_back(std::move(file));
    saved.step = std::max(saved.step, from[i].step);
    saved.seconds = std::max(saved.seconds, lanes[i]->seconds);
    if (lanes[i]->step > furthest->step) furthest = lanes[i].get();
  }
  std::optional<Experiment> learned;
  if (ground_.applied_hash != 0 && (data_changed() || !same_but_rates(ground_.applied.train, wanted.train))) {
    learned = wanted;
    learned->data = ground_.applied.data;
    learned->train = ground_.applied.train;
    learned = with_example(std::move(*learned), ground_.applied_example);
  }
  auto parts = lay_out_unroll_file(with_example(wanted, example), learned ? &*learned : nullptr, files);
  Gathering done = std::move(*gathering_);
  gathering_.reset();
  if (!parts) {
    gathered_ = parts.error();
    return;
  }
  for (UnrollFilePart& part : *parts) {
    saved.bytes += part.bytes.size();
    saved.parts.push_back({std::move(part.bytes), nullptr});
    if (part.lane < 0) continue;
    saved.parts.back().held = done.lanes[static_cast<size_t>(part.lane)].file;
    saved.bytes += saved.parts.back().held->size();
  }
  saved.name = "unroll-step-" + std::to_string(saved.step) + ".unroll";
  saved.lanes = listed(names);
  saved.record = ground_.record;
  saved.curve = curve_of(furthest->history);
  gathered_ = std::move(saved);
}

// --- A file is opened -----------------------------------------------------------------------------------------

void Session::open_saved(Opening opening) {
  settle("file");
  opening_ = std::move(opening);
  for (Opening::Lane& lane : opening_->lanes) {
    if (lane.checkpoint.empty()) continue;
    lane.view = open_lane();
    send(*lane.view, {{"type", "load"}}, std::exchange(lane.checkpoint, {}));
    ++opening_->waits_for;
  }
  if (opening_->waits_for == 0) finish_opening();
}

void Session::refuse_opening(size_t lane, const Error& error) {
  const std::string where =
      opening_->file + ", lane " + std::to_string(lane + 1) + (error.where.empty() ? "" : ", " + error.where);
  opening_.reset();
  report({where, error.what, error.hint}, "file");
}

void Session::receive_opening(size_t index, const std::vector<uint8_t>& bytes) {
  const auto message = decode(bytes);
  if (!message) return;
  Opening::Lane& lane = opening_->lanes[index];
  const Json& header = message->header;
  if (message->type() == "error" || message->type() == "ended")
    return refuse_opening(
        index, {read::text(header, "where"), read::text(header, "what"), read::text(header, "hint")});
  if (message->type() != "configured" || lane.document) return receive(*lane.view, bytes);
  const Json* document = read::field(header, "experiment");
  auto experiment = parse_experiment(document ? document->dump() : "");
  if (!experiment) return refuse_opening(index, experiment.error());
  on_configured(*lane.view, *message);
  lane.document = std::move(*experiment);
  if (--opening_->waits_for == 0) finish_opening();
}

/// All its lanes are there: they take the place of what is here, which is left.
void Session::finish_opening() {
  Opening opening = std::move(*opening_);
  opening_.reset();
  leave();
  arrival.reset();
  settle("lane");
  wanted = std::move(opening.experiment);
  example = std::move(opening.example);
  ground_ = Ground();
  ground_.generation = ++generations_;
  ground_.record = std::move(opening.record);
  if (opening.older)
    report({opening.file, "was damaged where it was saved last, so this is the saving before that",
            "the steps between the two are gone; everything else is there"},
           "file");
  const Experiment& learned = opening.learned ? *opening.learned : wanted;
  ground_.applied.data = learned.data;
  ground_.applied.train = learned.train;
  ground_.applied_example = opening.learned ? opening.learned_example : example;
  ground_.applied_hash = hash_of(learned.data);
  for (size_t i = 0; i < opening.lanes.size(); ++i) {
    Opening::Lane& from = opening.lanes[i];
    lanes.push_back(from.view ? std::move(from.view) : open_lane());
    lanes.back()->colour = static_cast<int>(i);
    if (from.document) take_loaded(*lanes.back(), *from.document, wanted.lanes[i], from.told, opening.file);
  }
  take_data();
  sampling_sent_ = {-1, -1, -1};
  for (size_t i = 0; i < lanes.size(); ++i)
    if (lanes[i]->fingerprint.empty() && !ground_.counts.error && fits(i)) configure(i);
  for (size_t i = 0; i < lanes.size(); ++i)
    if (const Json* list = read::field(opening.lanes[i].told, "interventions"); list && lanes[i]->configured)
      if (InterventionSet set = interventions_of(*list, lanes[i]->applied); !set.empty())
        intervene(i, std::move(set));
  for (auto& lane : lanes)
    if (writing_ && lane->configured && lane->task.characters) start_writing(*lane);
  for (auto& lane : lanes)
    if (lane->configured && !lane->own) ask_baselines(*lane);
}

/// A lane that read its checkpoint: what it learns, and what was told of it.
void Session::take_loaded(LaneView& lane, const Experiment& document, const LaneSpec& shown, const Json& told,
                          const std::string& file) {
  const DataSpec &theirs = document.data, &mine = ground_.applied.data;
  const bool shares = hash_of(theirs) == hash_of(mine) && theirs.valid == mine.valid &&
                      same_but_rates(document.train, ground_.applied.train);
  if (!shares) lane.own = OwnData{file, hash_of(theirs), theirs.valid, theirs.task, document.train};
  lane.applied = document.lanes[0];
  lane.applied.rate = shown.rate;  // these took effect at once
  lane.applied.name = shown.name;
  lane.fingerprint = fingerprint_of(
      lane.applied,
      lane.own ? *lane.own : OwnData{"", ground_.applied_hash, mine.valid, mine.task, ground_.applied.train});
  if (const Json* curve = read::field(told, "curve")) lane.history.restore(*curve, lane.step);
  if (const Json* scores = read::field(told, "scores")) lane.scores.restore(*scores, lane.step);
  lane.seconds = lane.earlier_seconds = std::max(0.0, read::number(told, "seconds"));
  if (lane.steps_per_epoch > 0)
    lane.epoch = static_cast<double>(lane.step) / static_cast<double>(lane.steps_per_epoch);
}

}  // namespace unroll
