// `unroll export`: a model for people who go on elsewhere.
#include "engine/cells/pytorch.h"
#include "web/cli/commands.h"
#include "web/cli/console.h"
#include "web/cli/files.h"
#include "web/cli/output_file.h"

namespace unroll::cli {

namespace {

int run_export(const std::string& model_path, int lane_number, const std::string& python_path) {
  const auto checkpoint = read_checkpoint(model_path, lane_number);
  if (!checkpoint) return fail(checkpoint.error());
  if (checkpoint->task)
    return fail(
        {model_path, "is a model of the task " + checkpoint->experiment.data.task.name,
         "so far only models of texts become a module of their own; PyTorch reads the weights of an rnn, "
         "lstm or gru from the file itself"});
  const LaneSpec& lane = checkpoint->model.spec();
  const std::string text = pytorch_text(
      *graph_of(lane), {checkpoint->vocabulary.size(), lane.hidden, lane.layers, lane.embedding});
  auto file = OutputFile::open(python_path, text.size());
  if (!file) return fail(file.error());
  const std::span bytes(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  const Status written = file->write([&](const Sink& sink) { return sink(bytes); });
  return written ? exit_success : fail(written.error());
}

}  // namespace

void add_export(CLI::App& parent, int& exit_code) {
  CLI::App* command = parent.add_subcommand("export", "Write a trained model's cell as a PyTorch module.");
  struct Options {
    std::string model, python;
    int lane = 0;
  };
  auto options = std::make_shared<Options>();
  command->add_option("model", options->model, "a checkpoint that `unroll train --out` or the page saved")
      ->type_name("MODEL")
      ->required();
  add_lane(*command, options->lane);
  command->add_option("--pytorch", options->python, "the Python file to write")
      ->type_name("FILE")
      ->required();
  command->footer(
      "The file has the cell's equations as a function of one step, the model around it, and load(MODEL). It "
      "needs "
      "PyTorch\nand nothing else; `python FILE MODEL TEXT` prints the loss that `unroll eval --json` "
      "does.\n\n"
      "Examples:\n"
      "  unroll export book.safetensors --pytorch book.py\n"
      "  python book.py book.safetensors other.txt");
  command->callback(
      [options, &exit_code] { exit_code = run_export(options->model, options->lane, options->python); });
}

}  // namespace unroll::cli
