#include <chrono>
#include <cmath>
#include <cstdio>
#include <deque>
#include <nlohmann/json.hpp>
#include <numeric>

#include "engine/text/baselines.h"
#include "web/cli/commands.h"
#include "web/cli/console.h"
#include "web/cli/experiment_flags.h"
#include "web/cli/files.h"
#include "web/cli/number_flags.h"
#include "web/cli/worker_pool.h"

namespace unroll::cli {

namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

constexpr int64_t default_steps = 1000;
constexpr size_t train_loss_steps = 100;  // train_loss is the mean of so many last steps

struct TrainOptions {
  std::string text, experiment, resume, out, log, isa;
  int lane = 0;
  double epochs = 0;
  int threads = 1;
  bool json = false;
};

// --- From options to a trainer -------------------------------------------------------------------------------------

/// `from`: the name of the text in errors.
Result<std::shared_ptr<const Corpus>> corpus_of(const DataSpec& data, const std::string& from) {
  auto corpus = make_corpus(data.text, data.valid);
  if (!corpus) return in_file(from, corpus.error());
  return std::make_shared<const Corpus>(std::move(*corpus));
}

Status read_data(DataSpec& data, const std::string& text_file) {
  if (!text_file.empty()) {
    auto text = read_text(text_file, Limits::text_bytes);
    if (!text) return text.error();
    auto clean = clean_utf8(std::move(*text));
    if (!clean) return in_file(text_file, clean.error());
    data.text = std::move(*clean);
  } else if (data.text.empty() && !data.example.empty()) {
    auto text = read_example(data.example);
    if (!text) return text.error();
    data.text = std::move(*text);
  }
  data.example.clear();
  return ok();
}

/// --epochs, or --steps, or what the experiment says, or a default: training on the command line has an end.
Status settle_steps(TrainSpec& train, double epochs, const ExperimentFlags& flags, const Corpus& corpus) {
  if (epochs > 0) {
    const Streams streams(corpus.train(), train.batch, train.seq_length);
    train.steps = std::max<int64_t>(1, std::llround(epochs * static_cast<double>(streams.steps_per_epoch())));
  } else if (train.steps == 0) {
    if (flags.give(field("train", "steps")))
      return Error{"--steps", "found 0", "on the command line: 1 and more"};
    train.steps = default_steps;
  }
  return ok();
}

Result<std::unique_ptr<Trainer>> start(const TrainOptions& options, const ExperimentFlags& flags) {
  Experiment experiment;
  experiment.lanes.resize(1);
  if (!options.experiment.empty()) {
    const auto json = read_text(options.experiment, size_t{7} * Limits::text_bytes);
    if (!json) return json.error();
    auto parsed = parse_experiment(*json);
    if (!parsed) return in_file(options.experiment, parsed.error());
    experiment = std::move(*parsed);
  }
  const auto lane = static_cast<size_t>(options.lane);
  if (lane >= experiment.lanes.size()) {
    return Error{"--lane", "found " + std::to_string(lane),
                 "allowed: 0 to " + std::to_string(experiment.lanes.size() - 1)};
  }
  if (const Status status = flags.apply(experiment, lane); !status) return status.error();
  if (options.text.empty() && experiment.data.text.empty() && experiment.data.example.empty()) {
    return Error{"", "there is no text to train on", "give --text FILE, --experiment FILE or --example ID"};
  }
  if (const Status status = read_data(experiment.data, options.text); !status) return status.error();
  const auto corpus = corpus_of(experiment.data, !options.text.empty()         ? options.text
                                                 : !options.experiment.empty() ? options.experiment + ", data"
                                                                               : "--example");
  if (!corpus) return corpus.error();
  if (const Status s = settle_steps(experiment.train, options.epochs, flags, **corpus); !s) return s.error();
  if (const Status status = validate(experiment); !status) return status.error();
  return Trainer::create(experiment, options.lane, *corpus);
}

Result<std::unique_ptr<Trainer>> resume(const TrainOptions& options, const ExperimentFlags& flags) {
  const std::vector<std::string> may_change = {"rate", "clip", "schedule", "warmup", "steps"};
  const std::string refused = !options.text.empty()         ? "--text"
                              : !options.experiment.empty() ? "--experiment"
                              : options.lane != 0           ? "--lane"
                                                            : flags.first_beside(may_change);
  if (!refused.empty()) {
    return Error{refused, "cannot be given with --resume: training goes on as it was saved",
                 "allowed: --rate, --clip, --schedule, --warmup, --steps, --epochs"};
  }
  auto checkpoint = read_checkpoint(options.resume);
  if (!checkpoint) return checkpoint.error();
  Experiment& experiment = checkpoint->experiment;
  if (const Status status = flags.apply(experiment, 0); !status) return status.error();
  DataSpec data = experiment.data;
  if (const Status status = read_data(data, ""); !status) return status.error();
  const auto corpus = corpus_of(data, options.resume + ", data");
  if (!corpus) return corpus.error();
  if (const Status s = settle_steps(experiment.train, options.epochs, flags, **corpus); !s) return s.error();
  if (const Status status = validate(experiment); !status) return status.error();
  auto trainer = resume_training(*checkpoint, *corpus);
  if (!trainer) return in_file(options.resume, trainer.error());
  if ((*trainer)->steps_done() >= experiment.train.steps) {
    return Error{options.resume,
                 "its training is done: " + std::to_string((*trainer)->steps_done()) + " steps",
                 "give more --steps or --epochs (counted from the very start)"};
  }
  return trainer;
}

// --- Training ------------------------------------------------------------------------------------------------------

class Training {
 public:
  Training(const TrainOptions& options, std::unique_ptr<Trainer> trainer, std::FILE* log)
      : options_(options), trainer_(std::move(trainer)), log_(log), first_step_(trainer_->steps_done()) {}

