// What the command line says, and how: results on stdout, everything for people watching on stderr.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace unroll::cli {

inline constexpr int exit_success = 0;
inline constexpr int exit_failure = 2;        ///< every error; the message says what to do next
inline constexpr int exit_interrupted = 130;  ///< stopped by Ctrl-C and the like (signals.h), after saving

/// Prints "unroll: where: what (hint)" and returns exit_failure.
int fail(const Error&);

/// For main, first of all: makes sure that files do not get the numbers of standard streams that were closed. What is
/// printed to a closed standard output counts as not written; a closed standard error asks for silence.
void open_standard_streams();

/// What std::bad_alloc says to people.
Error out_of_memory();

/// Text on stdout. False when it could not be written.
bool print(std::string_view text);
bool flush_output();

/// The exit code of a program that is about to end with `exit_code`: exit_failure, and why, when results or messages
/// could not be written.
int end_output(int exit_code);

/// A line on stderr, on which nothing that it quotes can act on the terminal (readable() of engine/base/utf8.h).
void say(const std::string& line);

std::string grouped(int64_t number);                  ///< 1,115,394
std::string fixed(double number, int digits);         ///< 1.640
std::string duration(std::chrono::duration<double>);  ///< 0:07, 12:34, 1:02:03
double bits(double nats);

/// One line on stderr that is drawn over itself, at most ten times a second, and only on a terminal.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();  ///< removes the line
  bool is_due() const;
  void draw(const std::string& text);
  void clear();

 private:
  bool on_terminal_;
  bool visible_ = false;
  std::chrono::steady_clock::time_point drawn_{};
};

}  // namespace unroll::cli
