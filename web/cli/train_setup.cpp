#include "web/cli/train_setup.h"

#include <algorithm>
#include <cmath>

#include "engine/base/utf8.h"
#include "engine/model/checkpoint.h"
#include "web/cli/files.h"
#include "web/cli/places.h"
#include "web/cli/recordings.h"

namespace unroll::cli {

namespace {

/// `from`: the name of the text in errors.
Result<std::shared_ptr<const Task>> task_of(const Experiment& experiment, const std::string& from) {
  if (!learns_text(experiment.data.task)) return create_task(experiment);
  auto corpus = make_corpus(experiment.data);
  if (!corpus) return in_file(from, corpus.error());
  return std::shared_ptr<const Task>(std::make_shared<const TextTask>(
      std::make_shared<const Corpus>(std::move(*corpus)), experiment.train.batch, experiment.train.seq_length,
      experiment.train.seed));
}

/// --task, --set and --data.
Status apply_task(Experiment& experiment, const TrainOptions& options) {
  for (const std::string& setting : options.settings) {
    const size_t sign = setting.find('=');
    if (sign == std::string::npos)
      return Error{"--set", "found " + quotation(setting), "give NAME=VALUE, as in --set length=200"};
    const std::string name = setting.substr(0, sign);
    if (const Status status = set_task_field(experiment, name, setting.substr(sign + 1)); !status)
      return Error{"--set " + short_name(name), status.error().what, status.error().hint};
  }
  if (options.data.empty()) return ok();
  const TaskKind& kind = *find_task_kind(experiment.data.task.name);
  if (kind.looks.own_data == nullptr)
    return Error{"--data", "the task " + std::string(kind.name) + " takes no data",
                 "its sequences are generated"};
  return ok();
}

/// The text of a file, or of a built-in one, unless that is generated. Of a task that hears, files are recordings.
Status read_data(DataSpec& data, const std::string& text_file) {
  if (!text_file.empty()) {
    const TaskKind* kind = find_task_kind(data.task.name);
    auto text =
        kind && kind->looks.heard ? read_recordings(text_file) : read_text(text_file, Limits::text_bytes);
    if (!text) return text.error();
    auto clean = clean_utf8(std::move(*text));
    if (!clean) return in_file(text_file, clean.error());
    data.text = std::move(*clean);
  } else if (generator_of(data) != nullptr) {
    return ok();
  } else if (data.text.empty() && !data.example.empty()) {
    const auto path = example_path(data.example);
    if (!path) return path.error();
    auto text = read_text(*path, Limits::text_bytes);
    if (!text) return text.error();
    data.text = std::move(*text);
  }
  data.example.clear();
  return ok();
}

/// That the built-in text which will be read, if one is, is not one of the files to be written.
Status check_example(const DataSpec& data, const TrainOptions& options) {
  if (!data.text.empty() || data.example.empty() || generator_of(data) || !options.text.empty()) return ok();
  const auto path = example_path(data.example);
  if (!path) return path.error();
  return check_roles({{.flag = "--example", .path = *path},
                      {.flag = "--out", .path = options.out, .is_written = true},
                      {.flag = "--log", .path = options.log, .is_written = true}},
                     false);
}

/// --epochs, or --steps, or what the experiment says, or a default: training on the command line has an end.
Status settle_steps(TrainSpec& train, double epochs, const ExperimentFlags& flags, const Task& task) {
  if (epochs > 0) {
    if (task.steps_per_epoch() == 0)
      return Error{"--epochs", "the task " + std::string(task.kind().name) + " never comes to an end",
                   "give --steps"};
    train.steps = std::max<int64_t>(1, std::llround(epochs * static_cast<double>(task.steps_per_epoch())));
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
  if (!options.task.empty()) {
    const TaskKind* kind = find_task_kind(options.task);
    if (kind == nullptr) {
      const Status status = set_task(experiment, options.task);
      return Error{"--task", status.error().what, status.error().hint};
    }
    if (kind != task_kinds().front()) experiment = std::move(*parse_experiment(kind->start));
  }
  const auto lane = static_cast<size_t>(options.lane);
  if (lane >= experiment.lanes.size()) {
    return Error{"--lane", "found " + std::to_string(lane),
                 "allowed: 0 to " + std::to_string(experiment.lanes.size() - 1)};
  }
  if (const Status status = flags.apply(experiment, lane); !status) return status.error();
  if (const Status status = apply_task(experiment, options); !status) return status.error();
  const bool text = learns_text(experiment.data.task);
  if (!text && !options.text.empty())
    return Error{"--text", "the task " + experiment.data.task.name + " learns no text",
                 "data of one's own comes with --data FILE, where a task takes it: `unroll tasks " +
                     experiment.data.task.name + "`"};
  const std::string& file = text && options.data.empty() ? options.text : options.data;
  if (text && file.empty() && experiment.data.text.empty() && experiment.data.example.empty()) {
    return Error{"", "there is no text to train on", "give --text FILE, --experiment FILE or --example ID"};
  }
  if (text)
    if (const Status status = check_example(experiment.data, options); !status) return status.error();
  if (text || !file.empty() || !experiment.data.example.empty())
    if (const Status status = read_data(experiment.data, file); !status) return status.error();
  if (const Status status = validate(experiment); !text && !status) return status.error();
  const auto task = task_of(experiment, !file.empty()                 ? file
                                        : !options.experiment.empty() ? options.experiment + ", data"
                                                                      : "--example");
  if (!task) return task.error();
  if (const Status s = settle_steps(experiment.train, options.epochs, flags, **task); !s) return s.error();
  if (const Status status = validate(experiment); !status) return status.error();
  return Trainer::create(experiment, options.lane, *task);
}

Result<std::unique_ptr<Trainer>> resume(const TrainOptions& options, const ExperimentFlags& flags) {
  const std::vector<std::string> may_change = {"rate", "clip", "schedule", "warmup", "steps"};
  const std::string refused = !options.text.empty()         ? "--text"
                              : !options.experiment.empty() ? "--experiment"
                              : !options.task.empty()       ? "--task"
                              : !options.settings.empty()   ? "--set"
                              : !options.data.empty()       ? "--data"
                                                            : flags.first_beside(may_change);
  if (!refused.empty()) {
    return Error{refused, "cannot be given with --resume: training goes on as it was saved",
                 "allowed: --rate, --clip, --schedule, --warmup, --steps, --epochs"};
  }
  auto checkpoint = read_checkpoint(options.resume, options.lane);
  if (!checkpoint) return checkpoint.error();
  Experiment& experiment = checkpoint->experiment;
  if (const Status status = flags.apply(experiment, 0); !status) return status.error();
  std::shared_ptr<const Task> task = checkpoint->task;
  if (!task) {
    Experiment filled = experiment;
    if (const Status status = check_example(filled.data, options); !status) return status.error();
    if (const Status status = read_data(filled.data, ""); !status) return status.error();
    auto made = task_of(filled, options.resume + ", data");
    if (!made) return made.error();
    task = std::move(*made);
  }
  if (const Status s = settle_steps(experiment.train, options.epochs, flags, *task); !s) return s.error();
  if (const Status status = validate(experiment); !status) return status.error();
  auto trainer = resume_training(*checkpoint, task);
  if (!trainer) return in_file(options.resume, trainer.error());
  if ((*trainer)->steps_done() >= experiment.train.steps) {
    return Error{options.resume,
                 "its training is done: " + std::to_string((*trainer)->steps_done()) + " steps",
                 "give more --steps or --epochs (counted from the very start)"};
  }
  return trainer;
}

}  // namespace

Result<std::unique_ptr<Trainer>> make_trainer(const TrainOptions& options, const ExperimentFlags& flags) {
  const Status roles =
      check_roles({{.flag = "--text", .path = options.text},
                   {.flag = "--data", .path = options.data},
                   {.flag = "--experiment", .path = options.experiment},
                   {.flag = "--cell", .path = flags.cell_file()},
                   {.flag = "--resume", .path = options.resume},
                   {.flag = "--out", .path = options.out, .is_written = true, .may_be = "--resume"},
                   {.flag = "--log", .path = options.log, .is_written = true, .may_join_stream = true}},
                  options.json);
  if (!roles) return roles.error();
  return options.resume.empty() ? start(options, flags) : resume(options, flags);
}

}  // namespace unroll::cli
