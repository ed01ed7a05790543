// Cells of separated values: how a text is cut into them (series_csv.h reads what they mean).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace unroll {

/// Records of cells. Cells are parts of `text`, with their quotes and the blanks around them removed.
struct CsvCells {
  struct Cell {
    uint32_t begin, size;
    bool quoted;
  };
  struct Record {
    uint32_t first, count;
    uint32_t line;  ///< where it begins, from 1
  };
  std::string text;
  std::vector<Cell> cells;
  std::vector<Record> records;
  size_t blank = 0, comments = 0;  ///< lines left out; a comment begins with #

  std::string_view cell(const Record& record, size_t column) const {
    if (column >= record.count) return {};
    const Cell& cell = cells[record.first + column];
    return std::string_view(text).substr(cell.begin, cell.size);
  }
  bool quoted(const Record& record, size_t column) const {
    return column < record.count && cells[record.first + column].quoted;
  }
};

/// Cuts UTF-8 text with "\n" as line ends into records, at most so many; a blank as separator stands for several. A cell in
/// quotes may hold separators, line breaks and "" for a quote. Errors: a quote that is never closed, more than CsvLimits.
Result<CsvCells> cut_cells(std::string_view text, char separator, size_t most_records);

}  // namespace unroll
