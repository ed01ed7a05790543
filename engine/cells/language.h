// The language in which a cell is written, and its reader: text → checked graph (graph.h), or what is wrong with it.
// docs/cells.md has the language on one page, with the names that tensors get.
//
//   cell NAME "Title"            # where it comes from
//   state c, m = -1, h           # what is carried from step to step, with its value before the first character, else 0
//   f = sigmoid(lin(x) + lin(h[t-1]))     # help on screen. One equation a line, in any order
//   init f.bias = 1              # what a block of a tensor starts with
//   bound weight_diag_h in [-1, 1]        # and where it is kept
//
// Whatever is read: nothing crashes, recurses deeper than CellLimits::depth brackets or needs more than 2 MB.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cells/graph.h"

namespace unroll {

/// What a text may have at most; stated once, shown in messages.
struct CellLimits {
  static constexpr int bytes = 8192;
  static constexpr int equations = 40;
  static constexpr int states = 8;
  static constexpr int nodes = 300;  ///< operations, names and numbers in all right sides together
  static constexpr int depth = 32;   ///< brackets and signs within each other
  static constexpr int name = 24;    ///< characters
  static constexpr int title = 80;
  static constexpr int heads = 16;
  static constexpr double number = 1e30;
  static constexpr int problems = 20;  ///< that are told at once
};

/// For a person: where, what is there, and what may stand there or what to do.
struct CellProblem {
  CellPlace place;
  std::string found, allowed;

  std::string text() const;  ///< one line: "line 3, column 5: hh is not known here (did you mean h?)"
  bool operator==(const CellProblem&) const = default;
};

struct CellReading {
  std::shared_ptr<const CellGraph> graph;  ///< null when there are problems
  std::vector<CellProblem> problems;       ///< in the order of the text
};

CellReading read_cell(std::string_view text);

/// Whether an equation can be called so.
bool can_name_equation(std::string_view word);

}  // namespace unroll
