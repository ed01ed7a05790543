// `unroll export`: a model for people who go on elsewhere.
#include "engine/cells/pytorch.h"
#include "engine/model/onnx.h"
#include "web/cli/commands.h"
#include "web/cli/console.h"
#include "web/cli/files.h"
#include "web/cli/output_file.h"
#include "web/cli/places.h"

namespace unroll::cli {

namespace {

struct ExportOptions {
  std::string model, python, onnx;
  int lane = 0;
};

Status write_bytes(const std::string& path, std::span<const uint8_t> bytes) {
  auto file = OutputFile::open(path, bytes.size());
  if (!file) return file.error();
  return file->write([&](const Sink& sink) { return sink(bytes); });
}

int run_export(const ExportOptions& options) {
  if (options.python.empty() && options.onnx.empty())
    return fail({"", "--pytorch or --onnx is required", "name the file to write: `unroll export --help`"});
  const Status roles = check_roles({{.flag = "MODEL", .path = options.model},
                                    {.flag = "--pytorch", .path = options.python, .is_written = true},
                                    {.flag = "--onnx", .path = options.onnx, .is_written = true}},
                                   false);
  if (!roles) return fail(roles.error());
  const auto checkpoint = read_checkpoint(options.model, options.lane);
  if (!checkpoint) return fail(checkpoint.error());
  const LaneSpec& lane = checkpoint->model.spec();
  if (!options.python.empty()) {
    if (checkpoint->task)
      return fail({options.model, "is a model of the task " + checkpoint->experiment.data.task.name,
                   "so far only models of texts become a module of their own; PyTorch reads the weights of "
                   "an rnn, lstm or gru from the file itself, and --onnx takes every model"});
    const std::string text = pytorch_text(
        *graph_of(lane), {checkpoint->vocabulary.size(), lane.hidden, lane.layers, lane.embedding});
    const std::span bytes(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    if (const Status written = write_bytes(options.python, bytes); !written) return fail(written.error());
  }
  if (options.onnx.empty()) return exit_success;
  const OnnxOrigin origin{.characters = checkpoint->vocabulary.size() > 0 ? &checkpoint->vocabulary : nullptr,
                          .task = checkpoint->task.get(),
                          .steps = checkpoint->training ? checkpoint->training->steps_done : 0};
  const Status written = write_bytes(options.onnx, onnx_file(checkpoint->model, origin));
  return written ? exit_success : fail(written.error());
}

}  // namespace

void add_export(CLI::App& parent, int& exit_code) {
  CLI::App* command = parent.add_subcommand(
      "export", "Write a trained model for others: as an ONNX file, or as PyTorch code.");
  auto options = std::make_shared<ExportOptions>();
  command->add_option("model", options->model, "a checkpoint that `unroll train --out` or the page saved")
      ->type_name("MODEL")
      ->required();
  add_lane(*command, options->lane);
  command->add_option("--onnx", options->onnx, "the ONNX file to write")->type_name("FILE");
  command->add_option("--pytorch", options->python, "the Python file to write")->type_name("FILE");
  command->footer(
      "The ONNX file holds the whole network, for programs that use it (docs/onnx.md says what goes in and "
      "comes out).\nThe Python file has the cell's equations as a function of one step, the model around it, "
      "and load(MODEL). It needs\nPyTorch and nothing else; `python FILE MODEL TEXT` prints the loss that "
      "`unroll eval --json` does.\n\n"
      "Examples:\n"
      "  unroll export book.safetensors --onnx book.onnx\n"
      "  unroll export book.safetensors --pytorch book.py\n"
      "  python book.py book.safetensors other.txt");
  command->callback([options, &exit_code] { exit_code = run_export(*options); });
}

}  // namespace unroll::cli
