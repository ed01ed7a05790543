// A table as people have it: separated values from a spreadsheet, a meter or a bank. What the separator, the decimal mark, the
// header and the dates are is recognised, said with the reason, and can be corrected by the caller. Gaps stay gaps: a missing
// value is NaN, and a missing row of a regular series becomes one. Uses engine/base; the terms: RFC 4180, but for what people do.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/tasks/kinds.h"
#include "engine/tasks/series_time.h"

namespace unroll {

struct CsvLimits {
  static constexpr size_t rows = 200'000;  ///< of the table, blank lines not counted
  static constexpr size_t columns = 256;
  static constexpr size_t cells = 4'000'000;
  static constexpr size_t problems = 20;  ///< told one by one; the rest is counted
};

/// What the caller knows better; what is empty is recognised.
struct CsvChoices {
  std::optional<char> separator = std::nullopt;  ///< , ; tab | blank; 0: one column
  std::optional<char> decimal = std::nullopt;    ///< . or ,
  std::optional<bool> header = std::nullopt;
  std::optional<DateForm> dates = std::nullopt;   ///< none: rows follow each other without dates
  std::optional<int> date_column = std::nullopt;  ///< from 0
};

/// As the fields of the task `series` have it.
CsvChoices csv_choices_of(const TaskSpec&);

/// A line for the screen: "Separator: semicolon (all 3 lines have 1)".
struct CsvFinding {
  std::string what, found, why;
  bool sure = true;  ///< false: it could as well be read another way; `why` says which
};

/// A cell that is no number, or a date that is none. `line` as an editor counts it, from 1; `column` from 1.
struct CsvProblem {
  size_t line;
  int column;
  std::string cell, what;
};

struct CsvColumn {
  std::string name;  ///< of the header, else "column 2"; no two alike
  enum class Kind { number, row_number, date, time, text, empty } kind = Kind::number;
  std::vector<double> values;  ///< of a number: one for each step of the axis; NaN: missing
  size_t missing = 0;          ///< of `values`, rows that are not there included
  std::vector<CsvProblem> problems = {};
  size_t problem_count = 0;
};

struct CsvTable {
  char separator = 0, decimal = '.', thousands = 0;  ///< 0: there is none
  bool header = false;
  DateForm dates = DateForm::none;
  int date_column = -1, time_column = -1;  ///< the time of day, where it has a column of its own
  std::vector<CsvColumn> columns;          ///< of the file, in its order
  TimeAxis axis;
  size_t length = 0;  ///< of the axis
  size_t rows = 0;    ///< that had a place on it
  std::vector<CsvFinding> findings;
  std::vector<std::string> notes;  ///< what was left out, put in order or taken as missing

  /// The first column of numbers that does not only count the rows; −1: there is none.
  int first_numbers() const;
  /// By name (case aside) or by number from 1; −1.
  int find(std::string_view column) const;
};

/// Any bytes are read or refused, in time proportional to their number. Errors say the line and what to do.
Result<CsvTable> read_csv(std::string_view bytes, const CsvChoices& choices = {});

// --- Its parts -------------------------------------------------------------------------------------------------------

/// A number as people write it, with this decimal mark: 1.234,5 · 1 234.5 · 1'234 · −3 · 12 % · $3,505 · (12.5) · 1e-3. NaN:
/// the cell says that the value is missing (empty, NA, NaN, null, -, ., … ). Nothing: it is no number.
std::optional<double> read_cell_number(std::string_view cell, char decimal);
/// "semicolon", "tab", "comma", …
const char* mark_name(char mark);

}  // namespace unroll
