// Tables as CSV files (RFC 4180): UTF-8, a header line, lines ended by CR LF. Needs no screen.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace unroll {

/// Cells are added row by row; end_row() ends each, the header line too.
class Csv {
 public:
  /// Quoted where it holds a comma, a quote or a line break, or a space at an end that readers might trim.
  Csv& add(std::string_view text);
  /// With the digits that give the same number back; not finite: an empty cell.
  Csv& add(float value);
  Csv& add(double value);
  Csv& add(std::integral auto value) { return add(std::string_view(std::to_string(value))); }
  Csv& none() { return add(std::string_view()); }
  void end_row();

  const std::string& text() const { return text_; }

 private:
  std::string text_;
  bool row_begun_ = false;
};

}  // namespace unroll
