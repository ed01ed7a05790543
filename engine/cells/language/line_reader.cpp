// Right sides of a line → pieces of syntax: a sum of products of factors, read from left to right.
#include "engine/cells/language/line_reader.h"

#include <algorithm>
#include <cmath>

#include "engine/base/number.h"
#include "engine/base/utf8.h"

namespace unroll::cell_syntax {
CellPlace span(const CellPlace& first, const CellPlace& last) {
  return {first.line, first.column, std::max(1, last.column + last.length - first.column)};
}

std::string seen(const Token& token) {
  if (token.kind == Token::Kind::end) return "the line ends here";
  if (token.kind == Token::Kind::quoted) return quotation(token.text) + " stands here";
  return short_name(token.text) + " stands here";
}

bool LineReader::constant(double& value) {
  const CellPlace start = here().place;
  const size_t pieces = syntax_.pieces.size();
  const int root = sum();
  if (root < 0) return false;
  const Piece piece = syntax_.pieces[static_cast<size_t>(root)];
  syntax_.pieces.resize(pieces);
  if (piece.kind != Piece::Kind::number)
    return tell(span(start, taken().place), "this is no number", "a number, such as 1, -0.5 or 1/3");
  value = piece.number;
  return true;
}

int LineReader::sum() {
  if (++depth_ > CellLimits::depth) {
    tell(here(), "more than " + std::to_string(CellLimits::depth) + " brackets or signs within each other",
         "give a part of it a name of its own, in an equation before");
    return -1;
  }
  int left = product();
  while (left >= 0 && (here().is("+") || here().is("-"))) {
    const Token& sign = here();
    ++at_;
    left = of_two(sign.is("+") ? CellOp::add : CellOp::subtract, left, product(), sign.place);
  }
  --depth_;
  return left;
}

int LineReader::product() {
  int left = factor();
  while (left >= 0 && (here().is("*") || here().is("/"))) {
    const Token& sign = here();
    ++at_;
    left = of_two(sign.is("*") ? CellOp::multiply : CellOp::divide, left, factor(), sign.place);
  }
  return left;
}

int LineReader::factor() {
  const Token& sign = here();
  if (!take("-") && !take("+")) return primary();
  if (++depth_ > CellLimits::depth) {
    tell(sign, "many signs in a row", "one");
    return -1;
  }
  const int inner = factor();
  --depth_;
  if (inner < 0 || sign.is("+")) return inner;
  return op(CellOp::negate, inner, -1, sign.place, span(sign.place, piece(inner).place));
}

int LineReader::primary() {
  const Token& token = here();
  if (token.kind == Token::Kind::number) {
    ++at_;
    Piece number;
    number.number = token.number;
    return add(number, token.place, token.place);
  }
  if (take("(")) {
    const int inner = sum();
    if (inner < 0 || !expect(")", "+ - * / or the ) that closes the one before")) return -1;
    piece(inner).place = span(token.place, taken().place);
    return inner;
  }
  if (token.kind != Token::Kind::name) {
    tell(token, seen(token), "a name, a number, a function or (");
    return -1;
  }
  ++at_;
  if (token.text == "heads") return heads(token);
  if (here().is("(")) return call(token);
  if (here().is("[")) return before(token);
  Piece name;
  if (token.text == "x") {
    name.kind = Piece::Kind::input;
  } else if (token.text == "bias") {
    name.kind = Piece::Kind::op;
    name.op = CellOp::vector;
  } else if (function_of(token.text) || token.text == "lin" || token.text == "mat" || token.text == "diag" ||
             token.text == "norm") {
    tell(here(), seen(here()), token.text + " is a function: " + token.text + "(…)");
    return -1;
  } else if (is_reserved(token.text)) {
    tell(token, token.text + " is no value",
         "x, an equation, a state such as h[t-1], a number or a function");
    return -1;
  } else {
    name.kind = Piece::Kind::value;
    name.name = token.text;
  }
  return add(name, token.place, token.place);
}

int LineReader::before(const Token& name) {
  ++at_;
  const std::string form = name.text + "[t-1], the value one step before";
  if (!take_word("t")) {
    tell(here(), seen(here()), form);
    return -1;
  }
  if (here().is("]")) {
    tell(span(name.place, here().place), "this step's " + name.text, name.text + " alone, or " + form);
    return -1;
  }
  if (!expect("-", form)) return -1;
  if (here().kind != Token::Kind::number || here().number != 1) {
    tell(here(), seen(here()), form + "; a longer way back needs a state for each step");
    return -1;
  }
  ++at_;
  if (!expect("]", form)) return -1;
  const CellPlace place = span(name.place, taken().place);
  if (name.text == "x") {
    tell(place, "the input one step before",
         "x; a state p with p = … carries a value on, and p[t-1] reads it");
    return -1;
  }
  Piece piece;
  piece.kind = Piece::Kind::before;
  piece.name = name.text;
  return add(piece, place, name.place);
}

int LineReader::heads(const Token& word) {
  const std::string form =
      "heads(4, mat(h[t-1])): a matrix in 4 blocks, or sum, mean, outer or times of 4 heads";
  if (!expect("(", form)) return -1;
  const Token& number = here();
  if (number.kind != Token::Kind::number || number.number != std::floor(number.number) || number.number < 1 ||
      number.number > CellLimits::heads) {
    tell(number, seen(number), "how many blocks: 1 to " + std::to_string(CellLimits::heads));
    return -1;
  }
  ++at_;
  if (!expect(",", form)) return -1;
  const Token& inner = here();
  const auto function = inner.kind == Token::Kind::name ? function_of(inner.text) : std::nullopt;
  const bool across = function && kind_of(*function) == CellOpKind::across;
  if (inner.kind != Token::Kind::name || (inner.text != "mat" && inner.text != "lin" && !across)) {
    tell(inner, seen(inner), form);
    return -1;
  }
  ++at_;
  if (!here().is("(")) {
    tell(here(), seen(here()), form);
    return -1;
  }
  const int matrix = call(inner);
  if (matrix < 0 || !expect(")", form)) return -1;
  piece(matrix).heads = static_cast<int>(number.number);
  piece(matrix).place = span(word.place, taken().place);
  return matrix;
}

int LineReader::call(const Token& word) {
  const auto function = function_of(word.text);
  const bool lin = word.text == "lin",
             learned = lin || word.text == "mat" || word.text == "diag" || word.text == "norm";
  if (!function && !learned) {
    const std::string near = nearest(word.text, function_words());
    tell(word, short_name(word.text) + " is no function",
         near.empty() ? "functions are " + listed(function_words(), ", ") + "; a product is written with *"
                      : near);
    return -1;
  }
  ++at_;
  const int a = sum();
  if (a < 0) return -1;
  int b = -1;
  const bool of_two = function && has_two_operands(*function);
  if (of_two) {
    if (!expect(",", word.text + "(a, b)")) return -1;
    if ((b = sum()) < 0) return -1;
  }
  if (!expect(")", here().is(",") ? word.text + (of_two ? " of two values" : " of one value")
                                  : "+ - * / or the ) that closes " + word.text + "("))
    return -1;
  const CellPlace all = span(word.place, taken().place);
  if (function) return op(*function, a, b, word.place, all);
  const CellOp learned_op = word.text == "diag"   ? CellOp::scaled
                            : word.text == "norm" ? CellOp::norm
                                                  : CellOp::linear;
  const int index = op(learned_op, a, -1, word.place, all);
  if (index >= 0) piece(index).with_bias = lin;
  return index;
}

// --- Pieces

int LineReader::add(Piece piece, const CellPlace& place, const CellPlace& word) {
  if (syntax_.pieces.size() >= static_cast<size_t>(CellLimits::nodes)) {
    tell(place, "more than " + std::to_string(CellLimits::nodes) + " operations, names and numbers", "fewer");
    return -1;
  }
  piece.place = place;
  piece.word = word;
  syntax_.pieces.push_back(std::move(piece));
  return static_cast<int>(syntax_.pieces.size()) - 1;
}

int LineReader::of_two(CellOp what, int a, int b, const CellPlace& word) {
  if (a < 0 || b < 0) return -1;
  return op(what, a, b, word, span(piece(a).place, piece(b).place));
}

/// Of numbers alone it is the number.
int LineReader::op(CellOp what, int a, int b, const CellPlace& word, const CellPlace& all) {
  Piece made;
  made.kind = Piece::Kind::op;
  made.op = what;
  made.a = a;
  made.b = b;
  const auto is_number = [&](int index) { return index < 0 || piece(index).kind == Piece::Kind::number; };
  const bool one_by_one = kind_of(what) == CellOpKind::of_one || kind_of(what) == CellOpKind::of_two;
  if (one_by_one && is_number(a) && is_number(b)) {
    made = {};
    made.number = apply(what, piece(a).number, b < 0 ? 0 : piece(b).number);
    if (!(std::abs(made.number) <= CellLimits::number)) {
      tell(all, "the value of this is " + (std::isfinite(made.number) ? shown(made.number) : "not finite"),
           "numbers up to " + shown(CellLimits::number));
      return -1;
    }
  }
  return add(made, all, word);
}

}  // namespace unroll::cell_syntax
