// What a table of separated values is written in, recognised from its cells (series_csv.h). Each function gives what it found
// and, as a CsvFinding, why.
#pragma once

#include "engine/tasks/series_cells.h"
#include "engine/tasks/series_csv.h"

namespace unroll {

template <class T>
struct Recognised {
  T value;
  CsvFinding finding;
};

/// From the first lines of a text in UTF-8.
Recognised<char> recognise_separator(std::string_view text);

/// The number of columns that most records have, lines of one cell aside where there are others.
uint32_t usual_columns(const CsvCells&);

/// Where the dates are, of the records [first, …): a column (−1: none), their form, and a column with the time of day.
struct DatePlace {
  int column = -1;
  DateForm form = DateForm::none;
  int time_column = -1;
};
/// `form` and `column` where the caller knows them. The first record may be a header.
Recognised<DatePlace> recognise_dates(const CsvCells&, std::optional<DateForm> form,
                                      std::optional<int> column);

/// The mark and, where numbers have one, that of thousands (0: none).
struct NumberMarks {
  char decimal = '.', thousands = 0;
};
Recognised<NumberMarks> recognise_decimal(const CsvCells&, const DatePlace&, char separator,
                                          std::optional<char> decimal);

Recognised<bool> recognise_header(const CsvCells&, const DatePlace&, char decimal);

}  // namespace unroll
