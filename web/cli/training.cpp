#include "web/cli/training.h"

#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <system_error>

#include "engine/base/number.h"
#include "engine/base/utf8.h"
#include "engine/model/checkpoint.h"
#include "engine/model/network.h"
#include "web/cli/places.h"
#include "web/cli/reports.h"
#include "web/cli/signals.h"

namespace unroll::cli {

namespace {

constexpr size_t train_loss_steps = 100;  // train_loss is the mean of so many last steps

/// Bytes that saving allocates: the text of the experiment a dozen times, in JSON and in JSON within JSON.
size_t saving_bytes(const Trainer& trainer) {
  return 12 * trainer.experiment().data.text.size() + (size_t{4} << 20);
}

std::chrono::steady_clock::duration seconds_of(double seconds) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(seconds));
}

}  // namespace

Training::Training(const TrainOptions& options, std::unique_ptr<Trainer> trainer,
                   std::shared_ptr<ThreadTeam> team, std::optional<OutputFile> out,
                   std::unique_ptr<LogFile> log)
    : options_(options),
      trainer_(std::move(trainer)),
      threads_(std::move(team)),
      out_(std::move(out)),
      log_(std::move(log)),
      first_step_(trainer_->steps_done()),
      reserve_(std::make_unique_for_overwrite<char[]>(saving_bytes(*trainer_))) {}

/// What is learned.
void Training::introduce_data() {
  const Task& task = trainer_->task();
  if (const Corpus* corpus = task.corpus()) {
    say("text       " +
        (corpus->generator != nullptr
             ? std::string(corpus->generator->title) + ", without end, "
             : grouped(static_cast<int64_t>(corpus->train().size())) + " characters to train on, ") +
        grouped(static_cast<int64_t>(corpus->valid().size())) + " to validate, " +
        std::to_string(corpus->vocabulary.size()) + " different ones");
    return;
  }
  const TaskShape shape = task.shape();
  std::string settings;
  const TaskSpec& spec = trainer_->experiment().data.task;
  for (const TaskField& field : task.kind().fields) {
    const TaskValue value = value_of(spec, field.name);
    const std::string text = field.type == TaskFieldType::text ? quotation(value.text)
                             : field.type == TaskFieldType::choice
                                 ? field.words[static_cast<size_t>(value.number)]
                             : field.type == TaskFieldType::boolean ? (value.number != 0 ? "true" : "false")
                                                                    : shown(value.number);
    settings += std::string(settings.empty() ? " with " : ", ") + field.name + " " + text;
  }
  say("task       " + std::string(task.kind().title) + " (" + task.kind().name + ")" + settings);
  say("sequences  of " + std::to_string(shape.inputs) + (shape.reals ? " numbers" : " symbols") + " in, " +
      std::to_string(shape.outputs) + (shape.has_classes() ? " classes" : " numbers") + " out");
}

void Training::measure_baselines() {
  if (const Corpus* corpus = trainer_->task().corpus()) {
    BaselineMeter meter(*corpus);
    while (!meter.advance(1 << 18)) {
      if (progress_.is_due()) progress_.draw("measuring the baselines");
    }
    baselines_ = meter.result();
    comparisons_ = list_of(*corpus, baselines_);
  } else {
    if (progress_.is_due()) progress_.draw("measuring the baselines");
    comparisons_ = trainer_->task().baselines();
  }
  progress_.clear();
}

void Training::introduce() {
  const LaneSpec& lane = trainer_->lane();
  const TrainSpec& train = trainer_->experiment().train;
  const Task& streams = trainer_->task();
  introduce_data();
  say("model      " + lane.cell + ", " + std::to_string(lane.hidden) + " hidden, " +
      std::to_string(lane.layers) + (lane.layers == 1 ? " layer, " : " layers, ") +
      grouped(static_cast<int64_t>(trainer_->model().parameters().size())) + " parameters, " +
      trainer_->model().kernels().name);
  say("training   " + std::string(name(train.optimizer)) + ", rate " + Json(trainer_->rate()).dump() + " " +
      name(train.schedule) + ", batch " + std::to_string(streams.batch()) + " x " +
      std::to_string(streams.seq_length()) + (streams.characters() ? " characters, " : " time steps, ") +
      (streams.steps_per_epoch() > 0 ? grouped(streams.steps_per_epoch()) + " steps an epoch"
                                     : std::string("always fresh ones")) +
      ", seed " + std::to_string(train.seed));
  const bool shortened = streams.batch() != train.batch || streams.seq_length() != train.seq_length;
  if (streams.corpus() != nullptr && shortened) {
    say("           (the text is too short for batch " + std::to_string(train.batch) + " x " +
        std::to_string(train.seq_length) + ")");
  }
  measure_baselines();
  if (first_step_ > 0) say("resumed    at step " + grouped(first_step_) + " of " + grouped(steps()));
  if (options_.out.empty()) say("note       the model will not be saved; --out FILE.safetensors saves it");
}

