// `unroll`: train, sample and evaluate recurrent character models on the command line, with the same engine, the same
// experiment document and the same checkpoints as the page.
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>
#include <system_error>

#include "engine/base/utf8.h"
#include "engine/document/experiment.h"
#include "engine/kernels/kernels.h"
#include "web/cli/commands.h"
#include "web/cli/console.h"
#include "web/cli/number_flags.h"
#include "web/cli/signals.h"

namespace unroll::cli {

namespace {

std::string isa_names() {
  std::string names;
  for (const kernels::Kernels* table : kernels::available())
    names += (names.empty() ? "" : ", ") + std::string(table->name);
  return names;
}

/// An option in the help is its name and a word for its value; allowed values and [default] stand in the text.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter() { column_width(28); }
  std::string make_option_opts(const CLI::Option* option) const override {
    return option->get_type_name().empty() ? "" : " " + option->get_type_name();
  }
};

}  // namespace

void add_isa(CLI::App& command, std::string& isa) {
  command.add_option("--isa", isa, "instruction set; here: " + isa_names() + " [the best]")
      ->type_name("NAME");
}

void add_lane(CLI::App& command, int& lane) {
  add_number(command, "--lane", lane, {0, Limits::lanes - 1, true},
             "which lane of a .unroll file, counted from 0 [0]");
}

Status choose_isa(const std::string& isa) {
  if (isa.empty() || kernels::force(isa.c_str())) return ok();
  return Error{"--isa", quotation(isa) + " is not available here", "allowed: " + isa_names()};
}

}  // namespace unroll::cli

namespace {

/// Parses the command line and runs its command: the exit code. What throws is caught by main.
int run(int argc, char** argv) {
  using namespace unroll::cli;
  CLI::App app("Unroll: train small recurrent networks on text and other sequences, and use them.", "unroll");
  app.set_version_flag("--version", "unroll " UNROLL_VERSION);
  app.require_subcommand(1);
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.formatter(std::make_shared<HelpFormatter>());
  app.footer(
      "Examples:\n"
      "  unroll train --text book.txt --cell lstm --steps 2000 --out book.safetensors\n"
      "  unroll sample --model book.safetensors --prompt \"Once \" --length 300\n"
      "  unroll eval --model book.safetensors --text other.txt\n"
      "  unroll tasks\n"
      "  unroll horizon --example recall --parameters 20000\n"
      "`unroll train --help` lists the flags of train, and so on.\n\n"
      "Exit codes: 0 done, 2 error (the message says what to do), 130 stopped by Ctrl-C, SIGTERM or SIGHUP, "
      "after "
      "saving.");
  int exit_code = exit_success;
  add_train(app, exit_code);
  add_sample(app, exit_code);
  add_eval(app, exit_code);
  add_horizon(app, exit_code);
  add_cells(app, exit_code);
  add_tasks(app, exit_code);
  add_export(app, exit_code);
  add_check(app, exit_code);
  add_hear(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const FlagError& error) {
    return fail(error.error);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    std::string command;
    for (const CLI::App* chosen : app.get_subcommands()) command = " " + chosen->get_name();
    return fail({"", error.what(), "see `unroll" + command + " --help`"});
  }
  return exit_code;
}

/// Before main, and where not even an exception finds memory, the C++ library ends the program without a word for people.
std::terminate_handler end_otherwise = nullptr;
[[gnu::constructor(101)]] void explain_no_memory() {
  end_otherwise = std::set_terminate([] {
    constexpr std::string_view text =
        "unroll: there is not enough memory to begin (allow more, see ulimit -v)\n";
    constexpr size_t little = 1 << 17;
    if (std::current_exception() || std::malloc(little) || write(STDERR_FILENO, text.data(), text.size()) < 0)
      end_otherwise();
    _exit(unroll::cli::exit_failure);
  });
}

}  // namespace

int main(int argc, char** argv) {
  using namespace unroll::cli;
  open_standard_streams();
  catch_stop_signals();
  // The engine and the commands return their errors; what comes here is what the system has no more of.
  try {
    return end_output(run(argc, argv));
  } catch (const std::bad_alloc&) {
    return fail(out_of_memory());
  } catch (const std::system_error& error) {
    return fail({"", std::string("the system refused: ") + error.what(), "see its limits (ulimit -a)"});
  } catch (const std::exception& error) {
    return fail({"", error.what(), "please report it as a bug of Unroll"});
  }
}