  void introduce();
  int run();

 private:
  void step();
  double valid_loss();
  void tell_progress();
  void write_log(const Json& record);
  double train_loss() const;
  double characters_per_second() const;
  Json report(double valid) const;

  int64_t steps() const { return trainer_->experiment().train.steps; }

  const TrainOptions& options_;
  std::unique_ptr<Trainer> trainer_;
  std::FILE* log_;
  int64_t first_step_;
  Baselines baselines_;
  ProgressLine progress_;
  std::deque<double> last_losses_;
  Clock::time_point started_ = Clock::now();
  Clock::duration training_{};  // time in steps, without validation
  StepResult last_;
};

void Training::introduce() {
  const Corpus& corpus = trainer_->corpus();
  const LaneSpec& lane = trainer_->lane();
  const TrainSpec& train = trainer_->experiment().train;
  const Streams& streams = trainer_->streams();
  say("text       " + grouped(static_cast<int64_t>(corpus.train().size())) + " characters to train on, " +
      grouped(static_cast<int64_t>(corpus.valid().size())) + " to validate, " +
      std::to_string(corpus.vocabulary.size()) + " different ones");
  say("model      " + std::string(name(lane.cell)) + ", " + std::to_string(lane.hidden) + " hidden, " +
      std::to_string(lane.layers) + (lane.layers == 1 ? " layer, " : " layers, ") +
      grouped(static_cast<int64_t>(trainer_->model().parameters().size())) + " parameters, " +
      trainer_->model().kernels().name);
  say("training   " + std::string(name(train.optimizer)) + ", rate " + Json(trainer_->rate()).dump() + " " +
      name(train.schedule) + ", batch " + std::to_string(streams.batch()) + " x " +
      std::to_string(streams.seq_length()) + " characters, " + grouped(streams.steps_per_epoch()) +
      " steps an epoch, seed " + std::to_string(train.seed));
  if (streams.batch() != train.batch || streams.seq_length() != train.seq_length) {
    say("           (the text is too short for batch " + std::to_string(train.batch) + " x " +
        std::to_string(train.seq_length) + ")");
  }
  baselines_ = measure_baselines(corpus);
  say("baselines  uniform " + fixed(baselines_.uniform, 3) + ", unigram " + fixed(baselines_.unigram, 3) +
      ", bigram " + fixed(baselines_.bigram, 3) + ", best n-gram " + fixed(baselines_.best, 3) + " (order " +
      std::to_string(baselines_.best_order) + ") nats per character" +
      (baselines_.on_valid ? "" : ", on the training text itself"));
  if (first_step_ > 0) say("resumed    at step " + grouped(first_step_) + " of " + grouped(steps()));
  if (options_.out.empty()) say("note       the model will not be saved; --out FILE.safetensors saves it");
}

int Training::run() {
  catch_stop_signals();
  started_ = Clock::now();
  double valid = std::nan("");
  int64_t valid_step = -1;
  const auto validate_now = [&] {
    valid = valid_loss();
    valid_step = trainer_->steps_done();
    if (std::isfinite(valid)) write_log({{"step", valid_step}, {"valid_loss", valid}});
    progress_.clear();
    say("step " + grouped(valid_step) + " of " + grouped(steps()) + "  train " + fixed(train_loss(), 3) +
        (!std::isfinite(valid) ? "" : "  valid " + fixed(valid, 3)) + "  " +
        grouped(std::llround(characters_per_second())) + " characters/s");
  };
  while (trainer_->steps_done() < steps() && !trainer_->diverged() && !stop_requested()) {
    step();
    const int64_t done = trainer_->steps_done(), tenth = std::max<int64_t>(1, steps() / 10);
    if (done % tenth == 0 && done < steps() && !last_.diverged) validate_now();
    if (progress_.is_due()) tell_progress();
  }
  if (valid_step != trainer_->steps_done()) validate_now();
  progress_.clear();

  int exit_code = stop_requested() ? exit_interrupted : exit_success;
  if (trainer_->diverged()) {
    exit_code = fail({"step " + std::to_string(trainer_->steps_done() + 1),
                      "training diverged: the loss, its gradient or the new weights are not finite; the "
                      "weights before it are kept",
                      "try a lower --rate or --clip 1"});
  }
  if (!options_.out.empty()) {
    if (const Status status = write_file(options_.out, save_checkpoint(*trainer_)); !status) {
      exit_code = fail(status.error());
    } else {
      say("saved      " + options_.out + (stop_requested() ? " (stopped; go on with --resume)" : ""));
    }
  }
  if (exit_code == exit_success && !trainer_->corpus().valid().empty() && !std::isfinite(valid))
    exit_code = fail({"validation", "its loss is not finite", "try a lower --rate or --clip 1"});
  if (options_.json) std::printf("%s\n", report(valid).dump().c_str());
  return exit_code;
}

void Training::step() {
  const auto before = Clock::now();
  last_ = trainer_->step();
  training_ += Clock::now() - before;
  if (last_.diverged) return;
  last_losses_.push_back(last_.loss);
  if (last_losses_.size() > train_loss_steps) last_losses_.pop_front();
  write_log(
      {{"step", last_.step}, {"loss", last_.loss}, {"grad_norm", last_.grad_norm}, {"rate", last_.rate}});
}

/// NaN when there is nothing to validate on.
double Training::valid_loss() {
  const auto valid = trainer_->corpus().valid();
  if (valid.empty()) return std::nan("");
  Evaluator evaluator(trainer_->model(), valid);
  while (!evaluator.advance(1 << 14)) {
    progress_.draw("validating " +
                   std::to_string(100 * evaluator.characters() / static_cast<int64_t>(valid.size())) + "%");
  }
  return evaluator.loss();
}

void Training::tell_progress() {
  const int64_t done = trainer_->steps_done();
  const auto elapsed = Clock::now() - started_;
  const double left = static_cast<double>(steps() - done) / static_cast<double>(done - first_step_);
  progress_.draw("step " + grouped(done) + " of " + grouped(steps()) + "  " +
                 std::to_string(100 * done / steps()) + "%  loss " + fixed(train_loss(), 3) + "  " +
                 grouped(std::llround(characters_per_second())) + " characters/s  " +
                 duration(elapsed * left) + " left");
}

void Training::write_log(const Json& record) {
  if (log_ != nullptr) std::fprintf(log_, "%s\n", record.dump().c_str());
}

double Training::train_loss() const {
  return std::accumulate(last_losses_.begin(), last_losses_.end(), 0.0) /
         static_cast<double>(last_losses_.size());
}

double Training::characters_per_second() const {
  const Streams& streams = trainer_->streams();
  const int64_t characters = (trainer_->steps_done() - first_step_) * streams.batch() * streams.seq_length();
  return static_cast<double>(characters) / std::max(1e-9, std::chrono::duration<double>(training_).count());
}

/// Numbers that do not exist (a loss without steps, a validation without text) are NaN, and null in JSON.
Json Training::report(double valid) const {
  const double train = train_loss();
  return {{"train_loss", train},
          {"train_loss_steps", last_losses_.size()},
          {"valid_loss", valid},
          {"train_bits", bits(train)},
          {"valid_bits", bits(valid)},
          {"chars_per_second", std::round(characters_per_second())},
          {"parameters", trainer_->model().parameters().size()},
          {"steps", trainer_->steps_done()},
          {"epochs", trainer_->epochs_done()},
          {"seconds", std::chrono::duration<double>(Clock::now() - started_).count()},
          {"cell", name(trainer_->lane().cell)},
          {"seed", trainer_->experiment().train.seed},
          {"isa", trainer_->model().kernels().name},
          {"interrupted", stop_requested()},
          {"diverged", trainer_->diverged()},
          {"baselines",
           {{"uniform", baselines_.uniform},
            {"unigram", baselines_.unigram},
            {"bigram", baselines_.bigram},
            {"best", baselines_.best},
            {"best_order", baselines_.best_order},
            {"on_valid", baselines_.on_valid}}}};
}

int run_train(const TrainOptions& options, const ExperimentFlags& flags) {
  if (const Status status = choose_isa(options.isa); !status) return fail(status.error());
  auto trainer = options.resume.empty() ? start(options, flags) : resume(options, flags);
  if (!trainer) return fail(trainer.error());
  for (const std::string& path : {options.out, options.log}) {
    if (path.empty()) continue;
    if (const Status status = check_writable(path); !status) return fail(status.error());
  }
  std::FILE* log = nullptr;
  if (!options.log.empty()) {
    log = std::fopen(options.log.c_str(), options.resume.empty() ? "w" : "a");
    if (log == nullptr) return fail({options.log, "cannot be written", "give another file"});
  }
  if (options.threads > 1) (*trainer)->set_parallel(WorkerPool::parallel(options.threads));
  Training training(options, std::move(*trainer), log);
  training.introduce();
  int exit_code = training.run();
  if (log != nullptr && std::fclose(log) != 0)
    exit_code = fail({options.log, "could not be written whole", "make room"});
  return exit_code;
}

}  // namespace