// --- Running -------------------------------------------------------------------------------------------------------

bool Training::goes_on() const { return !trainer_->diverged() && !is_out_of_memory_ && !stop_requested(); }

int Training::run() {
  defer_stops();
  if (trainer_->task().corpus() == nullptr) {
    std::string list;
    for (const Baseline& one : comparisons_)
      if (one.of.empty()) list += (list.empty() ? "" : ", ") + one.name + " " + fixed(one.value, 4);
    say("baselines  " + (list.empty() ? "none" : list));
  } else {
    say("baselines  uniform " + fixed(baselines_.uniform, 3) + ", unigram " + fixed(baselines_.unigram, 3) +
        ", bigram " + fixed(baselines_.bigram, 3) + ", best n-gram " + fixed(baselines_.best, 3) +
        " (order " + std::to_string(baselines_.best_order) + ") nats per character" +
        (baselines_.on_valid ? "" : ", on the training text itself"));
    for (const Baseline& one : comparisons_)
      if (!one.of.empty()) say("           " + one.name + " " + fixed(one.value, 3) + " for " + one.of);
  }
  started_ = Clock::now();
  save_at_ = started_ + seconds_of(options_.save_every);
  const StopWatcher watcher([this] { take_over(); });
  Lock lock(mutex_);
  try {
    learn(lock);
  } catch (const std::bad_alloc&) {
    if (!lock.owns_lock()) lock.lock();
    is_out_of_memory_ = true;
  }
  return end();
}

/// All steps, the losses told ten times on the way; saved before they are measured for the last time.
void Training::learn(Lock& lock) {
  const int64_t tenth = std::max<int64_t>(1, steps() / 10);
  while (done() < steps() && goes_on()) {
    step(lock);
    save_on_the_way();
    if (done() % tenth == 0 && done() < steps() && goes_on()) validate(lock);
    if (progress_.is_due()) tell_progress();
  }
  if (!goes_on()) return;
  for (const std::string& line : save()) say(line);
  if (valid_step_ != done()) validate(lock);
}

void Training::step(Lock& lock) {
  const auto before = Clock::now();
  threads_.begin_step();
  trainer_->begin_step();
  lock.unlock();
  trainer_->run_pass();
  lock.lock();
  const StepResult result = trainer_->end_step();
  read_rows_ += trainer_->batch().read_rows();
  left_out_ += result.left_out;
  const auto took = Clock::now() - before;
  training_ += took;
  if (threads_.end_step(std::chrono::duration<double>(took).count())) {
    progress_.clear();
    say("threads    " + threads_.text());
  }
  if (result.diverged) {
    not_finite_ = result.not_finite;
    return;
  }
  last_losses_.push_back(result.loss);
  if (last_losses_.size() > train_loss_steps) last_losses_.pop_front();
  write_log(
      {{"step", result.step}, {"loss", result.loss}, {"grad_norm", result.grad_norm}, {"rate", result.rate}});
}

/// On the held-out text, if there is any. Nothing is told when it was stopped.
void Training::validate(Lock& lock) {
  if (log_) log_->flush();
  constexpr int at_once = 1 << 12;
  if (const auto scorer = trainer_->task().scorer()) {
    ModelNetwork network(trainer_->model());
    const int64_t all = std::max<int64_t>(1, trainer_->task().scored_rows());
    int64_t read = 0;
    for (bool is_done = false; !is_done; read += at_once) {
      lock.unlock();
      is_done = scorer->advance(network, at_once);
      lock.lock();
      if (!is_done && stop_requested()) return;
      if (progress_.is_due())
        progress_.draw("validating " + std::to_string(std::min<int64_t>(99, 100 * read / all)) + "%");
    }
    score_ = scorer->score();
    valid_loss_ = score_.loss;
    if (std::isfinite(valid_loss_)) write_log({{"step", done()}, {"valid_loss", valid_loss_}});
  }
  valid_step_ = done();
  tell_losses();
}

/// Called by the watcher when a stop was requested and the pass or validation that runs has not ended since.
void Training::take_over() {
  const Lock lock(mutex_);
  if (has_ended_) return;
  try {
    _exit(end_output(end()));
  } catch (const std::bad_alloc&) {
    _exit(fail(out_of_memory()));
  }
}

