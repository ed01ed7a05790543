#include "engine/tasks/series_cells.h"

#include "engine/tasks/series_csv.h"

namespace unroll {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// One pass over the text; `at` is the next character.
struct Cutter {
  std::string_view text;
  char separator;
  CsvCells& out;
  size_t at = 0;
  uint32_t line = 1;

  bool ended() const { return at == text.size() || text[at] == '\n'; }
  bool at_separator() const { return separator && !ended() && text[at] == separator; }
  void skip_blanks() {
    while (!ended() && is_blank(text[at]) && text[at] != separator) ++at;
    if (separator == ' ')
      while (!ended() && is_blank(text[at])) ++at;
  }
  void next_line() {
    if (at < text.size()) ++at, ++line;
  }

  Status quoted_cell() {
    const uint32_t opened = line;
    const size_t begin = out.text.size();
    for (++at;; ++at) {
      if (at == text.size())
        return Error{"line " + std::to_string(opened), "a quotation mark is opened and never closed",
                     "close it, or double it where it belongs to the text"};
      if (text[at] == '"') {
        if (at + 1 == text.size() || text[at + 1] != '"') break;
        ++at;
      }
      if (text[at] == '\n') ++line;
      out.text += text[at];
    }
    ++at;
    // What follows a closed quotation belongs to the cell, as spreadsheets have it.
    while (!ended() && !at_separator()) out.text += text[at++];
    finish(begin, true);
    return ok();
  }

  void plain_cell() {
    const size_t begin = out.text.size();
    while (!ended() && !at_separator() && !(separator == ' ' && is_blank(text[at]))) out.text += text[at++];
    finish(begin, false);
  }

  void finish(size_t begin, bool quoted) {
    size_t end = out.text.size();
    while (end > begin && is_blank(out.text[end - 1])) --end;
    while (begin < end && is_blank(out.text[begin])) ++begin;
    out.cells.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(end - begin), quoted});
  }

  Status record() {
    const auto first = static_cast<uint32_t>(out.cells.size());
    const uint32_t begins = line;
    for (;;) {
      skip_blanks();
      if (separator == ' ' && ended()) break;
      if (!ended() && text[at] == '"') {
        if (Status status = quoted_cell(); !status) return status;
      } else {
        plain_cell();
      }
      if (separator == ' ') continue;
      if (!at_separator()) break;
      ++at;
      if (out.cells.size() - first > CsvLimits::columns)
        return Error{"line " + std::to_string(begins),
                     "more than " + std::to_string(CsvLimits::columns) + " columns",
                     "leave out columns that are not needed, or choose another separator"};
    }
    if (out.cells.size() - first > CsvLimits::columns || out.cells.size() > CsvLimits::cells)
      return Error{"line " + std::to_string(begins),
                   "a table of more than " + std::to_string(CsvLimits::columns) + " columns or " +
                       std::to_string(CsvLimits::cells) + " cells",
                   "leave out columns and rows that are not needed"};
    bool empty = true;
    for (size_t i = first; i < out.cells.size() && empty; ++i) empty = out.cells[i].size == 0;
    if (empty) {
      ++out.blank;
      out.cells.resize(first);
    } else {
      out.records.push_back({first, static_cast<uint32_t>(out.cells.size()) - first, begins});
    }
    next_line();
    return ok();
  }
};

}  // namespace

Result<CsvCells> cut_cells(std::string_view text, char separator, size_t most_records) {
  CsvCells cells;
  Cutter cutter{text, separator, cells};
  while (cutter.at < text.size() && cells.records.size() < most_records) {
    if (text[cutter.at] == '#') {
      ++cells.comments;
      while (!cutter.ended()) ++cutter.at;
      cutter.next_line();
      continue;
    }
    if (Status status = cutter.record(); !status) return status.error();
  }
  return cells;
}

}  // namespace unroll
