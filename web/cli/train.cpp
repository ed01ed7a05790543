// `unroll train`: its options.
#include <algorithm>
#include <system_error>
#include <thread>

#include "engine/model/checkpoint.h"
#include "web/cli/commands.h"
#include "web/cli/console.h"
#include "web/cli/experiment_flags.h"
#include "web/cli/number_flags.h"
#include "web/cli/signals.h"
#include "web/cli/train_setup.h"
#include "web/cli/training.h"

namespace unroll::cli {

namespace {

constexpr int most_threads = 64;

/// A team of as many as are asked for, or of all processors; null for one.
Result<std::shared_ptr<ThreadTeam>> start_threads(Trainer& trainer, int asked) {
  const int most = static_cast<int>(std::min<unsigned>(std::thread::hardware_concurrency(), most_threads));
  const int threads = asked > 0 ? asked : std::max(1, most);
  std::shared_ptr<ThreadTeam> team;
  if (threads == 1) return team;
  const StopSignalsBlocked blocked;
  try {
    team = std::make_shared<ThreadTeam>(threads);
  } catch (const std::system_error& error) {
    if (asked == 0) return team;  // one thread does it, too
    return Error{"--threads " + std::to_string(threads),
                 std::string("the system gives no more threads: ") + error.code().message(), "give fewer"};
  }
  trainer.set_team(team);
  return team;
}

int run_train(const TrainOptions& options, const ExperimentFlags& flags) {
  ignore_broken_pipes();
  if (const Status status = choose_isa(options.isa); !status) return fail(status.error());
  auto trainer = make_trainer(options, flags);
  if (!trainer) return fail(trainer.error());
  for (const std::string& remark : flags.remarks((*trainer)->experiment().train, {&(*trainer)->lane(), 1}))
    say("note       " + remark);
  std::optional<OutputFile> out;
  if (!options.out.empty()) {
    auto file = OutputFile::open(options.out, checkpoint_bytes(**trainer));
    if (!file) return fail(file.error());
    out.emplace(std::move(*file));
  }
  std::unique_ptr<LogFile> log;
  if (!options.log.empty()) {
    auto file = LogFile::open(options.log, !options.resume.empty());
    if (!file) return fail(file.error());
    log = std::move(*file);
  }
  auto team = start_threads(**trainer, options.threads);
  if (!team) return fail(team.error());
  Training training(options, std::move(*trainer), std::move(*team), std::move(out), std::move(log));
  training.introduce();
  return training.run();
}

}  // namespace

void add_train(CLI::App& parent, int& exit_code) {
  CLI::App* command = parent.add_subcommand("train", "Train a model on a text, or on another task.");
  auto options = std::make_shared<TrainOptions>();
  auto* text =
      command->add_option("--text", options->text, "the text to learn, a UTF-8 file")->type_name("FILE");
  auto* experiment = command
                         ->add_option("--experiment", options->experiment,
                                      "an experiment document (JSON); flags override its fields")
                         ->type_name("FILE");
  auto* task =
      command
          ->add_option("--task", options->task,
                       "learn this instead of a text, from its own start: `unroll tasks` lists them; "
                       "flags override")
          ->type_name("NAME")
          ->excludes(experiment);
  auto* set =
      command
          ->add_option("--set", options->settings, "a setting of the task, as in length=200; may be repeated")
          ->type_name("NAME=VALUE")
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
          ->expected(1);
  auto* data =
      command->add_option("--data", options->data, "data of your own for the task, where it takes such")
          ->type_name("FILE")
          ->excludes(text);
  add_number(*command, "--lane", options->lane, {0, Limits::lanes - 1, true},
             "which lane of the experiment, or of the .unroll file to resume, counted from 0 [0]");
  command
      ->add_option("--resume", options->resume,
                   "go on exactly where this checkpoint stopped, or a lane of this .unroll file")
      ->type_name("FILE")
      ->excludes(text)
      ->excludes(experiment)
      ->excludes(task)
      ->excludes(set)
      ->excludes(data);
  command
      ->add_option("--out", options->out, "save the model here, a .safetensors file for Unroll and PyTorch")
      ->type_name("FILE");
  add_number(*command, "--save-every", options->save_every, {0, 1e6},
             "while it trains, save to --out whenever so many seconds have passed; 0 = at the end only [60]")
      ->type_name("SECONDS")
      ->needs(command->get_option("--out"));
  command->add_option("--log", options->log, "write every step here, one JSON object a line")
      ->type_name("FILE");
  command->add_flag("--json", options->json, "print one JSON object with the results as the last line");
  add_number(*command, "--epochs", options->epochs, {1e-3, 1e6},
             "train so many times over the text; instead of --steps");
  add_number(
      *command, "--threads", options->threads, {1, most_threads, true},
      "share the work among at most so many processors [all]; as many are used as make it faster, and the "
      "result is the same to the last bit");
  add_isa(*command, options->isa);
  auto flags = std::make_shared<ExperimentFlags>(*command);
  command->get_option("--epochs")->excludes(command->get_option("--steps"));
  command->get_option("--steps")->description("training ends after this step [1 to 1000000000; " +
                                              std::to_string(default_steps) + "]");
  command->footer(
      "Before the first step it prints what models without a network reach on the same split, so that the "
      "loss means\n"
      "something. train_loss is the mean of the last 100 steps, valid_loss that of the held-out end of the "
      "text, both in\n"
      "nats per character; another task's score is told beside it, on held-out sequences. Ctrl-C, SIGTERM "
      "and SIGHUP (a closed terminal) save to --out and end with exit "
      "code 130; --resume\n"
      "goes on from there. The model is saved before the last validation, and in another folder when --out "
      "cannot be written.\n\n"
      "Examples:\n"
      "  unroll train --text book.txt --cell lstm --hidden 128 --steps 3000 --out book.safetensors\n"
      "  unroll train --example story --cell gru --epochs 50 --rate 0.006 --json\n"
      "  unroll train --task NAME --set SETTING=VALUE --json\n"
      "  unroll train --experiment lesson.json --lane 1 --log curve.jsonl\n"
      "  unroll train --resume book.safetensors --steps 6000 --out book.safetensors");
  command->callback([options, flags, &exit_code] { exit_code = run_train(*options, *flags); });
}

}  // namespace unroll::cli
