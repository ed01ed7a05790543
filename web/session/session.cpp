#include "web/session/session.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/text/text.h"
#include "web/session/interventions.h"
#include "web/session/solutions.h"
#include "web/toolkit/fonts.h"

namespace unroll {
namespace {

constexpr double rest_before_apply = 0.35;  // seconds without an edit
constexpr double training_per_answer = 16;  // seconds for each that a repeated answer took
constexpr double longest_rest = 2;   // seconds between two such answers, so that what is shown moves on
constexpr double writing_rate = 60;  // characters a second and lane

}  // namespace

std::string cell_and_size(const LaneSpec& lane) {
  std::string text = lane.cell;
  if (lane.equations.empty())  // one's own has the name that one gave it
    std::ranges::transform(text, text.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
  text += ' ';
  if (lane.layers > 1) text += std::to_string(lane.layers) + "×";
  return text + std::to_string(lane.hidden);
}

double ProbeResult::mean_loss() const {
  double sum = 0;
  int count = 0;
  for (const float one : loss)
    if (std::isfinite(one)) {
      sum += static_cast<double>(one);
      ++count;
    }
  return count ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

// --- Opening and editing --------------------------------------------------------------------------------------

int Session::free_colour() const {
  for (int colour = 0;; ++colour)
    if (std::none_of(lanes.begin(), lanes.end(), [=](const auto& lane) { return lane->colour == colour; }))
      return colour;
}

std::unique_ptr<LaneView> Session::open_lane() {
  auto lane = std::make_unique<LaneView>();
  lane->colour = free_colour();
  lane->port = platform::open_lane();
  return lane;
}

void Session::take_data() {
  if (!need_latin(wanted.data.text)) {
    std::string text = std::exchange(wanted.data.text, {});
    need_latin(to_json(wanted));  // names of classes, columns, lanes
    wanted.data.text = std::move(text);
  }
  ground_.text_hash = hash_of(wanted.data);
  ground_.counts = count_text(wanted.data);
}

void Session::data_edited() {
  take_data();
  edited();
}

void Session::text_edited() {
  wanted.data.example.clear();
  example.clear();
  data_edited();
}

void Session::edited() {
  apply_at_ = !trained() && !running() && changed() ? platform::seconds() + rest_before_apply : -1;
}

std::string Session::fingerprint(size_t lane) const {
  const std::optional<OwnData>& own = lanes[lane]->own;
  return fingerprint_of(
      wanted.lanes[lane],
      own ? *own : OwnData{"", ground_.text_hash, wanted.data.valid, wanted.data.task, wanted.train});
}

std::string fingerprint_of(const LaneSpec& spec, const OwnData& learned) {
  Experiment rest;
  rest.data.text = std::to_string(learned.text_hash);
  rest.data.valid = learned.valid;
  rest.data.task = learned.task;
  rest.train = learned.train;
  rest.train.rate = rest.train.clip = 1;  // tuned, not restarted
  rest.lanes = {spec};
  rest.lanes[0].rate = 0;
  rest.lanes[0].name.clear();
  if (!rest.lanes[0].equations.empty()) rest.cells = {{rest.lanes[0].cell, rest.lanes[0].equations}};
  return to_json(rest);
}

bool Session::reads_text() const {
  return is_text() || std::any_of(lanes.begin(), lanes.end(),
                                  [](const auto& lane) { return lane->configured && lane->task.characters; });
}

bool Session::lane_changed(size_t lane) const { return lanes[lane]->fingerprint != fingerprint(lane); }

bool Session::changed() const {
  for (size_t i = 0; i < lanes.size(); ++i)
    if (lane_changed(i)) return true;
  return false;
}

bool Session::data_changed() const {
  return ground_.applied_hash != 0 &&
         (ground_.text_hash != ground_.applied_hash || wanted.data.valid != ground_.applied.data.valid ||
          wanted.data.task != ground_.applied.data.task);
}

void Session::apply() {
  apply_at_ = -1;
  if (ground_.counts.error) return;
  if (const Status status = validate(wanted); !status) return report(status.error());
  for (size_t i = 0; i < lanes.size(); ++i)
    if (lane_changed(i) && !fits(i)) return;
  if (trained() && data_changed()) renew();
  for (size_t i = 0; i < lanes.size(); ++i)
    if (lane_changed(i)) configure(i);
  ground_.applied.data = wanted.data;
  ground_.applied.train = wanted.train;
  ground_.applied_hash = ground_.text_hash;
  ground_.applied_example = example;
}

void Session::undo_changes() {
  if (ground_.applied_hash == 0) return;
  wanted.data = ground_.applied.data;
  example = ground_.applied_example;
  const double rate = wanted.train.rate, clip = wanted.train.clip;
  wanted.train = ground_.applied.train;
  wanted.train.rate = rate;
  wanted.train.clip = clip;
  for (size_t i = 0; i < lanes.size(); ++i) {
    if (lanes[i]->fingerprint.empty()) continue;
    LaneSpec earlier = lanes[i]->applied;
    earlier.rate = wanted.lanes[i].rate;  // these took effect at once
    earlier.name = wanted.lanes[i].name;
    // The cells of one's own that they have are as they were then, too.
    if (!earlier.equations.empty())
      if (const auto set = set_cell(wanted, earlier.equations); !set) report(set.error(), "cell");
    wanted.lanes[i] = std::move(earlier);
  }
  data_edited();
  for (size_t i = 0; i < lanes.size(); ++i)
    if (lanes[i]->fingerprint.empty() && fits(i)) configure(i);  // they waited for what is undone
}

void Session::configure(size_t index) {
  LaneView& lane = *lanes[index];
  const bool was_running = lane.running;
  lane.end.reset();
  Experiment experiment = wanted;
  experiment.lanes = {wanted.lanes[index]};
  experiment.view = ViewSpec();
  std::string text = std::exchange(experiment.data.text, {});  // a megabyte is not made JSON and read again
  lane.own.reset();
  lane.refused.reset();
  lane.fingerprint = fingerprint(index);
  lane.applied = wanted.lanes[index];
  lane.configured = lane.running = lane.diverged = false;
  lane.step = 0;
  lane.epoch = lane.chars_per_second = lane.seconds = lane.earlier_seconds = 0;
  lane.cores = 1;
  lane.left_out = 0;
  lane.history.clear();
  lane.scores.clear();
  forget_told();
  lane.written.clear();
  lane.prediction = Prediction();
  lane.probe = ProbeResult();
  lane.probe.version = next_id_++;
  lane.continuation = Continuation();
  lane.predict_inquiry = lane.probe_inquiry = lane.sample_inquiry = Inquiry();
  lane.questions.clear();
  lane.interventions.clear();
  lane.accepted.clear();
  lane.uninfluenced = ProbeResult();
  Json document = Json::parse(to_json(experiment), nullptr, false);
  document["data"]["text"] = std::move(text);
  send(lane, {{"type", "configure"}, {"experiment", std::move(document)}, {"lane", 0}});
  if (writing_ && is_text()) start_writing(lane);  // else once it is known that it can
  if (was_running) send(lane, {{"type", "run"}});
}

void Session::send(LaneView& lane, Json header, std::vector<uint8_t> payload) {
  lane.port->send(encode({std::move(header), std::move(payload)}));
}

// --- Training -------------------------------------------------------------------------------------------------

bool Session::running() const {
  return std::any_of(lanes.begin(), lanes.end(), [](const auto& lane) { return lane->running; });
}
bool Session::trained() const {
  return std::any_of(lanes.begin(), lanes.end(), [](const auto& lane) { return lane->step > 0; });
}
int64_t Session::step() const {
  int64_t most = 0;
  for (const auto& lane : lanes) most = std::max(most, lane->step);
  return most;
}

bool Session::done() const {
  if (changed()) return false;  // then training begins anew
  return !lanes.empty() && std::all_of(lanes.begin(), lanes.end(), [this](const auto& lane) {
    const int64_t steps = (lane->own ? lane->own->train : ground_.applied.train).steps;
    return steps > 0 && lane->step >= steps;
  });
}

void Session::train() {
  if (changed()) apply();
  if (changed()) return;  // it cannot be applied, and the problem is on the screen
  for (auto& lane : lanes) {
    if (lane->refused) continue;
    run(*lane);
  }
}

void Session::run(LaneView& lane) {
  Json run = {{"type", "run"}};
  if (wanted.train.steps > lane.step) run["until"] = wanted.train.steps;
  send(lane, std::move(run));
}

void Session::pause() {
  for (auto& lane : lanes)
    if (!lane->refused) send(*lane, {{"type", "pause"}});
}

void Session::step_once() {
  if (changed()) apply();
  if (changed()) return;
  for (auto& lane : lanes)
    if (!lane->refused) send(*lane, {{"type", "step"}, {"count", 1}});
}

bool Session::memorises(const LaneView& lane) {
  const TaskKind* kind = find_task_kind(lane.task.name);
  const bool again = lane.steps_per_epoch > 0 || (kind && (kind->looks.labelled || kind->looks.pairs));
  return again && lane.history.memorises();
}

bool Session::lost(const LaneView& lane) {
  if (lane.diverged) return true;
  const LossHistory::Point* now = lane.history.now();
  if (lane.task.numbers() || lane.task.strings()) return false;  // no guess to be compared with
  const double guess = std::log(std::max(lane.task.outputs, 2));
  return now && static_cast<double>(now->smooth) > 2 * guess;
}

void Session::rescue() {
  std::vector<LaneView*> saved;
  bool all = true;  // of those that share the rate
  for (size_t i = 0; i < lanes.size(); ++i) {
    if (lost(*lanes[i])) saved.push_back(lanes[i].get());
    all &= wanted.lanes[i].rate > 0 || lost(*lanes[i]);
  }
  const auto half = [](double rate) { return std::max(rate / 2, 1e-6); };
  for (size_t i = 0; i < lanes.size(); ++i) {
    double& own = wanted.lanes[i].rate;
    if (lost(*lanes[i]) && (own > 0 || !all)) own = half(own > 0 ? own : wanted.train.rate);
  }
  if (all) wanted.train.rate = half(wanted.train.rate);
  for (LaneView* lane : saved) send(*lane, {{"type", "rewind"}});
  tune();
  for (LaneView* lane : saved) {
    lane->diverged = false;
    run(*lane);
  }
}

void Session::catch_up() {
  const int64_t most = step();
  for (auto& lane : lanes)
    if (lane->step < most) send(*lane, {{"type", "run"}, {"until", most}});
}

void Session::reset() {
  if (trained()) renew_same();
  for (auto& lane : lanes) {
    lane->fingerprint.clear();
    lane->running = false;  // it starts again when asked
  }
  apply();
}

void Session::new_seed() {
  const bool go_on = running();
  if (trained()) renew_same();
  ++wanted.train.seed;
  apply();
  if (go_on) train();
}

// --- Lanes ----------------------------------------------------------------------------------------------------

std::vector<std::string> Session::lane_names() const {
  std::vector<std::string> names;
  for (size_t i = 0; i < lanes.size(); ++i) {
    const bool built = !lanes[i]->fingerprint.empty();
    const std::string& own = wanted.lanes[i].name;
    const std::string name = own.empty() ? cell_and_size(built ? lanes[i]->applied : wanted.lanes[i]) : own;
    std::string label = name;
    for (int number = 2; std::find(names.begin(), names.end(), label) != names.end(); ++number)
      label = name + " (" + std::to_string(number) + ")";
    names.push_back(std::move(label));
  }
  return names;
}

void Session::add_lane(LaneSpec spec) {
  if (static_cast<int>(lanes.size()) >= Limits::lanes) return;
  const bool join = running();
  wanted.lanes.push_back(std::move(spec));
  if (!ground_.counts.error && !fits(lanes.size())) return wanted.lanes.pop_back();
  lanes.push_back(open_lane());
  const bool others_current = !data_changed() && ground_.applied.train == wanted.train;
  if (!others_current && trained()) return;  // it starts with the restart that the learner decides on
  configure(lanes.size() - 1);
  if (join) send(*lanes.back(), {{"type", "run"}});
}

void Session::remove_lane(size_t index) {
  if (lanes.size() < 2 || index >= lanes.size()) return;
  if (lanes[index]->step > 0) {
    send(*lanes[index], {{"type", "pause"}});
    removed_ = {wanted.lanes[index], std::move(lanes[index]), platform::seconds()};
  }
  wanted.lanes.erase(wanted.lanes.begin() + static_cast<std::ptrdiff_t>(index));
  lanes.erase(lanes.begin() + static_cast<std::ptrdiff_t>(index));
  if (!baselines) ground_.baselines_of = 0;  // the lane may have been the one that was asked
}

std::optional<TaskShape> Session::shape() const {
  if (ground_.counts.symbols > 0) return language_shape(static_cast<int>(ground_.counts.symbols));
  for (const auto& lane : lanes)
    if (const LaneTask& task = lane->task; lane->configured && task.name == wanted.data.task.name)
      return TaskShape{.inputs = task.inputs,
                       .reals = task.reals,
                       .outputs = task.outputs,
                       .head = task.head,
                       .encoder = task.encoder,
                       .attention = task.attention};
  return std::nullopt;
}

LaneSpec Session::matched(LaneSpec lane, size_t other) const {
  if (const auto known = shape())
    lane.hidden = matching_hidden(lane, *known, parameter_count(wanted.lanes[other], *known));
  return lane;
}

void Session::match_parameters(size_t index) {
  if (!shape() || lanes.size() < 2) return;
  wanted.lanes[index] = matched(wanted.lanes[index], index == 0 ? 1 : 0);
  edited();
}

void Session::save_lane(size_t index) {
  lane_files_.insert(next_id_);
  send(*lanes[index], {{"type", "save"}, {"id", next_id_++}});
}

void Session::save_onnx(size_t index) { send(*lanes[index], {{"type", "onnx"}, {"id", next_id_++}}); }

void Session::revive(size_t index) {
  LaneView& lane = *lanes[index];
  if (!lane.end) return;
  lane.end.reset();
  const bool join = running();
  if (!lane.port->revive()) configure(index);
  if (join) send(lane, {{"type", "run"}});
}

// --- While it runs --------------------------------------------------------------------------------------------

void Session::tune() {
  for (size_t i = 0; i < lanes.size(); ++i) {
    if (lanes[i]->fingerprint.empty()) continue;  // it will be configured with them
    const double own = wanted.lanes[i].rate;
    send(*lanes[i],
         {{"type", "tune"}, {"rate", own > 0 ? own : wanted.train.rate}, {"clip", wanted.train.clip}});
  }
}

void Session::start_writing(LaneView& lane) {
  send(lane, {{"type", "write"},
              {"on", writing_},
              {"temperature", wanted.view.temperature},
              {"top_k", wanted.view.top_k},
              {"top_p", wanted.view.top_p},
              {"rate", writing_rate}});
}

void Session::set_writing(bool on) {
  const std::array<double, 3> sampling = {wanted.view.temperature, static_cast<double>(wanted.view.top_k),
                                          wanted.view.top_p};
  if (on == writing_ && sampling_sent_ == sampling) return;
  writing_ = on;
  sampling_sent_ = sampling;
  for (auto& lane : lanes)
    if (!lane->fingerprint.empty() && (lane->configured ? lane->task.characters : is_text()))
      start_writing(*lane);
}

bool Session::due(const LaneView& lane, Inquiry& inquiry, const std::string& asked, int64_t answered_step,
                  double period) {
  const bool other = inquiry.asked != asked || inquiry.under != lane.interventions_version;
  if (!other && answered_step == lane.step) return false;
  // What is asked again goes out in rounds, so that the answers come together and are drawn together; and a lane that trains does not
  // spend most of its time on them.
  const double since_round = round_at_ == now_ ? inquiry_period : now_ - round_at_;
  const double since = now_ - inquiry.asked_at;
  const double rest = lane.running ? std::min(inquiry.took * training_per_answer, longest_rest) : 0;
  const double wait =
      other ? 0.06 - since : std::max(inquiry_period - since_round, std::max(period - 0.1, rest) - since);
  if (inquiry.under_way || wait > 0) {
    if (!inquiry.under_way) inquiry_in_ = inquiry_in_ < 0 ? wait : std::min(inquiry_in_, wait);
    return false;
  }
  if (!other) round_at_ = now_;
  inquiry = {true, now_, next_id_++, asked, lane.interventions_version, inquiry.took};
  return true;
}

void Session::ask_predictions(const std::string& prefix) {
  for (auto& lane : lanes) {
    if (!lane->configured || !due(*lane, lane->predict_inquiry, prefix, lane->prediction.step)) continue;
    send(*lane, {{"type", "predict"}, {"id", lane->predict_inquiry.id}, {"prefix", prefix}});
  }
}

void Session::ask_probes(const Probed& probed) {
  if (probed.example >= 0 && !example_told(probed.example)) return;
  const std::string key = probed.key();
  for (auto& lane : lanes) {
    if (!lane->configured || !due(*lane, lane->probe_inquiry, key, lane->probe.step)) continue;
    Json command = probed.example >= 0 ? example_command(*lane, probed.example, top)
                                       : probed.in({{"type", "probe"}, {"top", top}});
    command["id"] = lane->probe_inquiry.id;
    send(*lane, std::move(command));
  }
}

void Session::ask_continuations(const std::string& prefix, int length) {
  ++sample_seed_;
  for (auto& lane : lanes) {
    if (!lane->configured) continue;
    lane->sample_inquiry = {true, platform::seconds(), next_id_++, prefix, lane->interventions_version};
    send(*lane, {{"type", "sample"},
                 {"id", lane->sample_inquiry.id},
                 {"prompt", prefix},
                 {"length", length},
                 {"temperature", wanted.view.temperature},
                 {"top_k", wanted.view.top_k},
                 {"top_p", wanted.view.top_p},
                 {"seed", sample_seed_}});
  }
}

// --- Questions of the views -----------------------------------------------------------------------------------

const Answer& Session::ask(size_t index, std::string_view name, Json command, double period) {
  LaneView& lane = *lanes[index];
  Question& question = lane.questions[std::string(name)];
  if (!lane.configured) return question.answer;
  if (!due(lane, question.inquiry, command.dump(), question.answer.step, period)) return question.answer;
  command["id"] = question.inquiry.id;
  send(lane, std::move(command));
  return question.answer;
}

void Session::order(size_t index, std::string_view name, Json command) {
  LaneView& lane = *lanes[index];
  if (!lane.configured) return;
  Question& question = lane.questions[std::string(name)];
  question.inquiry = {true, platform::seconds(), next_id_++, command.dump(), lane.interventions_version};
  command["id"] = question.inquiry.id;
  send(lane, std::move(command));
}

const Answer& Session::answer(size_t index, std::string_view name) const {
  static const Answer none;
  const auto found = lanes[index]->questions.find(name);
  return found == lanes[index]->questions.end() ? none : found->second.answer;
}

bool Session::waits(size_t index, std::string_view name) const {
  const auto found = lanes[index]->questions.find(name);
  return found != lanes[index]->questions.end() && found->second.inquiry.under_way;
}

void Session::intervene(size_t index, InterventionSet set) {
  LaneView& lane = *lanes[index];
  Json list = json_of(set);
  if (!lane.probe.intervened) lane.uninfluenced = lane.probe;
  lane.interventions = std::move(set);
  ++lane.interventions_version;
  order(index, "intervene", {{"type", "intervene"}, {"set", std::move(list)}});
}

void Session::report(Error error, std::string about) {
  for (Problem& problem : problems)
    if (problem.error.text() == error.text()) {
      ++problem.count;
      return;
    }
  settle(about);
  problems.push_back({.error = std::move(error), .about = std::move(about)});
  if (problems.size() > most_problems) problems.erase(problems.begin());
}

void Session::settle(std::string_view about) {
  if (!about.empty()) std::erase_if(problems, [&](const Problem& problem) { return problem.about == about; });
}

bool Session::poll(double until) {
  bool arrived = false, more = true;
  std::vector<uint8_t> bytes;
  const auto take = [&](LaneView& lane) {
    if (!lane.port->poll(bytes)) return;
    receive(lane, bytes);
    arrived = more = true;
  };
  while (more && platform::seconds() < until) {
    more = false;
    // In turn, so that a lane with many events leaves the others theirs.
    for (auto& lane : lanes) take(*lane);
    if (left_)
      for (auto& lane : left_->lanes) take(*lane);
    if (removed_) take(*removed_->lane);
    for (size_t i = 0; opening_ && i < opening_->lanes.size(); ++i) {
      if (!opening_->lanes[i].view || !opening_->lanes[i].view->port->poll(bytes)) continue;
      receive_opening(i, bytes);
      arrived = more = true;
    }
    if (arrival && arrival->lane->port->poll(bytes)) {
      receive_arrival(bytes);
      arrived = more = true;
    }
  }
  return arrived;
}

bool Session::update() {
  now_ = platform::seconds();
  inquiry_in_ = -1;                                  // the panels ask again in this frame
  const double until = platform::seconds() + 0.008;  // the rest of a flood waits for the next frame
  const bool arrived = poll(until);
  if (left_ && now_ - left_at_ > left_kept) let_go();
  if (removed_ && now_ - removed_->at > left_kept) removed_.reset();
  for (auto& lane : lanes)
    if (std::exchange(lane->told, false)) send(*lane, {{"type", "heard"}});
  if (gathering_ && !gathers_these()) {
    gathering_.reset();
    gather();
  }
  if (arrived && platform::seconds() >= until) platform::wake();
  if (apply_at_ >= 0 && platform::seconds() >= apply_at_) apply();
  return arrived;
}

double Session::next_due() const {
  double due = inquiry_in_;
  const auto at = [&](double time) {
    const double in = std::max(0.0, time - platform::seconds());
    due = due < 0 ? in : std::min(due, in);
  };
  if (apply_at_ >= 0) at(apply_at_);
  if (left_) at(left_at_ + (offers_left() ? left_said : left_kept) + 0.01);
  return due;
}

}  // namespace unroll
