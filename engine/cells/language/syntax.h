// Inside the reader of cells (language.h): what the parts hand on to each other.
//   text → lines of tokens (lexer.cpp) → syntax (parser.cpp) → graph (checker.cpp)
// Each part adds to one list of problems and goes on with what is sound, so independent mistakes are told at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cells/language.h"

namespace unroll::cell_syntax {

// --- Tokens

struct Token {
  enum class Kind { name, number, quoted, sign, end };
  Kind kind = Kind::end;
  std::string text;  ///< as written; of a sign its plain form: "*" for "·"
  double number = 0;
  CellPlace place;

  bool is(std::string_view sign) const { return kind == Kind::sign && text == sign; }
};

/// A line that has something in front of its comment.
struct Line {
  std::vector<Token> tokens;  ///< the last one is `end`
  std::string comment;        ///< without its #, trimmed
  std::u32string text;        ///< all of it
  bool broken = false;        ///< it has a character that no token begins with: already told
};

/// Empty where the text as a whole cannot be read, which was told.
std::vector<Line> lines_of(std::string_view text, std::vector<CellProblem>& problems);

// --- Syntax

/// A piece of a right side. Pieces stand in one array, operands before what uses them.
struct Piece {
  enum class Kind { number, input, value, before, op };
  Kind kind = Kind::number;
  double number = 0;
  std::string name;          ///< of `value` and `before`
  CellOp op = CellOp::copy;  ///< of `op`
  int a = -1, b = -1;        ///< its operands
  bool with_bias = false;    ///< of linear: lin, not mat
  int heads = 1;             ///< of linear and of what goes across units
  CellPlace place;           ///< from its first to its last character
  CellPlace word;            ///< of its function's name or its sign
  // Found by the checker
  int target = -1;      ///< of `value` the equation, of `before` the state
  bool matrix = false;  ///< of `op`: its value is one
  CellParameter weight, bias;
};

struct Equation {
  std::string name;
  CellPlace place;          ///< of the name
  int root = -1;            ///< −1: its right side is not sound, which was told
  int first = 0, last = 0;  ///< its pieces
  std::string help, right;
};

struct State {
  std::string name;
  CellPlace place;
  double initial = 0;
  int heads = 0;  ///< of a matrix, found by the checker; 0: a vector
};

/// `equation.tensor` or `tensor`, with the words as they stand there.
struct Target {
  std::string equation, tensor;  ///< equation: may be empty
  CellPlace equation_place, tensor_place;
};
struct Init {
  Target target;
  CellInit::Kind kind = CellInit::Kind::number;
  double a = 0, b = 0;
  CellPlace place;  ///< of what stands behind the =
};
struct Bound {
  Target target;
  double low = 0, high = 0;
};

struct Syntax {
  std::string name, title, help;
  CellPlace header;
  std::vector<State> states;
  std::vector<Equation> equations;
  std::vector<Piece> pieces;
  std::vector<Init> inits;
  std::vector<Bound> bounds;
  bool states_broken = false;  ///< a line `state` was not sound
  bool broken = false;         ///< some line was not, so nothing is known of what is missing
};

Syntax parse(const std::vector<Line>& lines, std::vector<CellProblem>& problems);

/// Null when something does not fit, which is told then. `text` is the cell's.
std::shared_ptr<const CellGraph> check(Syntax syntax, std::string_view text,
                                       std::vector<CellProblem>& problems);

// --- Words

/// Ops that are written name(a) or name(a, b).
std::optional<CellOp> function_of(std::string_view word);
/// Whether it has a meaning of its own and can name nothing.
bool is_reserved(std::string_view word);
/// All that is written name(…).
std::vector<std::string> function_words();
/// "did you mean h?" for the nearest of the words, or nothing where none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& words);
/// "a, b and c"
std::string listed(const std::vector<std::string>& words, const char* last = " and ");

}  // namespace unroll::cell_syntax
