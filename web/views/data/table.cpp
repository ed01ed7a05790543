// A table of one's own before it is learned: what was recognised in it and why, its first rows as they were understood, and
// what is no number or no date.
#include <algorithm>
#include <cmath>

#include "engine/base/utf8.h"
#include "web/toolkit/theme.h"
#include "web/toolkit/ui.h"
#include "web/views/data/data.h"
#include "web/views/published.h"

namespace unroll::data {
namespace {

constexpr size_t rows_shown = 4, columns_shown = 3, notes_shown = 6, problems_shown = 3;

void wrapped(const std::string& text, Rgb colour) {
  write(Face::small, colour, text.c_str(), ui::content_width());
}

/// Columns that hold numbers, as far as there is room for them.
std::vector<size_t> numbers_of(const CsvTable& table) {
  std::vector<size_t> columns;
  for (size_t c = 0; c < table.columns.size() && columns.size() < columns_shown; ++c)
    if (!table.columns[c].values.empty() && table.columns[c].kind == CsvColumn::Kind::number)
      columns.push_back(c);
  return columns;
}

std::string cell_text(double value) { return std::isfinite(value) ? shown(Json(value)) : "–"; }

/// The first rows: when, and what.
void draw_rows(const CsvTable& table) {
  const Palette& p = palette();
  const std::vector<size_t> columns = numbers_of(table);
  if (columns.empty() || table.length == 0) return;
  const float width = ui::content_width(), row = 18;
  const ImVec2 start = ImGui::GetCursorScreenPos();
  const float cell = width * 0.62f / static_cast<float>(columns.size());
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const size_t count = std::min(table.length, rows_shown);
  const ImVec2 end = start + ImVec2(width, row * static_cast<float>(count + 1) + 6);
  draw->AddRectFilled(start, end, solid(p.inset), corner());
  const WithFont small(Face::small);
  const auto put = [&](size_t place, size_t line, const std::string& text, Rgb colour) {
    const float room = (place == 0 ? width * 0.38f : cell) - space::s;
    const std::string shown = ui::shortened(text, room);
    const float left = place == 0 ? start.x + space::s
                                  : start.x + width * 0.38f + cell * static_cast<float>(place) - space::s -
                                        ImGui::CalcTextSize(shown.c_str()).x;
    draw->AddText({left, start.y + 3 + row * static_cast<float>(line)}, solid(colour), shown.c_str());
  };
  put(0, 0, table.date_column >= 0 ? table.columns[static_cast<size_t>(table.date_column)].name : "row",
      p.dim);
  for (size_t c = 0; c < columns.size(); ++c) put(c + 1, 0, table.columns[columns[c]].name, p.dim);
  for (size_t r = 0; r < count; ++r) {
    put(0, r + 1, table.axis.label(static_cast<int64_t>(r)), p.text);
    for (size_t c = 0; c < columns.size(); ++c)
      put(c + 1, r + 1, cell_text(table.columns[columns[c]].values[r]), p.text);
  }
  ImGui::Dummy(end - start);
  ui::register_widget("table.rows", start, end);
}

std::string problem_text(const CsvTable& table, const CsvProblem& problem) {
  const auto column = static_cast<size_t>(problem.column - 1);
  return "Line " + std::to_string(problem.line) + ", " +
         (column < table.columns.size() ? short_name(table.columns[column].name)
                                        : "column " + std::to_string(problem.column)) +
         ": " + quotation(problem.cell) + " is " + problem.what;
}

}  // namespace

void table_preview(const Session& session, TableRead& read) {
  const Palette& p = palette();
  if (read.of != session.data_hash()) {
    read.of = session.data_hash();
    read.table.emplace(read_csv(session.wanted.data.text, csv_choices_of(session.wanted.data.task)));
  }
  if (!*read.table) return wrapped(read.table->error().text(), p.error);
  const CsvTable& table = **read.table;
  const ImVec2 start = ImGui::GetCursorScreenPos();
  wrapped(std::to_string(table.rows) + (table.rows == 1 ? " row" : " rows") + " in " +
              std::to_string(table.columns.size()) + (table.columns.size() == 1 ? " column" : " columns") +
              ", read so:",
          p.text);
  for (const CsvFinding& finding : table.findings)
    wrapped(finding.what + ": " + finding.found + (finding.why.empty() ? "" : " (" + finding.why + ")"),
            finding.sure ? p.dim : p.warning);
  ui::register_widget("table.found", start, {start.x + ui::content_width(), ImGui::GetCursorScreenPos().y});
  draw_rows(table);
  for (size_t i = 0; i < std::min(table.notes.size(), notes_shown); ++i) wrapped(table.notes[i], p.warning);
  size_t problems = 0;
  for (const CsvColumn& column : table.columns)
    for (const CsvProblem& problem : column.problems)
      if (problems++ < problems_shown) wrapped(problem_text(table, problem), p.error);
}

Json table_json(const TableRead& read) {
  if (!read.table) return nullptr;
  if (!*read.table) return {{"error", read.table->error().text()}};
  const CsvTable& table = **read.table;
  Json findings = Json::object(), columns = Json::array(), problems = Json::array();
  for (const CsvFinding& finding : table.findings) findings[finding.what] = finding.found;
  for (const size_t c : numbers_of(table)) {
    const CsvColumn& column = table.columns[c];
    Json values = Json::array();
    for (size_t r = 0; r < std::min(column.values.size(), rows_shown); ++r)
      values.push_back(number_or_null(column.values[r]));
    columns.push_back({{"name", column.name}, {"values", std::move(values)}});
  }
  for (const CsvColumn& column : table.columns)
    for (const CsvProblem& problem : column.problems)
      if (problems.size() < problems_shown) problems.push_back(problem_text(table, problem));
  return {{"rows", table.rows},
          {"first", table.length > 0 ? table.axis.label(0) : ""},
          {"findings", std::move(findings)},
          {"columns", std::move(columns)},
          {"notes", table.notes},
          {"problems", std::move(problems)}};
}

}  // namespace unroll::data
