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

  bool numbers() const { return !right_numbers.empty(); }
  bool all_right() const { return !columns.empty() && hits == columns.size(); }
  double mean_error() const;  ///< of the numbers, absolute; NaN without any
};
/// The probe is of the example.
Solution solution_of(const ExampleView&, const ProbeResult&, const LaneView&);

/// The lane's answer to `probe` of an example; nothing when it does not hold what it should.
std::optional<ProbeResult> read_probe(const Json& header, std::span<const float> values, const LaneView&,
                                      const ExampleView&);

/// What is asked of a lane about an example, without an id: a probe, or where it says numbers the example with these.
Json example_command(const LaneView&, int64_t example, int top);

/// Asks a lane for its probe of an example that is not the timeline's, and reads what it answered last.
std::optional<Solution> ask_solution(Session&, size_t lane, int64_t example);
std::optional<Solution> told_solution(const Session&, size_t lane, int64_t example);

}  // namespace unroll
