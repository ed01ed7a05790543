// A lane's answers to a held-out example of its task beside the right ones, at the columns where something is asked.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "web/session/session.h"

namespace unroll {

struct Solution {
  std::vector<size_t> columns;  ///< where something is asked
  std::u32string right, said;   ///< classes as symbols, one for each of these; empty where they are numbers
  std::vector<float> right_numbers, said_numbers;  ///< the first number of each
  size_t hits = 0;                                 ///< classes that are right
  /// Of a translation, where the above is what is said after the right symbols: what the lane writes on its own, beside the
  /// source and the right target without its end. Of a string without places, where nothing is above: what its likeliest path
  /// says, beside the right one.
  std::optional<std::u32string> written;
  std::u32string source, target;

  bool numbers() const { return !right_numbers.empty(); }
  bool all_right() const { return !columns.empty() && hits == columns.size(); }
  bool translated() const { return written && *written == target; }
  double mean_error() const;  ///< of the numbers, absolute; NaN without any
};
/// The probe is of the example.
Solution solution_of(const ExampleView&, const ProbeResult&, const LaneView&);

/// The classes of the event's `written`, as symbols; nothing where it has none.
std::optional<std::u32string> written_of(const Json& header, const LaneView&);
/// Which of the written symbols are to be changed or taken out on the shortest way to the right ones.
std::vector<bool> errors_of(const std::u32string& written, const std::u32string& right);

/// The lane's answer to `probe` of an example; nothing when it does not hold what it should.
std::optional<ProbeResult> read_probe(const Json& header, std::span<const float> values, const LaneView&,
                                      const ExampleView&);

/// What is asked of a lane about an example, without an id: a probe, or where it says numbers the example with these.
Json example_command(const LaneView&, int64_t example, int top);

/// Asks a lane for its probe of an example that is not the timeline's, and reads what it answered last.
std::optional<Solution> ask_solution(Session&, size_t lane, int64_t example);
std::optional<Solution> told_solution(const Session&, size_t lane, int64_t example);

}  // namespace unroll
