// A table of one's own as a series (series_task.h).
#include <algorithm>
#include <cmath>

#include "engine/base/utf8.h"
#include "engine/tasks/series_task.h"

namespace unroll {

namespace {

std::string names_of_numbers(const CsvTable& table) {
  std::string text;
  int told = 0;
  for (const CsvColumn& column : table.columns) {
    if (column.kind != CsvColumn::Kind::number && column.kind != CsvColumn::Kind::row_number) continue;
    if (++told > 12) return text + ", …";
    text += (text.empty() ? "" : ", ") + short_name(column.name);
  }
  return text;
}

/// Of a column that is to be used: whether it can be.
Status usable(const CsvTable& table, int index) {
  const CsvColumn& column = table.columns[static_cast<size_t>(index)];
  if (column.values.empty())
    return Error{"", quotation(column.name) + " holds no numbers",
                 "columns with numbers: " + names_of_numbers(table)};
  if (column.problem_count == 0) return ok();
  const CsvProblem& first = column.problems[0];
  std::string what = quotation(first.cell) + " is " + first.what;
  if (column.problem_count > 1) what += " (and " + std::to_string(column.problem_count - 1) + " more)";
  return Error{"line " + std::to_string(first.line) + ", column " + std::to_string(first.column) + " (" +
                   short_name(column.name) + ")",
               what, "mend the cell, empty it where a value is missing, or choose another decimal mark"};
}

Status dates_usable(const CsvTable& table) {
  for (const int index : {table.date_column, table.time_column}) {
    if (index < 0) continue;
    const CsvColumn& column = table.columns[static_cast<size_t>(index)];
    if (column.problem_count == 0) continue;
    const CsvProblem& first = column.problems[0];
    return Error{"line " + std::to_string(first.line) + ", column " + std::to_string(first.column) + " (" +
                     short_name(column.name) + ")",
                 quotation(first.cell) + " is " + first.what,
                 "mend the cell, or choose another form of dates"};
  }
  return ok();
}

Result<std::vector<int>> listed(const CsvTable& table, std::string_view inputs, int predicted) {
  std::vector<int> columns;
  if (inputs == "all") {
    for (size_t c = 0; c < table.columns.size(); ++c)
      if (table.columns[c].kind == CsvColumn::Kind::number && static_cast<int>(c) != predicted)
        columns.push_back(static_cast<int>(c));
    return columns;
  }
  while (!inputs.empty()) {
    const size_t comma = inputs.find(',');
    std::string_view name = inputs.substr(0, comma);
    inputs.remove_prefix(comma == inputs.npos ? inputs.size() : comma + 1);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (name.empty()) continue;
    const int column = table.find(name);
    if (column < 0)
      return Error{"data.task.inputs", "there is no column " + quotation(name),
                   "columns with numbers: " + names_of_numbers(table)};
    if (column != predicted && std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
  }
  return columns;
}

}  // namespace

Result<Series> series_of_table(const CsvTable& table, std::string_view column, std::string_view inputs) {
  if (Status status = dates_usable(table); !status) return status.error();
  int predicted = table.first_numbers();
  if (!column.empty()) {
    predicted = table.find(column);
    if (predicted < 0)
      return Error{"data.task.column", "there is no column " + quotation(column),
                   "columns with numbers: " + names_of_numbers(table)};
  }
  if (predicted < 0)
    return Error{"", "no column holds numbers", "give a column of numbers; is the separator right?"};
  auto others = listed(table, inputs, predicted);
  if (!others) return others.error();
  others->insert(others->begin(), predicted);

  Series series;
  series.axis = table.axis;
  series.seasons = usual_seasons(table.axis.step);
  for (const int index : *others) {
    if (Status status = usable(table, index); !status) return status.error();
    const CsvColumn& used = table.columns[static_cast<size_t>(index)];
    series.names.push_back(used.name);
    series.columns.push_back(used.values);
  }
  series.title = series.quantity = series.names[0];
  // A season needs to come again before anything can be learned of it.
  std::erase_if(series.seasons,
                [&](double season) { return 2 * season > static_cast<double>(series.length()); });
  return series;
}

}  // namespace unroll
