// Inside the reader of cells: a line of tokens, and the right sides in it. See syntax.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/cells/language/syntax.h"

namespace unroll::cell_syntax {

/// From the first character of one to the last of the other, on one line.
CellPlace span(const CellPlace& first, const CellPlace& last);
/// "tanh stands here", "the line ends here"
std::string seen(const Token& token);

/// Walks over a line's tokens. What reads something gives false, or −1 for a piece, when it told a problem.
class LineReader {
 public:
  LineReader(const Line& line, Syntax& syntax, std::vector<CellProblem>& problems)
      : line_(line), syntax_(syntax), problems_(problems) {}

 protected:
  const Token& here() const { return line_.tokens[at_]; }
  const Token& taken() const { return line_.tokens[at_ - 1]; }
  bool take(std::string_view sign) {
    if (!here().is(sign)) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (here().kind != Token::Kind::name || here().text != word) return false;
    ++at_;
    return true;
  }
  bool tell(const CellPlace& place, std::string found, std::string allowed) {
    problems_.push_back({place, std::move(found), std::move(allowed)});
    return false;
  }
  bool tell(const Token& token, std::string found, std::string allowed) {
    return tell(token.place, std::move(found), std::move(allowed));
  }
  bool expect(std::string_view sign, const std::string& allowed) {
    return take(sign) || tell(here(), seen(here()), allowed);
  }
  bool expect_end(const std::string& allowed) {
    return here().kind == Token::Kind::end || tell(here(), seen(here()), allowed);
  }

  /// A right side: sums of products of factors. The piece's index.
  int sum();
  /// A right side of numbers alone.
  bool constant(double& value);

  const Line& line_;
  Syntax& syntax_;
  std::vector<CellProblem>& problems_;
  size_t at_ = 0;

 private:
  int product();
  int factor();
  int primary();
  int before(const Token& name);
  int heads(const Token& word);
  int call(const Token& word);

  Piece& piece(int index) { return syntax_.pieces[static_cast<size_t>(index)]; }
  int add(Piece piece, const CellPlace& place, const CellPlace& word);
  int of_two(CellOp what, int a, int b, const CellPlace& word);
  int op(CellOp what, int a, int b, const CellPlace& word, const CellPlace& all);

  int depth_ = 0;
};

}  // namespace unroll::cell_syntax
