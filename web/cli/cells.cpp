// `unroll cells`: what ships, each with its equations.
#include <algorithm>

#include "engine/base/utf8.h"
#include "engine/cells/shipped.h"
#include "engine/document/experiment.h"
#include "web/cli/commands.h"
#include "web/cli/console.h"

namespace unroll::cli {

namespace {

int list_cells() {
  size_t width = 0;
  for (const char* name : field("lanes", "cell").words)
    width = std::max(width, std::string_view(name).size());
  for (const char* name : field("lanes", "cell").words) {
    std::string line = name;
    line.resize(width + 2, ' ');
    print(line + shipped_cell(name)->graph->title + "\n");
  }
  return exit_success;
}

int print_cell(const std::string& name) {
  const ShippedCell* cell = shipped_cell(name);
  if (cell) return print(cell->text) ? exit_success : exit_failure;
  return fail({quotation(name), "is no cell that ships", "`unroll cells` lists them"});
}

}  // namespace

void add_cells(CLI::App& parent, int& exit_code) {
  CLI::App* command = parent.add_subcommand("cells", "List the recurrent cells that ship, or print one.");
  auto name = std::make_shared<std::string>();
  command->add_option("name", *name, "print the file of this cell")->type_name("NAME");
  command->footer(
      "A cell is its equations. To change one, print it into a file, give it another name and train that.\n\n"
      "Examples:\n"
      "  unroll cells\n"
      "  unroll cells lstm > mine.cell\n"
      "  unroll train --example story --cell mine.cell");
  command->callback([name, &exit_code] { exit_code = name->empty() ? list_cells() : print_cell(*name); });
}

}  // namespace unroll::cli
