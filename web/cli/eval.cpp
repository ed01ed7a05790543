#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "engine/model/network.h"
#include "web/cli/commands.h"
#include "web/cli/console.h"
#include "web/cli/files.h"
#include "web/cli/number_flags.h"
#include "web/cli/output_file.h"
#include "web/cli/places.h"
#include "web/cli/reports.h"

namespace unroll::cli {

namespace {

struct EvalOptions {
  std::string model, text, isa, predictions;
  int lane = 0;
  double valid = 1;
  bool json = false;
};

/// On the held-out part of the model's own task.
int score_task(const EvalOptions& options, const Checkpoint& checkpoint, const Task& task) {
  if (!options.text.empty())
    return fail({"--text",
                 "the model is of the task " + std::string(task.kind().name) + ", which reads no text",
                 "leave it out: the task's own held-out sequences are read"});
  const auto scorer = task.scorer();
  if (!scorer) return fail({options.model, "its task holds nothing back to measure on", ""});
  ProgressLine progress;
  ModelNetwork network(checkpoint.model);
  while (!scorer->advance(network, 1 << 14))
    if (progress.is_due()) progress.draw("measuring");
  progress.clear();
  const Score score = scorer->score();
  const std::vector<Baseline> all = task.baselines();
  const nlohmann::ordered_json baselines = baselines_report(all);
  if (options.json) {
    nlohmann::ordered_json report = {{"task", task.kind().name},
                                     {"score", score_report(score, score.value)},
                                     {"loss", score.loss},
                                     {"count", score.count},
                                     {"baselines", baselines}};
    if (auto further = further_baselines_report(all); !further.empty())
      report["further_baselines"] = std::move(further);
    print(report.dump() + "\n");
    return exit_success;
  }
  print(score.name + " " + fixed(score.value, 4) + ", loss " + fixed(score.loss, 4) + ", of " +
        grouped(score.count) + "; baselines " + baselines.dump() + "\n");
  return exit_success;
}

std::string csv_cell(const std::string& text) {
  std::string cell = "\"";
  for (const char c : text) cell += c == '"' ? "\"\"" : std::string(1, c);
  return cell + "\"";
}

/// A row for each character but the first: what was read last, what came, and the probability of every symbol there.
Status write_predictions(const std::string& path, const Checkpoint& checkpoint,
                         const std::vector<int32_t>& ids) {
  const Vocabulary& vocabulary = checkpoint.vocabulary;
  const auto symbol = [&](int32_t id) {
    const char32_t one = vocabulary.symbol(id);
    return csv_cell(encode_utf8(std::u32string_view(&one, 1)));
  };
  auto file = OutputFile::open(path, ids.size() * static_cast<size_t>(vocabulary.size()) * 8);
  if (!file) return file.error();
  return file->write([&](const Sink& sink) {
    const auto put = [&](const std::string& line) {
      return sink({reinterpret_cast<const uint8_t*>(line.data()), line.size()});
    };
    std::string line = "read,next";
    for (int id = 0; id < vocabulary.size(); ++id) line += "," + symbol(id);
    if (!put(line + "\r\n")) return false;
    const auto workspace = checkpoint.model.make_workspace(1, 1);
    RecurrentState state = checkpoint.model.make_state(1);
    std::vector<float> probabilities(static_cast<size_t>(vocabulary.size()));
    for (size_t t = 0; t + 1 < ids.size(); ++t) {
      checkpoint.model.step(*workspace, ids[t], state, probabilities);
      line = symbol(ids[t]) + "," + symbol(ids[t + 1]);
      for (const float probability : probabilities) {
        char number[32];
        std::snprintf(number, sizeof number, ",%.9g", static_cast<double>(probability));
        line += number;
      }
      if (!put(line + "\r\n")) return false;
    }
    return true;
  });
}

int run_eval(const EvalOptions& options) {
  const Status roles =
      check_roles({{.flag = "--model", .path = options.model},
                   {.flag = "--text", .path = options.text},
                   {.flag = "--predictions", .path = options.predictions, .is_written = true}},
                  true);
  if (!roles) return fail(roles.error());
  if (const Status status = choose_isa(options.isa); !status) return fail(status.error());
  const auto checkpoint = read_checkpoint(options.model, options.lane);
  if (!checkpoint) return fail(checkpoint.error());
  if (!options.predictions.empty() && (checkpoint->task || options.text.empty()))
    return fail({"--predictions", "is for a model of a text, and a text given by --text", "leave it out"});
  if (checkpoint->task) return score_task(options, *checkpoint, *checkpoint->task);
  if (options.text.empty() && generator_of(checkpoint->experiment.data) != nullptr) {
    const auto task = create_task(checkpoint->experiment);
    if (!task) return fail(in_file(options.model, task.error()));
    return score_task(options, *checkpoint, **task);
  }
  if (options.text.empty())
    return fail({"--text", "is required", "give --text FILE, the text to measure on"});
  const auto file = read_text(options.text, Limits::text_bytes);
  if (!file) return fail(file.error());
  const auto text = decode_utf8(*file);
  if (!text) return fail(in_file(options.text, text.error()));

  const auto start = static_cast<size_t>(static_cast<double>(text->size()) * (1 - options.valid));
  const std::u32string part = text->substr(std::min(start, text->size()));
  const Vocabulary::Encoded encoded = checkpoint->vocabulary.encode(part);
  const size_t skipped = part.size() - encoded.ids.size();
  if (encoded.ids.size() < 2) {
    return fail({options.text,
                 "holds " + std::to_string(encoded.ids.size()) + " characters that the model knows",
                 "at least 2 are needed"});
  }
  ProgressLine progress;
  Evaluator evaluator(checkpoint->model, encoded.ids);
  while (!evaluator.advance(1 << 14)) {
    if (progress.is_due()) progress.draw(grouped(evaluator.characters()) + " characters");
  }
  progress.clear();
  if (skipped > 0) {
    say("unroll: passed over " + grouped(static_cast<int64_t>(skipped)) +
        " characters that the model has never seen: " +
        nlohmann::json(encode_utf8(encoded.unknown.substr(0, 40))).dump() +
        (encoded.unknown.size() > 40 ? "…" : ""));
  }
  const double nats = evaluator.loss();
  if (!std::isfinite(nats))
    return fail(
        {options.model, "its loss on this text is not finite", "its weights are too large to compute with"});
  if (!options.predictions.empty())
    if (const Status written = write_predictions(options.predictions, *checkpoint, encoded.ids); !written)
      return fail(written.error());
  if (options.json) {
    const nlohmann::ordered_json report = {{"nats", nats},
                                           {"bits", bits(nats)},
                                           {"characters", evaluator.characters()},
                                           {"skipped", skipped},
                                           {"unknown", encode_utf8(encoded.unknown)}};
    print(report.dump() + "\n");
  } else {
    print(fixed(nats, 4) + " nats, " + fixed(bits(nats), 4) + " bits per character over " +
          grouped(evaluator.characters()) + " characters\n");
  }
  return exit_success;
}

}  // namespace

void add_eval(CLI::App& parent, int& exit_code) {
  CLI::App* command = parent.add_subcommand("eval", "Measure a trained model on a text, or on its task.");
  auto options = std::make_shared<EvalOptions>();
  command->add_option("--model", options->model, "a checkpoint that `unroll train --out` or the page saved")
      ->type_name("FILE")
      ->required();
  add_lane(*command, options->lane);
  command
      ->add_option("--text", options->text,
                   "the text to measure on, a UTF-8 file; of a text without end or another task none: what "
                   "they hold out is read")
      ->type_name("FILE");
  add_number(*command, "--valid", options->valid, {0, 1},
             "only this share of the text, at its end [0 to 1; 1]");
  command
      ->add_option("--predictions", options->predictions,
                   "write a table (CSV) of the probabilities of every symbol at every character of the text, "
                   "read once from its beginning")
      ->type_name("FILE");
  command->add_flag("--json", options->json, "print the results as one JSON object");
  add_isa(*command, options->isa);
  command->footer(
      "The loss is in nats and bits per character, that of reading the text once from its beginning. A long "
      "text is read in\n"
      "up to 32 streams side by side; each reads 256 characters before its own first, which do not count. "
      "Characters that\n"
      "the model has never seen are passed over and counted.\n\n"
      "Examples:\n"
      "  unroll eval --model book.safetensors --text other.txt\n"
      "  unroll eval --model book.safetensors --text book.txt --valid 0.1   (the part it was not trained "
      "on)");
  command->callback([options, &exit_code] { exit_code = run_eval(*options); });
}

}  // namespace unroll::cli
