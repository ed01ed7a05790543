#include "engine/tasks/series_csv.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "engine/base/number.h"
#include "engine/base/utf8.h"
#include "engine/tasks/series_recognise.h"

namespace unroll {

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// As UTF-8 with "\n" as line ends: what is no UTF-8 is taken as Latin-1, which old spreadsheets write.
Result<std::string> as_utf8(std::string_view bytes, std::vector<std::string>& notes) {
  auto text = clean_utf8(std::string(bytes));
  if (text) return text;
  if (bytes.find('\0') != bytes.npos || bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff"))
    return text;
  std::string latin;
  for (const char c : bytes) latin += encode_utf8(static_cast<char32_t>(static_cast<unsigned char>(c)));
  notes.push_back("The bytes are no UTF-8; they were read as Latin-1");
  return clean_utf8(std::move(latin));
}

/// Takes "sep=;" of the first line, as spreadsheets write it.
std::optional<char> take_named_separator(std::string_view& text) {
  if (text.size() < 5 || !(text.starts_with("sep=") || text.starts_with("SEP="))) return std::nullopt;
  const char mark = text[4];
  if (std::string_view(",;\t| ").find(mark) == std::string_view::npos || (text.size() > 5 && text[5] != '\n'))
    return std::nullopt;
  text.remove_prefix(std::min<size_t>(6, text.size()));
  return mark;
}

std::string lines_text(const std::vector<uint32_t>& lines) {
  std::string text = lines.size() == 1 ? "line " : "lines ";
  for (size_t i = 0; i < std::min<size_t>(lines.size(), 5); ++i)
    text += (i ? ", " : "") + std::to_string(lines[i]);
  return lines.size() > 5 ? text + " and " + std::to_string(lines.size() - 5) + " more" : text;
}

/// Reads a table whose form is known, step by step.
struct Reader {
  const CsvChoices& choices;
  CsvTable table = {};
  CsvCells cells = {};
  std::vector<size_t> rows = {};     ///< of the records that are rows of the table
  std::vector<Moment> moments = {};  ///< of these rows, where there are dates
  std::vector<int64_t> places = {};  ///< of these rows on the axis
  std::vector<uint32_t> short_rows = {}, long_rows = {};

  void note(std::string text) { table.notes.push_back(std::move(text)); }

  /// What stands above and below the table, of another width: titles, sources, sums.
  void trim_records() {
    auto& records = cells.records;
    const uint32_t usual = usual_columns(cells);
    if (usual < 2) return;
    size_t first = 0;
    while (first < records.size() && first < 50 && records[first].count != usual) ++first;
    // Rows that are merely short begin with something that a row begins with.
    const auto is_text = [&](const CsvCells::Record& record) {
      const std::string_view cell = cells.cell(record, 0);
      for (const DateForm form :
           {DateForm::ymd, DateForm::dmy, DateForm::mdy, DateForm::ym, DateForm::my, DateForm::quarter})
        if (read_date(cell, form)) return false;
      const auto number = read_cell_number(cell, '.');
      return !number && !read_cell_number(cell, ',');
    };
    std::vector<uint32_t> out;
    const auto leave_out = [&](size_t begin, size_t end) {
      for (size_t r = begin; r < end; ++r) out.push_back(records[r].line);
      records.erase(records.begin() + static_cast<std::ptrdiff_t>(begin),
                    records.begin() + static_cast<std::ptrdiff_t>(end));
    };
    if (first < records.size() &&
        std::all_of(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(first), is_text))
      leave_out(0, first);
    size_t end = records.size();
    while (end > 0 && end + 20 > records.size() && records[end - 1].count != usual &&
           is_text(records[end - 1]))
      --end;
    leave_out(end, records.size());
    if (!out.empty()) note("Left out what is no part of the table: " + lines_text(out));
  }

  void name_columns() {
    const size_t width = usual_columns(cells);
    std::set<std::string> used;
    for (size_t c = 0; c < width; ++c) {
      CsvColumn column{};
      if (table.header) column.name = readable(cells.cell(cells.records[0], c));
      if (column.name.empty()) column.name = "column " + std::to_string(c + 1);
      const std::string name = column.name;
      for (int again = 2; !used.insert(column.name).second; ++again)
        column.name = name + " (" + std::to_string(again) + ")";
      table.columns.push_back(std::move(column));
    }
  }

  void problem(size_t column, const CsvCells::Record& record, std::string what) {
    CsvColumn& out = table.columns[column];
    if (++out.problem_count <= CsvLimits::problems)
      out.problems.push_back({record.line, static_cast<int>(column) + 1,
                              std::string(shortened(cells.cell(record, column))), std::move(what)});
  }

  void read_moments() {
    const auto date_column = static_cast<size_t>(table.date_column);
    for (size_t r = table.header ? 1 : 0; r < cells.records.size(); ++r) {
      const auto& record = cells.records[r];
      if (table.date_column < 0) {
        rows.push_back(r);
        continue;
      }
      auto moment = read_date(cells.cell(record, date_column), table.dates);
      if (!moment) {
        problem(date_column, record, std::string("no date as ") + title(table.dates));
        continue;
      }
      if (table.time_column >= 0) {
        const auto time = read_time_of_day(cells.cell(record, static_cast<size_t>(table.time_column)));
        if (!time) {
          problem(static_cast<size_t>(table.time_column), record, "no time of day");
          continue;
        }
        *moment += *time;
      }
      rows.push_back(r);
      moments.push_back(*moment);
    }
  }

  /// By date, the last of equal ones.
  void sort_rows() {
    if (std::ranges::adjacent_find(moments, std::greater_equal<>()) == moments.end()) return;
    std::vector<size_t> order(rows.size());
    std::iota(order.begin(), order.end(), size_t{0});
    if (!std::ranges::is_sorted(moments)) {
      const bool reversed = std::ranges::is_sorted(moments, std::greater<>());
      note(reversed ? "The newest row stood first; the rows were turned round"
                    : "The rows were put in the order of their dates");
      std::ranges::sort(order, [&](size_t a, size_t b) {
        return moments[a] != moments[b] ? moments[a] < moments[b] : a < b;
      });
    }
    std::vector<size_t> kept;
    std::vector<uint32_t> doubles;
    for (size_t i = 0; i < order.size(); ++i) {
      if (i + 1 < order.size() && moments[order[i]] == moments[order[i + 1]])
        doubles.push_back(cells.records[rows[order[i]]].line);
      else
        kept.push_back(order[i]);
    }
    if (!doubles.empty())
      note("A later row has the same date, and counts instead of: " + lines_text(doubles));
    std::vector<size_t> new_rows;
    std::vector<Moment> new_moments;
    for (const size_t i : kept) new_rows.push_back(rows[i]), new_moments.push_back(moments[i]);
    rows = std::move(new_rows);
    moments = std::move(new_moments);
  }

  void place_rows() {
    table.rows = rows.size();
    std::string found = "none", why = "there are no dates; the rows follow each other";
    if (auto grid = table.date_column >= 0 ? grid_of(moments) : std::nullopt) {
      places = std::move(grid->positions);
      table.axis.step = grid->step;
      found = name(grid->step);
      const auto gaps = static_cast<size_t>(places.back() + 1) - rows.size();
      why = gaps ? counted(gaps, "row is", "rows are") + " not there and counted as missing"
                 : "all dates follow each other so";
    } else {
      places.resize(rows.size());
      std::iota(places.begin(), places.end(), int64_t{0});
      table.axis.moments = moments;
      if (table.date_column >= 0) why = "the dates follow no rule; the rows are taken one after another";
    }
    if (!moments.empty()) table.axis.start = moments[0];
    table.length = places.empty() ? 0 : static_cast<size_t>(places.back()) + 1;
    table.findings.push_back({"Time step", found, why});
  }

  void read_columns() {
    for (size_t c = 0; c < table.columns.size(); ++c) {
      CsvColumn& column = table.columns[c];
      if (static_cast<int>(c) == table.date_column || static_cast<int>(c) == table.time_column) {
        column.kind =
            static_cast<int>(c) == table.date_column ? CsvColumn::Kind::date : CsvColumn::Kind::time;
        continue;
      }
      column.values.assign(table.length, missing);
      size_t numbers = 0, others = 0;
      bool counts = true;
      for (size_t i = 0; i < rows.size(); ++i) {
        const auto& record = cells.records[rows[i]];
        const auto number = read_cell_number(cells.cell(record, c), table.decimal);
        if (!number) {
          ++others;
          problem(c, record, "no number");
        } else if (!std::isnan(*number)) {
          const double before = i ? column.values[static_cast<size_t>(places[i - 1])] : *number - 1;
          counts = counts && *number == before + 1 && *number == std::floor(*number);
          ++numbers;
          column.values[static_cast<size_t>(places[i])] = *number;
        }
      }
      column.missing = table.length - numbers;
      if (numbers == 0 || numbers < others) {
        column.kind = others ? CsvColumn::Kind::text : CsvColumn::Kind::empty;
        column.values.clear();
        column.problems.clear();
        column.problem_count = 0;
      } else if (c == 0 && counts && numbers == rows.size() && numbers > 2) {
        column.kind = CsvColumn::Kind::row_number;
      }
      note_codes(column);
    }
    // A file of 1, 2, 3, … alone means these numbers.
    if (table.first_numbers() < 0)
      for (CsvColumn& column : table.columns)
        if (column.kind == CsvColumn::Kind::row_number) column.kind = CsvColumn::Kind::number;
    // A mark at the end of each line makes a last column without a name and without cells.
    if (table.columns.size() > 1 && table.columns.back().kind == CsvColumn::Kind::empty &&
        (!table.header || cells.cell(cells.records[0], table.columns.size() - 1).empty()))
      table.columns.pop_back();
  }

  void note_codes(const CsvColumn& column) {
    for (const double code : {-999.0, -9999.0, -99999.0}) {
      const auto count = static_cast<size_t>(std::ranges::count(column.values, code));
      if (count)
        note("\"" + column.name + "\" holds " + std::to_string(static_cast<int>(code)) + " " +
             counted(count, "time", "times") + "; if that stands for a missing value, empty these cells");
    }
  }

  void note_widths() {
    const auto width = static_cast<uint32_t>(table.columns.size());
    for (const size_t r : rows) {
      const auto& record = cells.records[r];
      if (record.count < width) short_rows.push_back(record.line);
      for (uint32_t c = width; c < record.count; ++c) {
        if (cells.cell(record, c).empty()) continue;
        long_rows.push_back(record.line);
        break;
      }
    }
    if (!short_rows.empty()) note("Too few cells, the rest counts as missing: " + lines_text(short_rows));
    if (!long_rows.empty())
      note("Too many cells, those behind the last column are not used: " + lines_text(long_rows));
    if (cells.comments)
      note(counted(cells.comments, "line begins", "lines begin") + " with # and were left out");
    if (cells.blank) note(counted(cells.blank, "blank line was", "blank lines were") + " left out");
  }
};

}  // namespace

int CsvTable::first_numbers() const {
  for (size_t c = 0; c < columns.size(); ++c)
    if (columns[c].kind == CsvColumn::Kind::number) return static_cast<int>(c);
  return -1;
}

int CsvTable::find(std::string_view wanted) const {
  const auto small = [](std::string_view text) {
    std::string result(text);
    for (char& c : result)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return result;
  };
  for (size_t c = 0; c < columns.size(); ++c)
    if (columns[c].name == wanted) return static_cast<int>(c);
  for (size_t c = 0; c < columns.size(); ++c)
    if (small(columns[c].name) == small(wanted) || std::to_string(c + 1) == wanted)
      return static_cast<int>(c);
  return -1;
}

Result<CsvTable> read_csv(std::string_view bytes, const CsvChoices& choices) {
  Reader reader{choices};
  CsvTable& table = reader.table;
  const auto decoded = as_utf8(bytes, table.notes);
  if (!decoded) return decoded.error();
  std::string_view text = *decoded;

  const std::optional<char> named = take_named_separator(text);
  if (choices.separator || named) {
    table.separator = choices.separator ? *choices.separator : *named;
    table.findings.push_back({"Separator", mark_name(table.separator),
                              choices.separator ? "as chosen" : "the first line says so"});
  } else {
    auto [separator, finding] = recognise_separator(text);
    table.separator = separator;
    table.findings.push_back(std::move(finding));
  }
  auto cells = cut_cells(text, table.separator, CsvLimits::rows + 60);
  if (!cells) return cells.error();
  reader.cells = std::move(*cells);
  if (named)
    for (auto& record : reader.cells.records) ++record.line;
  if (reader.cells.records.size() > CsvLimits::rows)
    return Error{"", "more than " + std::to_string(CsvLimits::rows) + " rows",
                 "leave out the oldest ones, or take means over longer steps"};
  if (reader.cells.records.empty())
    return Error{"", "there is no line with anything in it",
                 "give a table: a header, and a line for each time step"};
  reader.trim_records();

  auto [dates, date_finding] = recognise_dates(reader.cells, choices.dates, choices.date_column);
  const int width = static_cast<int>(usual_columns(reader.cells));
  if (dates.column >= width)
    return Error{"", "there is no column " + std::to_string(dates.column + 1) + " for the dates",
                 "the table has " + std::to_string(width)};
  table.dates = dates.form;
  table.date_column = dates.column;
  table.time_column = dates.time_column;
  auto [marks, mark_finding] = recognise_decimal(reader.cells, dates, table.separator, choices.decimal);
  table.decimal = marks.decimal;
  table.thousands = marks.thousands;
  auto [header, header_finding] = recognise_header(reader.cells, dates, table.decimal);
  table.header = choices.header.value_or(header);
  if (choices.header) header_finding = {"Header", table.header ? "the first line" : "none", "as chosen"};
  for (CsvFinding* finding : {&mark_finding, &header_finding, &date_finding})
    table.findings.push_back(std::move(*finding));

  reader.name_columns();
  reader.read_moments();
  reader.sort_rows();
  reader.place_rows();
  reader.read_columns();
  reader.note_widths();
  return std::move(table);
}

}  // namespace unroll
