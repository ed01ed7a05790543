#include "web/session/keeper.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "engine/document/zip.h"
#include "web/session/json_read.h"

namespace unroll {
namespace {

constexpr size_t most_records = 64;
constexpr const char* mime = "application/zip";

/// The step of a lane's last held-out loss; 0: none.
int64_t judged_of(const LaneView& lane) {
  const auto& valid = lane.history.valid();
  return valid.empty() ? 0 : valid.back().step;
}

/// How far each lane is, and how far its curve of held-out losses, whose last point comes after the last step.
std::vector<int64_t> progress_of(const Session& session) {
  std::vector<int64_t> progress;
  for (const auto& lane : session.lanes) {
    progress.push_back(lane->step);
    progress.push_back(judged_of(*lane));
  }
  return progress;
}

/// That of the lane that was judged longest ago.
int64_t judged_of(const Session& session) {
  int64_t judged = judged_of(*session.lanes[0]);
  for (const auto& lane : session.lanes) judged = std::min(judged, judged_of(*lane));
  return judged;
}

/// Lanes whose network can be saved.
int64_t there(const Session& session) {
  return std::ranges::count_if(session.lanes, [](const auto& lane) { return lane->has_network(); });
}

std::vector<InterventionSet> sets_of(const Session& session) {
  std::vector<InterventionSet> sets;
  for (const auto& lane : session.lanes) sets.push_back(lane->interventions);
  return sets;
}

std::string about(const SavedExperiment& saved, const Session& session) {
  Json curve = Json::array();
  for (const float loss : saved.curve)
    curve.push_back(std::isfinite(loss) ? Json(std::round(static_cast<double>(loss) * 1e4) / 1e4) : Json());
  return json_text({{"lanes", saved.lanes},
                    {"step", saved.step},
                    {"judged", judged_of(session)},
                    {"seconds", saved.seconds},
                    {"squared", session.lanes[0]->task.squared()},
                    {"curve", std::move(curve)},
                    {"of", Keeper::mark(session)}});
}

/// Of an experiment what is not tuned while it runs; without its text, which may be long.
Experiment marked(const Session& session) {
  Experiment experiment;
  experiment.data.valid = session.wanted.data.valid;
  experiment.data.task = session.wanted.data.task;
  experiment.train = session.wanted.train;
  experiment.train.rate = experiment.train.clip = 1;  // tuned while they run
  experiment.cells = session.wanted.cells;
  experiment.lanes = session.wanted.lanes;
  for (LaneSpec& lane : experiment.lanes) {
    lane.rate = 0;
    lane.name.clear();
  }
  return experiment;
}

std::string mark_of(uint64_t data, const Experiment& experiment) {
  const std::string rest = to_json(experiment);
  const std::span bytes(reinterpret_cast<const uint8_t*>(rest.data()), rest.size());
  return std::to_string(data) + "-" + std::to_string(crc32(bytes));
}

}  // namespace

std::string Keeper::mark(const Session& session) { return mark_of(session.data_hash(), marked(session)); }

const std::string& Keeper::shown_mark(const Session& session) const {
  Experiment experiment = marked(session);
  const uint64_t data = session.data_hash();
  if (marked_.mark.empty() || marked_.data != data || marked_.experiment != experiment)
    marked_ = {data, experiment, mark_of(data, experiment)};
  return marked_.mark;
}

// --- When -----------------------------------------------------------------------------------------------------

bool Keeper::on(const ViewSpec& view) const {
  return possible_ && switch_ && view.keep != "off" && (!framed_ || view.keep == "on");
}

bool Keeper::dirty(const Session& session) const {
  if (!session.trained()) return false;  // the address has it
  return session.generation() != saved_generation_ || progress_of(session) != saved_progress_ ||
         session.wanted != saved_ || sets_of(session) != saved_interventions_;
}

void Keeper::save_file(Session& session) {
  file_wanted_ = true;
  session.gather();
}

void Keeper::update(Session& session) {
  if (const auto news = platform::take_kept()) {
    read_news(*news);
    // Said once something is at stake; under Save it stands all the time.
    if (trouble_.empty())
      session.settle("keeping");
    else if (on(session.wanted.view) && !session.record().empty() && trouble_ != told_)
      session.report({"", told_ = trouble_, ""}, "keeping");
  }
  hides_ = platform::take_hiding() || hides_;
  if (auto gathered = session.take_gathered()) {
    const bool file = std::exchange(file_wanted_, false), record = std::exchange(record_wanted_, false);
    if (!*gathered) {
      if (file) session.report(gathered->error(), "saving");
      if (record) trouble_ = gathered->error().text();
    } else {
      const SavedExperiment& saved = **gathered;
      if (file) {
        session.settle("saving");
        platform::save_file(saved.name, saved.parts, mime);
      }
      if (record) {
        period_ = period * std::max(1.0, static_cast<double>(saved.bytes) / per_bytes);
        session.set_record(platform::keep(saved.record, about(saved, session), saved.parts));
      }
    }
  }
  const double now = platform::seconds();
  if (!on(session.wanted.view) || session.gathers() || session.opens()) return;
  // What was saved while a lane was still on its way is not all: that lane's network waits no longer than until it learns.
  const bool soon = std::exchange(hides_, false) || there(session) > saved_there_;
  if (!soon && now < asked_at_ + period_) return;
  if (!dirty(session)) return;
  asked_at_ = now;
  record_wanted_ = true;
  saved_there_ = there(session);
  saved_generation_ = session.generation();
  saved_progress_ = progress_of(session);
  saved_ = session.wanted;
  saved_interventions_ = sets_of(session);
  session.gather();
}

double Keeper::next_due(const Session& session) const {
  if (!on(session.wanted.view) || session.gathers() || !session.trained()) return -1;
  // While lanes train, their events bring frames; what is still to be said of the last steps waits no longer than that.
  const double in = asked_at_ + period_ - platform::seconds();
  return in > 0 ? in : dirty(session) ? 0.1 : -1;
}

// --- What is there --------------------------------------------------------------------------------------------

void Keeper::read_news(const std::string& text) {
  const auto json = parse_json(text);
  if (!json) return;
  possible_ = read::boolean(*json, "possible");
  framed_ = read::boolean(*json, "framed");
  switch_ = read::boolean(*json, "on");
  trouble_ = read::text(*json, "trouble");
  records_.clear();
  const Json* list = read::field(*json, "records");
  if (!list || !list->is_array()) return;
  for (const Json& one : *list) {
    if (records_.size() == most_records) break;
    KeptRecord record;
    record.id = read::text(one, "id");
    record.saved_at = read::number(one, "saved_at");
    record.bytes = read::count(one, "bytes");
    record.mine = read::boolean(one, "mine");
    record.taken = read::boolean(one, "taken");
    const auto told = parse_json(read::text(one, "about"));
    record.loss = std::numeric_limits<double>::quiet_NaN();
    if (told) {
      record.lanes = read::text(*told, "lanes");
      record.step = static_cast<int64_t>(read::count(*told, "step"));
      record.judged = static_cast<int64_t>(read::count(*told, "judged"));
      record.squared = read::boolean(*told, "squared");
      record.experiment_of = read::text(*told, "of");
      if (const Json* curve = read::field(*told, "curve"); curve && curve->is_array())
        for (const Json& loss : *curve)
          if (loss.is_number() && record.curve.size() < KeptRecord::most_curve)
            record.curve.push_back(loss.get<float>());
      if (!record.curve.empty()) record.loss = static_cast<double>(record.curve.back());
    }
    if (!record.id.empty()) records_.push_back(std::move(record));
  }
}

void Keeper::switch_to(bool on) {
  switch_ = on;
  asked_at_ = -1e9;
  saved_generation_ = -1;
  platform::switch_keeping(on);
}

uint64_t Keeper::bytes() const {
  uint64_t sum = 0;
  for (const KeptRecord& record : records_) sum += record.bytes;
  return sum;
}

const KeptRecord* Keeper::mine(const Session& session) const {
  const auto found = std::ranges::find(records_, session.record(), &KeptRecord::id);
  return found == records_.end() ? nullptr : &*found;
}

const KeptRecord* Keeper::offered(const Session& session) const {
  if (!on(session.wanted.view) || session.opens()) return nullptr;
  const KeptRecord* best = nullptr;
  for (const KeptRecord& record : records_) {
    if (record.mine || record.taken || record.id == session.record() || put_off_.contains(record.id))
      continue;
    if (record.experiment_of == shown_mark(session)) return &record;
    if (!best) best = &record;
  }
  return best;
}

void Keeper::go_on(const std::string& id) {
  put_off_.insert(id);
  platform::open_kept(id, false);
}

void Keeper::export_file(const KeptRecord& record) {
  platform::export_kept(record.id, "unroll-step-" + std::to_string(record.step) + ".unroll");
}

void Keeper::forget(const std::string& id) { platform::forget_kept(id); }

}  // namespace unroll
