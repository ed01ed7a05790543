// `unroll tasks`: what can be learned beside a text of one's own, and the settings of each.
#include <algorithm>

#include "engine/base/utf8.h"
#include "engine/document/experiment.h"
#include "engine/generators/generator.h"
#include "web/cli/commands.h"
#include "web/cli/console.h"

namespace unroll::cli {

namespace {

int list_tasks() {
  size_t width = 0;
  for (const TaskKind* kind : task_kinds()) width = std::max(width, std::string_view(kind->name).size());
  std::string family;
  for (const TaskKind* kind : task_kinds()) {
    if (family != kind->family) print((family.empty() ? "" : "\n") + std::string(kind->family) + "\n");
    family = kind->family;
    std::string line = "  " + std::string(kind->name);
    line.resize(width + 4, ' ');
    const std::string_view about = kind->about;
    print(line + kind->title + ": " + std::string(about.substr(0, about.find('\n'))) + "\n");
  }
  return exit_success;
}

/// " (only with series=own)"
std::string only_when(const TaskField& field) {
  if (field.use.field == nullptr) return "";
  std::string words;
  for (const char* word : field.use.words) words += (words.empty() ? "" : " or ") + std::string(word);
  return " (only with " + std::string(field.use.field) + "=" + words + ")";
}

int print_task(const std::string& name) {
  const TaskKind* kind = find_task_kind(name);
  Experiment unused;
  if (kind == nullptr) {
    Error error = set_task(unused, name).error();
    return fail({quotation(name), "is no task", error.hint});
  }
  print(std::string(kind->title) + "\n" + kind->about + "\n");
  if (*kind->source != '\0') print("Source: " + std::string(kind->source) + "\n");
  if (kind->looks.own_data != nullptr) print("Data of your own: " + std::string(kind->looks.own_data) + "\n");
  if (learns_text({.name = kind->name})) {
    print("\nBuilt in, for --example ID, and without end:\n");
    for (const Generator* one : generators()) print("  " + std::string(one->id) + ": " + one->title + "\n");
  }
  print(kind->fields.empty() ? "\nIt has no settings.\n" : "\nSettings, for --set NAME=VALUE:\n");
  size_t width = 0;
  for (const TaskField& field : kind->fields) width = std::max(width, std::string_view(field.name).size());
  for (const TaskField& field : kind->fields) {
    std::string line = "  " + std::string(field.name);
    line.resize(width + 4, ' ');
    const std::string initial = default_text(field);
    print(line + field.help + only_when(field) + " [" + allowed(as_field(field)) +
          (initial.empty() ? "" : "; " + initial) + "]\n");
  }
  return exit_success;
}

}  // namespace

void add_tasks(CLI::App& parent, int& exit_code) {
  CLI::App* command =
      parent.add_subcommand("tasks", "List what can be learned, or tell one task's settings.");
  auto name = std::make_shared<std::string>();
  command->add_option("name", *name, "tell of this task")->type_name("NAME");
  command->footer(
      "Examples:\n"
      "  unroll tasks\n"
      "  unroll tasks text\n"
      "  unroll train --task NAME --set SETTING=VALUE --steps 2000 --json");
  command->callback([name, &exit_code] { exit_code = name->empty() ? list_tasks() : print_task(*name); });
}

}  // namespace unroll::cli