void add_train(CLI::App& parent, int& exit_code) {
  CLI::App* command = parent.add_subcommand("train", "Train a model on a text.");
  auto options = std::make_shared<TrainOptions>();
  auto* text =
      command->add_option("--text", options->text, "the text to learn, a UTF-8 file")->type_name("FILE");
  auto* experiment = command
                         ->add_option("--experiment", options->experiment,
                                      "an experiment document (JSON); flags override its fields")
                         ->type_name("FILE");
  add_number(*command, "--lane", options->lane, {0, Limits::lanes - 1, true},
             "which lane of the experiment to train, counted from 0 [0]");
  command->add_option("--resume", options->resume, "go on exactly where this checkpoint stopped")
      ->type_name("FILE")
      ->excludes(text)
      ->excludes(experiment);
  command
      ->add_option("--out", options->out, "save the model here, a .safetensors file for Unroll and PyTorch")
      ->type_name("FILE");
  command->add_option("--log", options->log, "write every step here, one JSON object a line")
      ->type_name("FILE");
  command->add_flag("--json", options->json, "print one JSON object with the results as the last line");
  add_number(*command, "--epochs", options->epochs, {1e-3, 1e6},
             "train so many times over the text; instead of --steps");
  add_number(*command, "--threads", options->threads, {1, 64, true},
             "spread each batch over so many processors [1]; another number may change the last bits");
  add_isa(*command, options->isa);
  auto flags = std::make_shared<ExperimentFlags>(*command);
  command->get_option("--epochs")->excludes(command->get_option("--steps"));
  command->get_option("--steps")->description("training ends after this step [1 to 1000000000; " +
                                              std::to_string(default_steps) + "]");
  command->footer(
      "Before the first step it prints what models without a network reach on the same split, so that the "
      "loss means\n"
      "something. train_loss is the mean of the last 100 steps, valid_loss that of the held-out end of the "
      "text, read once\n"
      "as `eval` reads it, both in nats per character. Ctrl-C saves to --out and ends with exit code 130; "
      "--resume goes on from "
      "there.\n\n"
      "Examples:\n"
      "  unroll train --text book.txt --cell lstm --hidden 128 --steps 3000 --out book.safetensors\n"
      "  unroll train --example story --cell gru --epochs 50 --rate 0.006 --json\n"
      "  unroll train --experiment lesson.json --lane 1 --log curve.jsonl\n"
      "  unroll train --resume book.safetensors --steps 6000 --out book.safetensors");
  command->callback([options, flags, &exit_code] { exit_code = run_train(*options, *flags); });
}

}  // namespace unroll::cli