/// Saves, then tells how it ended. The exit code.
int Training::end() {
  const std::vector<std::string> saving = save();
  const bool stopped = stop_requested();
  progress_.clear();
  int exit_code = stopped ? exit_interrupted : exit_success;
  const std::string next_step = "step " + grouped(done() + 1);
  if (trainer_->diverged()) {
    exit_code = fail({next_step,
                      "training diverged: the loss, its gradient or the new weights are not finite" +
                          (not_finite_.empty() ? "" : ", the first number of them in " + not_finite_) +
                          "; the weights before it are kept",
                      "try a lower --rate or --clip 1"});
  }
  if (is_out_of_memory_) {
    exit_code = fail({next_step, "there is not enough memory to go on",
                      "choose a smaller model, batch or --seq-length, or allow more (ulimit -v)"});
  }
  const bool was_validated = valid_step_ == done() && !score_.name.empty();
  if (exit_code == exit_success && was_validated && !std::isfinite(valid_loss_))
    exit_code = fail({"validation", "its loss is not finite", "try a lower --rate or --clip 1"});
  if (valid_step_ != done() && done() > first_step_) tell_losses();
  if (left_out_ > 0)
    say("left out   " + grouped(left_out_) + " sequences that are too short for the labels they should say");
  for (const std::string& line : saving) say(line);
  if (is_save_failed_) exit_code = exit_failure;
  if (log_) {
    if (const Status status = log_->close(); !status) exit_code = fail(status.error());
  }
  // A file's name that is no UTF-8 has replacement characters.
  if (options_.json) print(report().dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  has_ended_ = true;
  return exit_code;
}

// --- Saving --------------------------------------------------------------------------------------------------------

/// Once, to --out or where else it can be. What is to be said about it, later: nobody who does not read delays it.
std::vector<std::string> Training::save() {
  if (!out_ || is_saved_) return {};
  is_saved_ = true;
  reserve_.reset();
  const std::string go_on = stop_requested() && done() < steps() ? " (stopped; go on with --resume)" : "";
  if (done() == first_step_ && !out_->is_new())
    return {"unchanged  " + out_->path() + " (stopped before the first step)"};
  const Producer checkpoint = [this](const Sink& sink) { return write_checkpoint(*trainer_, sink); };
  const Status status = out_->write(checkpoint);
  if (status) {
    saved_to_ = out_->path();
    return {"saved      " + saved_to_ + go_on};
  }
  is_save_failed_ = true;
  std::vector<std::string> lines = {"unroll: " + status.error().text()};
  const auto elsewhere = write_elsewhere(out_->path(), other_folders(), checkpoint);
  if (elsewhere) {
    saved_to_ = *elsewhere;
    lines.push_back("saved      " + saved_to_ + " instead" + go_on);
  } else {
    lines.push_back("unroll: nor could the model be saved anywhere else; it is lost");
  }
  return lines;
}

/// So that whatever ends the program (a kill -9, the system's memory) takes no more than --save-every of its work. The log
/// first: it then has every step of the file. What takes long is done at most a tenth of the time.
void Training::save_on_the_way() {
  if (!out_ || options_.save_every <= 0 || !out_->can_be_written_again() || !goes_on()) return;
  const auto begin = Clock::now();
  if (begin < save_at_ || done() == first_step_ || done() >= steps()) return;
  if (log_) log_->flush();
  reserve_.reset();
  const Status status = out_->write([this](const Sink& sink) { return write_checkpoint(*trainer_, sink); });
  reserve_ = std::make_unique_for_overwrite<char[]>(saving_bytes(*trainer_));
  const auto end = Clock::now();
  save_at_ = end + std::max(seconds_of(options_.save_every), 9 * (end - begin));
  if (!status && !is_told_of_saving_) {
    progress_.clear();
    say("unroll: " + status.error().text() + "; training goes on, and saving is tried again");
  }
  is_told_of_saving_ = !status;
}

/// Beside what was read, for temporary files, at home.
std::vector<std::string> Training::other_folders() const {
  std::vector<std::string> folders;
  for (const std::string& path : {options_.text, options_.experiment, options_.resume}) {
    if (path.empty()) continue;
    if (const auto place = find_place(path); place && place->descriptor < 0)
      folders.push_back(place->folder());
  }
  std::error_code error;
  folders.push_back(std::filesystem::current_path(error));
  folders.push_back(std::filesystem::temp_directory_path(error));
  if (const char* home = std::getenv("HOME")) folders.push_back(home);
  std::erase(folders, "");
  return folders;
}

// --- Telling -------------------------------------------------------------------------------------------------------

/// The losses so far.
void Training::tell_losses() {
  progress_.clear();
  const bool is_valid = valid_step_ == done() && std::isfinite(valid_loss_);
  say("step " + grouped(done()) + " of " + grouped(steps()) + "  train " + fixed(train_loss(), 3) +
      (is_valid ? "  valid " + fixed(valid_loss_, 3) : "") +
      (is_valid && trainer_->task().corpus() == nullptr ? "  " + score_.name + " " + shown_score(score_.value)
                                                        : "") +
      (is_valid ? decided() : "") + "  " + speed());
}

/// Of an endless text: how well what memory decides is told.
std::string Training::decided() const {
  for (const auto& [name, value] : score_.others)
    if (name == decisive_loss) return "  decisive " + fixed(value, 3);
  return "";
}

/// In the score's unit.
std::string Training::shown_score(double value) const {
  if (std::isnan(value)) return "–";
  const std::string& unit = score_.unit;
  if (unit == "%") return fixed(100 * value, 1) + "%";
  return fixed(value, std::abs(value) < 10 ? 4 : 2) + (unit.empty() ? "" : " " + unit);
}

void Training::tell_progress() {
  const int64_t done = trainer_->steps_done();
  const auto elapsed = Clock::now() - started_;
  const double left = static_cast<double>(steps() - done) / static_cast<double>(done - first_step_);
  progress_.draw("step " + grouped(done) + " of " + grouped(steps()) + "  " +
                 std::to_string(100 * done / steps()) + "%  loss " + fixed(train_loss(), 3) + "  " + speed() +
                 "  " + duration(elapsed * left) + " left");
}

void Training::write_log(const Json& record) {
  if (!log_) return;
  log_->add(record.dump());
  if (const std::string trouble = log_->trouble(); !trouble.empty()) say("unroll: " + trouble);
}

double Training::train_loss() const {
  return std::accumulate(last_losses_.begin(), last_losses_.end(), 0.0) /
         static_cast<double>(last_losses_.size());
}

std::string Training::speed() const {
  return grouped(std::llround(characters_per_second())) +
         (trainer_->task().characters() ? " characters/s" : " time steps/s");
}

double Training::characters_per_second() const {
  return static_cast<double>(read_rows_) / std::max(1e-9, std::chrono::duration<double>(training_).count());
}

/// Numbers that do not exist (a loss without steps, a validation without text or one that was stopped, a squared error in
/// bits) are NaN, and null in JSON.
nlohmann::ordered_json Training::report() const {
  const double valid = valid_step_ == done() ? valid_loss_ : std::nan("");
  const double train = train_loss();
  const bool in_nats = trainer_->task().shape().head != Head::linear;
  const auto in_bits = [&](double loss) { return in_nats ? bits(loss) : std::nan(""); };
  nlohmann::ordered_json report = {
      {"train_loss", train},
      {"train_loss_steps", last_losses_.size()},
      {"valid_loss", valid},
      {"train_bits", in_bits(train)},
      {"valid_bits", in_bits(valid)},
      {"chars_per_second", std::round(characters_per_second())},
      {"parameters", trainer_->model().parameters().size()},
      {"steps", trainer_->steps_done()},
      {"epochs", trainer_->epochs_done()},
      {"seconds", std::chrono::duration<double>(Clock::now() - started_).count()},
      {"cell", trainer_->lane().cell},
      {"seed", trainer_->experiment().train.seed},
      {"isa", trainer_->model().kernels().name},
      {"threads", threads_.threads()},
      {"saved", saved_to_.empty() ? Json() : Json(saved_to_)},
      {"interrupted", stop_requested()},
      {"diverged", trainer_->diverged()},
      {"task", trainer_->task().kind().name},
      {"score", score_report(score_, valid_step_ == done() ? score_.value : std::nan(""))},
      {"baselines", baselines_report(comparisons_)}};
  if (trainer_->task().corpus() != nullptr) {
    report["baselines"]["best"] = baselines_.best;
    report["baselines"]["best_order"] = baselines_.best_order;
    report["baselines"]["on_valid"] = baselines_.on_valid;
  }
  if (left_out_ > 0) report["left_out"] = left_out_;
  if (auto further = further_baselines_report(comparisons_); !further.empty())
    report["further_baselines"] = std::move(further);
  return report;
}

}  // namespace unroll::cli
