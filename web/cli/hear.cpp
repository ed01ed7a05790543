// `unroll hear`: recordings as the lines that an experiment keeps of them.
#include "web/cli/commands.h"
#include "web/cli/console.h"
#include "web/cli/recordings.h"

namespace unroll::cli {

void add_hear(CLI::App& parent, int& exit_code) {
  CLI::App* command =
      parent.add_subcommand("hear",
                            "Print what the tasks `spoken` and `strings` hear of recordings: a line each, "
                            "as a file of its own for --data or the page.");
  auto path = std::make_shared<std::string>();
  command->add_option("path", *path, "a folder of WAV files, or one of them")
      ->type_name("FOLDER")
      ->required();
  command->footer(
      "A line is the word, who says it, and 26 characters for each 20 ms: how loud each band of pitch is.\n"
      "The word and who says it come from the name: 7_jackson_32.wav, or yes/jackson_3.wav.\n\n"
      "Example:\n"
      "  unroll hear recordings > words.txt");
  command->callback([path, &exit_code] {
    const auto lines = read_recordings(*path);
    if (!lines) {
      exit_code = fail(lines.error());
      return;
    }
    print(*lines);
    exit_code = exit_success;
  });
}

}  // namespace unroll::cli
