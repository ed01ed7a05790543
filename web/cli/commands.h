// The commands of `unroll`: each adds its subcommand; when that is chosen, its exit code goes to `exit_code`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "engine/base/result.h"

namespace unroll::cli {

void add_train(CLI::App& parent, int& exit_code);
void add_sample(CLI::App& parent, int& exit_code);
void add_eval(CLI::App& parent, int& exit_code);
void add_horizon(CLI::App& parent, int& exit_code);
void add_cells(CLI::App& parent, int& exit_code);
void add_tasks(CLI::App& parent, int& exit_code);
void add_export(CLI::App& parent, int& exit_code);
void add_check(CLI::App& parent, int& exit_code);
void add_hear(CLI::App& parent, int& exit_code);

/// --lane of a .unroll file, the same in every command that reads a trained model.
void add_lane(CLI::App& command, int& lane);
/// --isa, the same in every command.
void add_isa(CLI::App& command, std::string& isa);
Status choose_isa(const std::string& isa);

}  // namespace unroll::cli
