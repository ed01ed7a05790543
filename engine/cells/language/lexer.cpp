// Text → lines of tokens.
#include <algorithm>

#include "engine/base/number.h"
#include "engine/base/utf8.h"
#include "engine/cells/language/syntax.h"

namespace unroll::cell_syntax {
namespace {

bool is_letter(char32_t c) { return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || c == U'_'; }
bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }
bool is_space(char32_t c) { return c == U' ' || c == U'\t' || c == U'\u00A0'; }

/// The plain form of a sign, also of those that papers set, or 0.
char plain_sign(char32_t c) {
  switch (c) {
    case U'\u2212':  // −
    case U'\u2013':  // –, as word processors make it
      return '-';
    case U'\u00B7':  // ·
    case U'\u00D7':  // ×
    case U'\u2218':  // ∘
    case U'\u2299':  // ⊙
      return '*';
    default:
      return c < 128 && std::string_view("+-*/()[]=,.").find(static_cast<char>(c)) != std::string_view::npos
                 ? static_cast<char>(c)
                 : '\0';
  }
}

class LineLexer {
 public:
  LineLexer(std::u32string_view text, int number, std::vector<CellProblem>& problems)
      : text_(text), number_(number), problems_(problems) {}

  Line read() {
    Line line;
    line.text = text_;
    while (at_ < text_.size() && !line.broken) {
      const char32_t c = text_[at_];
      if (is_space(c)) {
        ++at_;
      } else if (c == U'#') {
        line.comment = trimmed(text_.substr(at_ + 1));
        break;
      } else {
        line.broken = !token(line);
      }
    }
    line.tokens.push_back({Token::Kind::end, "", 0, place(at_, 1)});
    return line;
  }

 private:
  CellPlace place(size_t start, size_t length) const {
    return {number_, static_cast<int>(start) + 1, static_cast<int>(length)};
  }
  std::string slice(size_t start) const { return encode_utf8(text_.substr(start, at_ - start)); }

  static std::string trimmed(std::u32string_view text) {
    while (!text.empty() && (is_space(text.front()) || text.front() == U'#')) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return encode_utf8(text);
  }

  template <class Test>
  void skip(Test test) {
    while (at_ < text_.size() && test(text_[at_])) ++at_;
  }

  /// False when it was told that none begins here.
  bool token(Line& line) {
    const size_t start = at_;
    const char32_t c = text_[at_];
    const bool point = c == U'.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]);
    // A point behind a name is a sign: f.bias. Behind anything else it begins a number: .5
    if (is_letter(c)) {
      skip([](char32_t d) { return is_letter(d) || is_digit(d); });
      line.tokens.push_back({Token::Kind::name, slice(start), 0, place(start, at_ - start)});
      return true;
    }
    if (is_digit(c) || point) return number(line);
    if (c == U'"' || c == U'\u201C') return quoted(line);
    if (const char sign = plain_sign(c)) {
      ++at_;
      line.tokens.push_back({Token::Kind::sign, std::string(1, sign), 0, place(start, 1)});
      return true;
    }
    const std::string seen = quotation(encode_utf8(c));
    const std::string hint = c == U'^' || c == U'*' ? "write a power as a product: a * a"
                             : c == U'\u03C3'       ? "write it out: sigmoid(…)"
                             : c == U'\'' || c > 127u
                                 ? "names have letters from a to z, digits and _"
                                 : "signs are + - * / ( ) [ ] = , and # before a comment";
    problems_.push_back({place(start, 1), seen + " has no meaning here", hint});
    return false;
  }

  bool number(Line& line) {
    const size_t start = at_;
    skip([](char32_t c) { return is_digit(c) || c == U'.'; });
    if (at_ < text_.size() && (text_[at_] == U'e' || text_[at_] == U'E')) {
      size_t digit = at_ + 1;
      if (digit < text_.size() && (text_[digit] == U'+' || text_[digit] == U'-')) ++digit;
      if (digit < text_.size() && is_digit(text_[digit])) {
        at_ = digit;
        skip(is_digit);
      }
    }
    const std::string text = slice(start);
    const CellPlace where = place(start, at_ - start);
    const auto value = read_number(text);
    if (!value || std::abs(value->get<double>()) > CellLimits::number) {
      problems_.push_back({where, quotation(text) + (value ? " is too large" : " is no number"),
                           "numbers are written 2, 0.5 or 1e-3, and go to " + shown(CellLimits::number)});
      return false;
    }
    line.tokens.push_back({Token::Kind::number, text, value->get<double>(), where});
    return true;
  }

  bool quoted(Line& line) {
    const size_t start = at_;
    const auto closes = [](char32_t c) { return c == U'"' || c == U'\u201D'; };
    ++at_;
    skip([&](char32_t c) { return !closes(c); });
    if (at_ == text_.size()) {
      problems_.push_back({place(start, at_ - start), "the quotation is not closed", "end it with \""});
      return false;
    }
    ++at_;
    line.tokens.push_back({Token::Kind::quoted, encode_utf8(text_.substr(start + 1, at_ - start - 2)), 0,
                           place(start, at_ - start)});
    return true;
  }

  std::u32string_view text_;
  int number_;
  std::vector<CellProblem>& problems_;
  size_t at_ = 0;
};

/// The place of the first byte that is no UTF-8, or of the beginning where there is none.
CellPlace place_of_invalid(std::string_view text) {
  CellPlace place;
  for (size_t at = 0; at < text.size();) {
    size_t length = 1;
    while (length < 5 && !decode_utf8_exact(text.substr(at, length))) ++length;
    if (length == 5) return place;
    place = text[at] == '\n' ? CellPlace{place.line + 1, 1, 1} : CellPlace{place.line, place.column + 1, 1};
    at += length;
  }
  return {};
}

}  // namespace

std::vector<Line> lines_of(std::string_view text, std::vector<CellProblem>& problems) {
  if (text.size() > static_cast<size_t>(CellLimits::bytes)) {
    problems.push_back({{},
                        "the text has " + std::to_string(text.size()) + " bytes",
                        "at most " + std::to_string(CellLimits::bytes)});
    return {};
  }
  const auto decoded = decode_utf8(text);
  if (!decoded) {
    problems.push_back({place_of_invalid(text), decoded.error().what, decoded.error().hint});
    return {};
  }
  std::vector<Line> lines;
  std::u32string_view rest = *decoded;
  for (int number = 1; !rest.empty(); ++number) {
    const size_t end = std::min(rest.find(U'\n'), rest.size());
    Line line = LineLexer(rest.substr(0, end), number, problems).read();
    if (line.broken || line.tokens.size() > 1) lines.push_back(std::move(line));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lines;
}

}  // namespace unroll::cell_syntax
