// `unroll check`: what is wrong with a cell, or what it is made of and whether its derivatives are right.
#include <algorithm>

#include "engine/cells/language.h"
#include "engine/cells/shipped.h"
#include "engine/document/experiment.h"
#include "engine/probes/cell_check.h"
#include "web/cli/commands.h"
#include "web/cli/console.h"
#include "web/cli/files.h"
#include "web/cli/number_flags.h"

namespace unroll::cli {

namespace {

constexpr double largest_error = 1e-6;
constexpr int most_checked = 16;  ///< units of the check of derivatives, which tries parameters one by one

struct CheckOptions {
  std::string cell;
  int hidden = 128;
};

/// Each problem with its line of the text and a mark below its place.
int tell(const std::string& path, const std::u32string& text, const std::vector<CellProblem>& problems) {
  for (const CellProblem& problem : problems) {
    say("unroll: " + path + ", " + problem.text());
    size_t start = 0;
    for (int line = 1; line < problem.place.line && start <= text.size(); ++line)
      start = std::min(text.find(U'\n', start), text.size()) + 1;
    if (start >= text.size()) continue;
    std::u32string line = text.substr(start, std::min(text.find(U'\n', start), text.size()) - start);
    std::ranges::replace(line, U'\t', U' ');
    const auto column = static_cast<size_t>(std::max(problem.place.column, 1)) - 1;
    say("  " + encode_utf8(line));
    say("  " + std::string(column, ' ') +
        std::string(static_cast<size_t>(std::max(problem.place.length, 1)), '^'));
  }
  return exit_failure;
}

/// "4H × I", "H × H", "3H"
std::string shape_of(const CellTensor& tensor) {
  const std::string rows = (tensor.blocks > 1 ? std::to_string(tensor.blocks) : "") + "H";
  if (tensor.shape == CellTensor::Shape::vector) return rows;
  if (tensor.shape == CellTensor::Shape::matrix_of_input) return rows + " × I";
  return rows + " × H" + (tensor.heads > 1 ? "/" + std::to_string(tensor.heads) : "");
}

std::string listed(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

int report(const std::shared_ptr<const CellGraph>& graph, int hidden) {
  const int multiple = hidden_multiple(*graph);
  if (hidden % multiple != 0)
    return fail({"--hidden", "found " + std::to_string(hidden),
                 "the cell has heads: allowed: multiples of " + std::to_string(multiple)});
  std::vector<std::string> states, equations, tensors;
  for (const CellState& state : graph->states) states.push_back(state.name);
  for (const CellEquation& equation : graph->equations) equations.push_back(equation.name);
  for (const CellTensor& tensor : graph->tensors)
    tensors.push_back(tensor.name + " (" + shape_of(tensor) + ")");
  print("cell        " + graph->name + (graph->title.empty() ? "" : ": " + graph->title) + "\n");
  print("states      " + listed(states) + "\n");
  print("equations   " + listed(equations) + "\n");
  print("tensors     " + listed(tensors) + "\n");
  const auto count = parameter_count(*graph, hidden, hidden);
  print("parameters  " + grouped(static_cast<int64_t>(count)) + " in a layer of H = " +
        std::to_string(hidden) + " units over one of I = " + std::to_string(hidden) + "\n");

  const int checked = std::max(std::min(hidden, most_checked) / multiple, 1) * multiple;
  const CellCheck check = check_derivatives(graph, checked);
  if (!check.not_finite.empty())
    return fail({"equation " + check.not_finite,
                 "gives a number that is not finite, with random weights and inputs",
                 "bound what is divided by, and what exp and log are of"});
  if (graph->tensors.empty()) return exit_success;
  char error[32];
  std::snprintf(error, sizeof error, "%.1e", check.error);
  const std::string of =
      std::string(error) + " relative, of " + std::to_string(check.parameters) + " parameters";
  if (!(check.error < largest_error))
    return fail({"", "the derivatives differ from finite differences by " + of,
                 "below 1e-6 is right; functions with a kink, as max, may miss it by chance"});
  print("gradient    as finite differences in double precision: " + of + "\n");
  return exit_success;
}

int run_check(const CheckOptions& options) {
  if (const auto shipped = graph_of(options.cell)) return report(shipped, options.hidden);
  const auto file = read_text(options.cell, CellLimits::bytes);
  if (!file) return fail(file.error());
  const auto text = decode_utf8(*file);
  if (!text) return fail(in_file(options.cell, text.error()));
  const CellReading reading = read_cell(encode_utf8(*text));
  return reading.graph ? report(reading.graph, options.hidden) : tell(options.cell, *text, reading.problems);
}

}  // namespace

void add_check(CLI::App& parent, int& exit_code) {
  CLI::App* command = parent.add_subcommand("check", "Check a cell: its text, parameters and derivatives.");
  auto options = std::make_shared<CheckOptions>();
  command->add_option("--cell", options->cell, "a file of equations, or the name of a cell that ships")
      ->type_name("FILE")
      ->required();
  add_number(*command, "--hidden", options->hidden, range(field("lanes", "hidden")),
             "count the parameters for so many hidden units [1 to 2048; 128]");
  command->footer(
      "What is wrong with the text is told with its line and a mark below its place; the exit code is then "
      "2. Else it "
      "prints\n"
      "what the cell is made of, and whether its derivatives are those of finite differences.\n\n"
      "Examples:\n"
      "  unroll check --cell mine.cell\n"
      "  unroll check --cell peephole --hidden 64");
  command->callback([options, &exit_code] { exit_code = run_check(*options); });
}

}  // namespace unroll::cli
