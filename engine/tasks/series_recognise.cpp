#include "engine/tasks/series_recognise.h"

#include <algorithm>
#include <map>
#include <span>

#include "engine/base/number.h"
#include "engine/base/utf8.h"
#include "engine/text/text_class.h"

namespace unroll {

namespace {

bool all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

/// Of a column's cells that say something.
struct FitCount {
  size_t fit = 0, all = 0;
  bool most() const { return all > 0 && fit * 10 >= all * 9; }
};

constexpr size_t looked_at = 2000;  // records; enough to decide

/// Whether the only column of a file "3,14" is decimal numbers, or two columns "1,5". Only where there is no other hint.
enum class CommaLines { no, decimals, pairs };
CommaLines comma_lines(const CsvCells& by_comma) {
  double last = -1;
  bool counts = true, any = false;
  const std::span<const CsvCells::Record> records = by_comma.records;
  // A header with a comma has two names; a header without has one.
  for (size_t r = 0; r < records.size(); ++r) {
    const auto whole = by_comma.cell(records[r], 0), part = by_comma.cell(records[r], 1);
    const bool digits = records[r].count == 2 && !by_comma.quoted(records[r], 0) &&
                        !by_comma.quoted(records[r], 1) && all_digits(part) &&
                        all_digits(whole.starts_with('-') ? whole.substr(1) : whole);
    if (!digits) {
      if (r == 0 && records[r].count == 1) continue;
      return CommaLines::no;
    }
    any = true;
    const double number = read_cell_number(whole, '.').value_or(0);
    counts = counts && (last < 0 || number > last);
    last = number;
  }
  return !any ? CommaLines::no : counts && records.size() > 1 ? CommaLines::pairs : CommaLines::decimals;
}

}  // namespace

uint32_t usual_columns(const CsvCells& cells) {
  std::map<uint32_t, size_t> counts;
  for (const auto& record : cells.records)
    if (record.count > 1) ++counts[record.count];
  uint32_t usual = 1;
  size_t most = 0;
  for (const auto& [count, records] : counts)
    if (records >= most) usual = count, most = records;
  return usual;
}

Recognised<char> recognise_separator(std::string_view text) {
  struct Try {
    char mark = 0;
    double share = 0;
    bool common = false;  ///< in most lines, mostly in the same number
    uint32_t columns = 1;
    size_t records = 0;
  };
  // Of equal ones the rarer mark in texts and numbers.
  Try best, second;
  char refused = 0;
  for (const char mark : {'\t', ';', '|', ','}) {
    const auto cells = cut_cells(text, mark, 200);
    if (!cells && !refused) refused = mark;  // read with it, its error is told
    if (!cells || cells->records.empty()) continue;
    Try one;
    one.mark = mark;
    one.columns = usual_columns(*cells);
    one.records = cells->records.size();
    if (one.columns < 2) continue;
    const auto usual =
        static_cast<size_t>(std::ranges::count(cells->records, one.columns, &CsvCells::Record::count));
    one.share = static_cast<double>(usual) / static_cast<double>(one.records);
    const auto several = static_cast<size_t>(std::ranges::count_if(
        cells->records, [](const CsvCells::Record& record) { return record.count > 1; }));
    one.common = 2 * several >= one.records && 2 * usual >= several;
    if (one.share > best.share) {
      second = best;
      best = one;
    } else if (one.share > second.share) {
      second = one;
    }
  }
  const auto found = [](char mark, std::string why, bool sure = true) {
    return Recognised<char>{
        mark, {"Separator", mark ? mark_name(mark) : "none (one column)", std::move(why), sure}};
  };
  if (best.mark == 0 && refused) return found(refused, "the only one that quotation marks fit to", false);
  if (best.mark == ',' && best.columns == 2) {
    const auto cells = cut_cells(text, ',', 200);
    const CommaLines lines = cells ? comma_lines(*cells) : CommaLines::no;
    if (lines == CommaLines::decimals)
      return found(0, "each line is one number with a decimal comma; they could also be two columns", false);
    if (lines == CommaLines::pairs)
      return found(',', "what stands before the commas only grows; it could also be a decimal comma", false);
  }
  if (best.common) {
    const auto lines = static_cast<size_t>(best.share * static_cast<double>(best.records) + 0.5);
    std::string why = std::to_string(lines) + " of " + counted(best.records, "line", "lines") + " have " +
                      std::to_string(best.columns - 1) + (best.columns == 2 ? " of them" : " of them each");
    const bool rival = second.share == best.share;
    if (rival) why += std::string("; they have as many of ") + mark_name(second.mark) + "s each";
    return found(best.mark, why);
  }
  // Blanks separate where all that they separate has a meaning, and are no marks of thousands.
  if (const auto cells = cut_cells(text, ' ', 200); cells && cells->records.size() > 1) {
    const uint32_t columns = usual_columns(*cells);
    FitCount records;
    bool thousands = true;
    for (size_t r = 1; r < cells->records.size(); ++r) {
      const auto& record = cells->records[r];
      bool fits = record.count == columns;
      for (uint32_t c = 0; c < record.count && fits; ++c) {
        const std::string_view cell = cells->cell(record, c);
        fits = read_cell_number(cell, '.') || read_cell_number(cell, ',') || read_time_of_day(cell) ||
               read_date(cell, DateForm::ymd) || read_date(cell, DateForm::dmy) ||
               read_date(cell, DateForm::mdy) || read_date(cell, DateForm::ym);
      }
      for (uint32_t c = 1; c < record.count && thousands; ++c)
        thousands = all_digits(cells->cell(record, c).substr(0, 3)) && cells->cell(record, c).size() >= 3 &&
                    (cells->cell(record, c).size() == 3 || !is_digit(cells->cell(record, c)[3]));
      ++records.all;
      records.fit += fits;
    }
    if (columns > 1 && records.most() && !thousands)
      return found(
          ' ', "the lines have " + std::to_string(columns) + " numbers or dates each, with blanks between");
  }
  return found(0, "no separator that the lines have in common");
}

namespace {

/// A column whose cells look like plain numbers may still be years or 20240131; then it must stand first or be named so.
bool looks_plain(std::string_view cell) {
  return std::ranges::all_of(cell, [](char c) { return is_digit(c) || c == '.' || c == ','; }) &&
         std::ranges::count_if(cell, [](char c) { return !is_digit(c); }) <= 1;
}

bool named_like_a_date(std::string_view name) {
  static constexpr std::string_view words[] = {"date",
                                               "datum",
                                               "time",
                                               "year",
                                               "jahr",
                                               "month",
                                               "monat",
                                               "day",
                                               "tag",
                                               "zeit",
                                               "fecha",
                                               "ds",
                                               "quarter",
                                               "quartal",
                                               "period",
                                               "ann\xc3\xa9"
                                               "e"};
  std::string small;
  for (const char c : name) small += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return std::ranges::any_of(words, [&](std::string_view word) { return small.find(word) != small.npos; });
}

struct FormTry {
  DateForm form = DateForm::none;
  FitCount tally;
  bool rises = true, plain = true;
  double waste = 1e18;  ///< steps of the grid for each row; large without a grid
};

FormTry try_form(const CsvCells& cells, uint32_t column, DateForm form) {
  FormTry result;
  result.form = form;
  std::vector<Moment> moments;
  int direction = 0;
  for (size_t r = 1; r < std::min(cells.records.size(), looked_at); ++r) {
    const std::string_view cell = cells.cell(cells.records[r], column);
    if (cell.empty()) continue;
    ++result.tally.all;
    const auto moment = read_date(cell, form);
    if (!moment) {
      // Hopeless columns are most: they are left early.
      if (result.tally.all - result.tally.fit > 20 && !result.tally.most()) return result;
      continue;
    }
    ++result.tally.fit;
    result.plain = result.plain && looks_plain(cell);
    if (!moments.empty()) {
      const int sign = *moment > moments.back() ? 1 : *moment < moments.back() ? -1 : 0;
      if (direction == 0) direction = sign;
      if (sign == 0 || sign != direction) result.rises = false;
    }
    moments.push_back(*moment);
  }
  if (result.rises && moments.size() > 1) {
    if (direction < 0) std::ranges::reverse(moments);
    if (const auto grid = grid_of(moments))
      result.waste = static_cast<double>(grid->positions.back()) / static_cast<double>(moments.size());
  }
  return result;
}

}  // namespace

Recognised<DatePlace> recognise_dates(const CsvCells& cells, std::optional<DateForm> form,
                                      std::optional<int> column) {
  Recognised<DatePlace> result{
      {}, {"Dates", "none", "no column has dates in all lines; the lines follow each other"}};
  if (form == DateForm::none || cells.records.empty()) {
    result.finding.why = form ? "as chosen" : "there are no lines";
    return result;
  }
  const uint32_t columns = usual_columns(cells);
  std::string other;
  for (uint32_t c = 0; c < columns && result.value.column < 0; ++c) {
    if (column && static_cast<uint32_t>(*column) != c) continue;
    std::vector<FormTry> fitting;
    for (const DateForm one : {DateForm::ymd, DateForm::dmy, DateForm::mdy, DateForm::ym, DateForm::my,
                               DateForm::quarter, DateForm::year}) {
      if (form && *form != one) continue;
      FormTry tried = try_form(cells, c, one);
      if (!tried.tally.most()) continue;
      const bool named = named_like_a_date(cells.cell(cells.records[0], c));
      if (!form && tried.plain && !(tried.rises && (c == 0 || named))) continue;
      fitting.push_back(tried);
    }
    if (fitting.empty()) continue;
    // Day or month first: what fits more cells, then what gives the more regular series, then the marks.
    const std::string_view sample = cells.cell(cells.records.back(), c);
    const auto better = [&](const FormTry& a, const FormTry& b) {
      if (a.tally.fit != b.tally.fit) return a.tally.fit > b.tally.fit;
      if (a.rises != b.rises) return a.rises;
      if (a.waste != b.waste) return a.waste < b.waste;
      const DateForm usual = sample.find('/') != sample.npos ? DateForm::mdy : DateForm::dmy;
      return (a.form == usual) > (b.form == usual);
    };
    const FormTry* best = &fitting[0];
    for (const FormTry& one : fitting)
      if (better(one, *best)) best = &one;
    for (const FormTry& one : fitting)
      if (&one != best && one.tally.fit == best->tally.fit && one.rises == best->rises)
        other = title(one.form);
    result.value.column = static_cast<int>(c);
    result.value.form = best->form;
    result.finding.found = std::string(title(best->form)) + ", column " + std::to_string(c + 1);
    result.finding.why = std::to_string(best->tally.fit) + " of " +
                         counted(best->tally.all, "cell", "cells") + " can be read so";
  }
  if (result.value.column < 0 && (form || column)) {
    // As the caller wants it; the cells that do not fit become problems.
    result.value = {column.value_or(0), form.value_or(DateForm::ymd)};
    result.finding = {
        "Dates",
        std::string(title(result.value.form)) + ", column " + std::to_string(result.value.column + 1),
        "as chosen"};
    return result;
  }
  if (result.value.column < 0) return result;
  if (form) result.finding.why += ", as chosen";
  if (!form && !other.empty()) {
    result.finding.why += "; " + other + " would fit, too";
    result.finding.sure = false;
  }
  // A time of day in a column of its own.
  for (uint32_t c = 0; c < columns; ++c) {
    if (static_cast<int>(c) == result.value.column) continue;
    FitCount times;
    for (size_t r = 1; r < std::min(cells.records.size(), looked_at); ++r) {
      const std::string_view cell = cells.cell(cells.records[r], c);
      if (cell.empty()) continue;
      ++times.all;
      times.fit += read_time_of_day(cell).has_value();
    }
    if (!times.most()) continue;
    result.value.time_column = static_cast<int>(c);
    result.finding.found += ", time of day in column " + std::to_string(c + 1);
    break;
  }
  return result;
}

Recognised<NumberMarks> recognise_decimal(const CsvCells& cells, const DatePlace& dates, char separator,
                                          std::optional<char> decimal) {
  size_t point = 0, comma = 0;                // cells that can be read in one way only
  size_t either_point = 0, either_comma = 0;  // 1.234 and 1,234
  size_t grouped[2] = {};                     // with thousands marked by a point, a comma
  bool quoted_comma = false;                  // whoever quotes a comma separates with it
  for (size_t r = 0; r < std::min(cells.records.size(), looked_at); ++r) {
    const auto& record = cells.records[r];
    for (uint32_t c = 0; c < record.count; ++c) {
      if (static_cast<int>(c) == dates.column || static_cast<int>(c) == dates.time_column) continue;
      const std::string_view cell = cells.cell(record, c);
      const size_t last_point = cell.rfind('.'), last_comma = cell.rfind(',');
      if (last_point == cell.npos && last_comma == cell.npos) continue;
      quoted_comma = quoted_comma || (last_comma != cell.npos && cells.quoted(record, c));
      const bool with_point = read_cell_number(cell, '.').has_value(),
                 with_comma = read_cell_number(cell, ',').has_value();
      if (with_point && with_comma) {
        if (cell.size() > 4) ++(last_point != cell.npos ? either_point : either_comma);
      } else if (with_point) {
        ++point;
        grouped[1] += last_comma != cell.npos;
      } else if (with_comma) {
        ++comma;
        grouped[0] += last_point != cell.npos;
      }
    }
  }
  const auto marks = [&](char mark) {
    NumberMarks found{mark, 0};
    if (mark == ',' && (grouped[0] || (either_point && !point))) found.thousands = '.';
    if (mark == '.' && (grouped[1] || (either_comma && !comma))) found.thousands = ',';
    return found;
  };
  const auto result = [&](char mark, std::string why, bool sure = true) {
    const NumberMarks found = marks(mark);
    std::string text = mark_name(mark);
    if (found.thousands) text += std::string(", thousands marked by a ") + mark_name(found.thousands);
    return Recognised<NumberMarks>{found, {"Decimal mark", text, std::move(why), sure}};
  };
  if (decimal) return result(*decimal, "as chosen");
  if (point || comma) {
    const char mark = point >= comma ? '.' : ',';
    std::string why = counted(std::max(point, comma), "number", "numbers") + " can only be read so";
    if (point && comma) why += ", " + std::to_string(std::min(point, comma)) + " only the other way";
    return result(mark, why, !point || !comma);
  }
  // A number may begin with 0 before its decimal mark, never before thousands.
  if (either_comma && !either_point)
    return separator == ',' || (separator == 0 && quoted_comma)
               ? result('.', "a comma separates the cells, so within quotation marks it marks thousands")
               : result(',', "all have three digits behind the comma; it could also mark thousands", false);
  if (either_point && !either_comma)
    return result('.', "all have three digits behind the point; it could also mark thousands", false);
  if (either_point) return result('.', "points and commas both stand before three digits", false);
  return result('.', "no number has one");
}

Recognised<bool> recognise_header(const CsvCells& cells, const DatePlace& dates, char decimal) {
  Recognised<bool> result{false, {"Header", "none", "the first line is read like the others"}};
  if (cells.records.empty()) return result;
  const auto says_something = [&](std::string_view cell, uint32_t column) {
    if (static_cast<int>(column) == dates.column) return read_date(cell, dates.form).has_value();
    if (static_cast<int>(column) == dates.time_column) return read_time_of_day(cell).has_value();
    return !cell.empty() && read_cell_number(cell, decimal).has_value();
  };
  int votes = 0;
  std::string why;
  const auto& first = cells.records[0];
  for (uint32_t c = 0; c < first.count; ++c) {
    const std::string_view name = cells.cell(first, c);
    FitCount below;
    for (size_t r = 1; r < std::min(cells.records.size(), looked_at); ++r) {
      const std::string_view cell = cells.cell(cells.records[r], c);
      if (cell.empty()) continue;
      ++below.all;
      below.fit += says_something(cell, c);
    }
    const bool values_below = below.all == 0 ? cells.records.size() == 1 : below.fit * 2 >= below.all;
    if (!values_below || name.empty()) continue;
    if (says_something(name, c)) {
      --votes;
    } else {
      ++votes;
      if (why.empty()) why = quotation(name) + " is no value like those below it";
    }
  }
  if (votes > 0) {
    result.value = true;
    result.finding.found = "the first line";
    result.finding.why = why;
  }
  return result;
}

}  // namespace unroll
