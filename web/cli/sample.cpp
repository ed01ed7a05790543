#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/model/network.h"
#include "engine/model/sampler.h"
#include "engine/tasks/translation_task.h"
#include "engine/tasks/writing_task.h"
#include "web/cli/commands.h"
#include "web/cli/console.h"
#include "web/cli/files.h"
#include "web/cli/handwriting.h"
#include "web/cli/number_flags.h"
#include "web/cli/signals.h"

namespace unroll::cli {

namespace {

struct SampleOptions {
  std::string model, prompt, isa;
  int lane = 0;
  int64_t length = 500;
  SamplingOptions sampling;
  uint64_t seed = 1;
  double neatness = 1;
  bool json = false;
  std::vector<std::string> given;  // of the flags for drawing
};

/// Text on stdout as it is; on a terminal without what would act on it, but for line ends and tabs. False when it could
/// not be written.
bool show(const std::string& text) {
  static const bool on_terminal = isatty(STDOUT_FILENO) != 0;
  std::string shown = on_terminal ? "" : text;
  for (size_t at = 0, end = 0; on_terminal && at < text.size(); at = end) {
    const bool stays = text[at] == '\n' || text[at] == '\t';
    end = stays ? at + 1 : std::min(text.find_first_of("\n\t", at), text.size());
    shown += stays ? text.substr(at, 1) : readable(std::string_view(text).substr(at, end - at));
  }
  return print(shown);
}

/// The prompt is a source, and what is written is what the network makes of it on its own.
int run_translation(const SampleOptions& options, const Checkpoint& checkpoint, const TranslationTask& task) {
  if (options.prompt.empty())
    return fail({"--prompt", "is missing",
                 "give " + std::string(task.kind().looks.own_sequence) + " to translate, as --prompt \"" +
                     task.kind().looks.own_sequence_start + "\""});
  const auto own = task.own_example(options.prompt);
  if (!own)
    return fail({"--prompt", "has nothing that the model reads, or more than it ever read at once",
                 "give " + std::string(task.kind().looks.own_sequence) + ", as \"" +
                     task.kind().looks.own_sequence_start + "\""});
  for (const std::string& flag : options.given)
    say("note: " + flag + " has no effect: a translation takes the likeliest symbol always");
  ModelNetwork network(checkpoint.model);
  const std::string text = task.text_of(task.translate(network, task.split(options.prompt)));
  const nlohmann::ordered_json report = {{"prompt", options.prompt}, {"text", text}};
  print((options.json ? report.dump() : readable(text)) + "\n");
  return exit_success;
}

/// The letters of the prompt, each as the pen draws it.
int run_writing(const SampleOptions& options, const Checkpoint& checkpoint, const WritingTask& task) {
  const auto prompt = decode_utf8(options.prompt);
  if (!prompt) return fail({"--prompt, " + prompt.error().where, prompt.error().what, "give it as UTF-8"});
  std::vector<int32_t> letters;
  std::string text, unknown;
  for (const char32_t symbol : *prompt) {
    const int32_t letter = task.letter(symbol);
    (letter < 0 ? unknown : text) += encode_utf8(symbol);
    if (letter >= 0) letters.push_back(letter);
  }
  if (letters.empty())
    return fail({"--prompt", "has nothing that the model writes", "give some of these: " + task.letters()});
  if (!unknown.empty())
    say("unroll: the model writes none of these and passes over them: " + nlohmann::json(unknown).dump());
  ModelNetwork network(checkpoint.model);
  PenRun run(task, std::move(letters), options.neatness, options.seed);
  defer_stops();
  while (!run.advance(network, 64) && !stop_requested()) continue;
  if (stop_requested()) return exit_interrupted;
  std::vector<Drawing> drawings;
  for (const std::vector<float>& points : run.points()) drawings.push_back(WritingTask::drawing_of(points));
  const nlohmann::ordered_json report = {
      {"prompt", options.prompt}, {"text", text}, {"unknown", unknown}, {"letters", run.points()}};
  print(options.json ? report.dump() + "\n" : handwriting_svg(drawings));
  return exit_success;
}

int run_sample(const SampleOptions& options) {
  if (const Status status = choose_isa(options.isa); !status) return fail(status.error());
  const auto checkpoint = read_checkpoint(options.model, options.lane);
  if (!checkpoint) return fail(checkpoint.error());
  const TranslationTask* translation = checkpoint->task ? checkpoint->task->as_translation() : nullptr;
  if (translation && !decode_utf8(options.prompt))
    return fail({"--prompt", "is not UTF-8", "give it as UTF-8"});
  if (translation) return run_translation(options, *checkpoint, *translation);
  if (const WritingTask* writing = checkpoint->task ? checkpoint->task->as_writing() : nullptr)
    return run_writing(options, *checkpoint, *writing);
  if (checkpoint->vocabulary.size() == 0)
    return fail({options.model,
                 "is a model of the task " + checkpoint->experiment.data.task.name + ", which writes no text",
                 "`unroll eval --model " + short_name(options.model) + "` measures it"});
  const auto prompt = decode_utf8(options.prompt);
  if (!prompt) return fail({"--prompt, " + prompt.error().where, prompt.error().what, "give it as UTF-8"});

  Sampler sampler(checkpoint->model, checkpoint->vocabulary, options.seed);
  const std::u32string unknown = sampler.feed(*prompt);
  if (!unknown.empty()) {
    say("unroll: the model has never seen these characters of the prompt and passes over them: " +
        nlohmann::json(encode_utf8(unknown.substr(0, 40))).dump() + (unknown.size() > 40 ? "…" : ""));
  }
  for (const std::string& flag : options.given) {
    if (options.sampling.temperature == 0)
      say("note: " + flag + " has no effect: at --temperature 0 the likeliest character is taken always");
  }
  std::string text;
  if (!options.json) show(options.prompt);
  defer_stops();
  bool written = true;
  for (int64_t i = 0; i < options.length && written && !stop_requested(); ++i) {
    if (const Status status = sampler.check(); !status) return fail(in_file(options.model, status.error()));
    const std::string symbol = encode_utf8(sampler.write(options.sampling));
    text += symbol;
    if (!options.json) written = show(symbol);
  }
  if (options.json) {
    const nlohmann::ordered_json report = {
        {"prompt", options.prompt}, {"text", text}, {"unknown", encode_utf8(unknown)}};
    print(report.dump());
  }
  print("\n");
  return stop_requested() ? exit_interrupted : exit_success;
}

}  // namespace

void add_sample(CLI::App& parent, int& exit_code) {
  CLI::App* command = parent.add_subcommand("sample", "Let a trained model write.");
  auto options = std::make_shared<SampleOptions>();
  command->add_option("--model", options->model, "a checkpoint that `unroll train --out` or the page saved")
      ->type_name("FILE")
      ->required();
  add_lane(*command, options->lane);
  command->add_option("--prompt", options->prompt, "text to go on from; may be empty")->type_name("TEXT");
  SamplingOptions& sampling = options->sampling;
  add_number(*command, "--length", options->length, {0, 1 << 30, true}, "characters to write [500]");
  add_number(*command, "--temperature", sampling.temperature, Limits::temperature,
             "lower is safer, higher is bolder; 0 = the likeliest always [0 to 5; 0.8]");
  add_number(*command, "--top-k", sampling.top_k, Limits::top_k,
             "draw from the K likeliest only; 0 = all [0]")
      ->type_name("K");
  add_number(*command, "--top-p", sampling.top_p, Limits::top_p,
             "draw from the likeliest that hold this share; 1 = all [1]");
  add_number(
      *command, "--neatness", options->neatness, Limits::neatness,
      "of a pen that writes: 0 = as it is unsure, more = nearer to what it holds likeliest [0 to 5; 1]");
  add_number(*command, "--seed", options->seed, Limits::seed, "same seed, same text [1]")->type_name("S");
  command->add_flag("--json", options->json, "print prompt, text and unknown characters as one JSON object");
  add_isa(*command, options->isa);
  command->footer(
      "Prints the prompt and what the model writes after it. Of a model that translates the prompt is the "
      "source, and "
      "its translation is printed alone. Of one that writes with a pen an SVG picture of the prompt's "
      "letters.\n\n"
      "Examples:\n"
      "  unroll sample --model book.safetensors --prompt \"Once \" --length 300\n"
      "  unroll sample --model book.safetensors --temperature 0.5 --top-k 10 --seed 7\n"
      "  unroll sample --model numbers.safetensors --prompt 73\n"
      "  unroll sample --model writing.safetensors --prompt unroll > unroll.svg");
  command->callback([options, command, &exit_code] {
    for (const char* flag : {"--seed", "--top-k", "--top-p"})
      if (command->count(flag) > 0) options->given.push_back(flag);
    exit_code = run_sample(*options);
  });
}

}  // namespace unroll::cli
