// Pairs from a text of lines: one's own. A line is a source, a tab and its target; empty lines are passed over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace unroll {

struct PairLine {
  size_t line = 0;  ///< from 1
  std::string source, target;
};

struct PairLines {
  std::vector<PairLine> pairs;  ///< each once
  std::string
      told;  ///< what was recognised, for people: "96 pairs: a source, a tab, its target; one line comes again"
};

/// Errors name the line: no tab or more than one, a side with nothing in it.
Result<PairLines> read_pair_lines(std::string_view text);

}  // namespace unroll
