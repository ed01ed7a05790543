#include "engine/cells/language.h"

#include <algorithm>
#include <tuple>

#include "engine/cells/language/syntax.h"

namespace unroll {

std::string CellProblem::text() const {
  const std::string where =
      "line " + std::to_string(place.line) + ", column " + std::to_string(place.column) + ": ";
  return where + found + (allowed.empty() ? "" : " (" + allowed + ")");
}

CellReading read_cell(std::string_view text) {
  CellReading reading;
  const std::vector<cell_syntax::Line> lines = cell_syntax::lines_of(text, reading.problems);
  if (!lines.empty() || reading.problems.empty()) {
    cell_syntax::Syntax syntax = cell_syntax::parse(lines, reading.problems);
    if (!lines.empty()) reading.graph = cell_syntax::check(std::move(syntax), text, reading.problems);
  }
  std::ranges::sort(reading.problems, {}, [](const CellProblem& problem) {
    return std::tuple(problem.place.line, problem.place.column, problem.found);
  });
  if (reading.problems.size() > static_cast<size_t>(CellLimits::problems))
    reading.problems.resize(static_cast<size_t>(CellLimits::problems));
  return reading;
}

}  // namespace unroll
