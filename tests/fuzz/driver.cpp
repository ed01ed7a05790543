// Runs a target on changed seeds for some seconds. It knows no coverage, as libFuzzer does, but needs nothing beyond the
// compiler and its sanitizers. What breaks a promise, crashes or takes too long is written to a file and named.
//
//   TARGET [--seconds N] [--seed N] [FILE…]    files: tried once each, instead of changed seeds
//   TARGET --write-seeds FOLDER                the seeds as files, for libFuzzer
#include <fcntl.h>
#include <sanitizer/common_interface_defs.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"
#include "tests/fuzz/fuzz.h"

namespace {

using unroll::Random;

constexpr size_t longest = 65536;      // bytes of an input
constexpr unsigned most_seconds = 60;  // for one input, on a busy machine with sanitizers

std::string input;  // the one that is tried
std::string crash_file;

/// Called while the program dies: nothing but system calls.
void save_input() {
  const int file = open(crash_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file < 0) return;
  size_t written = 0;
  while (written < input.size()) {
    const ssize_t n = write(file, input.data() + written, input.size() - written);
    if (n <= 0) break;
    written += static_cast<size_t>(n);
  }
  close(file);
  constexpr std::string_view said = "the input is in ";
  if (write(2, said.data(), said.size()) < 0 || write(2, crash_file.data(), crash_file.size()) < 0 ||
      write(2, "\n", 1) < 0)
    return;
}
void on_signal(int signal) {
  save_input();
  const std::string_view why = signal == SIGALRM ? "an input took too long\n" : "a promise was broken\n";
  _exit(write(2, why.data(), why.size()) < 0 ? 3 : 2);
}

class Mutator {
 public:
  Mutator(std::vector<std::string> seeds, uint64_t seed) : seeds_(std::move(seeds)), random_(seed) {}

  std::string next() {
    std::string text = any_seed();
    for (uint32_t changes = 1 + random_.below(6); changes > 0; --changes) change(text);
    if (text.size() > longest) text.resize(longest);
    return text;
  }

 private:
  const std::string& any_seed() { return seeds_[random_.below(static_cast<uint32_t>(seeds_.size()))]; }
  size_t place(const std::string& text) { return random_.below(static_cast<uint32_t>(text.size()) + 1); }
  size_t length(const std::string& text, size_t at) {
    const size_t rest = text.size() - at;
    return std::min<size_t>(rest, 1 + random_.below(random_.below(4) == 0 ? 200 : 8));
  }

  void change(std::string& text) {
    static constexpr std::string_view numbers[] = {"0",
                                                   "-1",
                                                   "1",
                                                   "2",
                                                   "0.5",
                                                   "1e-9",
                                                   "1e999",
                                                   "255",
                                                   "65536",
                                                   "4294967296",
                                                   "9223372036854775807",
                                                   "18446744073709551616",
                                                   "nan",
                                                   "",
                                                   "1.000,5",
                                                   "\"1\""};
    static constexpr std::string_view pieces[] = {"\"",
                                                  "{",
                                                  "}",
                                                  "[",
                                                  "]",
                                                  ",",
                                                  ":",
                                                  ";",
                                                  "\t",
                                                  "\n",
                                                  "\r\n",
                                                  " ",
                                                  "\\",
                                                  "(",
                                                  ")",
                                                  "\xef\xbb\xbf",
                                                  "\xff",
                                                  "\xed\xa0\x80",
                                                  "null",
                                                  "true",
                                                  "\xf0\x9f\x98\x80"};
    const size_t at = place(text);
    switch (random_.below(9)) {
      case 0:
        if (at < text.size())
          text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ (1u << random_.below(8)));
        break;
      case 1:
        if (at < text.size()) text[at] = static_cast<char>(random_.below(256));
        break;
      case 2:
        text.insert(at, 1, static_cast<char>(random_.below(256)));
        break;
      case 3:
        text.erase(at, length(text, at));
        break;
      case 4:  // once more
        text.insert(place(text), text.substr(at, length(text, at)));
        break;
      case 5: {  // a part of another
        const std::string& other = any_seed();
        const size_t from = place(other);
        text.insert(at, other, from, length(other, from));
        break;
      }
      case 6: {  // another number in place of one
        const size_t first = text.find_first_of("0123456789", at);
        if (first == std::string::npos) break;
        const size_t end = std::min(text.find_first_not_of("0123456789.", first), text.size());
        text.replace(first, end - first, numbers[random_.below(std::size(numbers))]);
        break;
      }
      case 7:
        text.insert(at, pieces[random_.below(std::size(pieces))]);
        break;
      default:
        text.resize(at);
    }
  }

  std::vector<std::string> seeds_;
  Random random_;
};

std::string content(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void try_one(std::string bytes) {
  input = std::move(bytes);
  alarm(most_seconds);
  unroll::fuzz::try_input(input);
  alarm(0);
}

}  // namespace

/// An outsider's file must not make the program ask for more than it could have been.
extern "C" const char* __asan_default_options() { return "max_allocation_size_mb=1024"; }

int main(int argc, char** argv) {
  const std::string program = argv[0];
  const std::string name = program.substr(program.find_last_of('/') + 1);
  double seconds = 10;
  uint64_t seed = 1;
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = [&]() -> std::string { return i + 1 < argc ? argv[++i] : ""; };
    if (word == "--seconds") {
      seconds = std::strtod(value().c_str(), nullptr);
    } else if (word == "--seed") {
      seed = std::strtoull(value().c_str(), nullptr, 10);
    } else if (word == "--write-seeds") {
      unroll::fuzz::write_seeds(value());
      return 0;
    } else if (word.starts_with("--")) {
      std::fprintf(stderr, "%s: unknown option; known: --seconds N, --seed N, --write-seeds FOLDER\n",
                   word.c_str());
      return 2;
    } else {
      files.push_back(word);
    }
  }
  crash_file = "crash-" + name + "-" + std::to_string(seed);
  __sanitizer_set_death_callback(save_input);
  signal(SIGABRT, on_signal);
  signal(SIGALRM, on_signal);

  for (const std::string& file : files) try_one(content(file));
  if (!files.empty()) return 0;
  const std::vector<std::string> seeds = unroll::fuzz::seeds();
  for (const std::string& one : seeds) try_one(one);
  Mutator mutator(seeds, seed);
  size_t count = seeds.size();
  using Clock = std::chrono::steady_clock;
  for (const auto end = Clock::now() + std::chrono::duration<double>(seconds); Clock::now() < end; ++count)
    try_one(mutator.next());
  std::printf("%s: %zu inputs in %.0f s, nothing found\n", name.c_str(), count, seconds);
}
