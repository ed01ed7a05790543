// Lines of tokens → syntax, each line for itself: what is wrong in one does not hide what is wrong in the next.
#include <algorithm>

#include "engine/base/number.h"
#include "engine/base/utf8.h"
#include "engine/cells/language/line_reader.h"

namespace unroll::cell_syntax {
namespace {

class LineParser : LineReader {
 public:
  using LineReader::LineReader;

  /// False when the line is not sound, which was told.
  bool read(bool is_first) {
    const std::string word = here().kind == Token::Kind::name ? here().text : "";
    const bool is_equation = line_.tokens.size() > 2 && line_.tokens[1].is("=");
    if (is_first && word != "cell")
      tell(here(), seen(here()), "a cell begins with its name: cell NAME \"Title\"  # source");
    if (!is_equation) {
      if (word == "cell") return is_first ? header() : tell(here(), "a second line cell", "one cell a text");
      if (word == "state") return states() || !(syntax_.states_broken = true);
      if (word == "init") return init();
      if (word == "bound") return bound();
    }
    return equation();
  }

 private:
  /// A name that is given here, to a cell, a state or an equation.
  bool new_name(const char* whose) {
    const Token& token = here();
    if (token.kind != Token::Kind::name) return tell(token, seen(token), std::string("the name of ") + whose);
    if (token.text.size() > static_cast<size_t>(CellLimits::name))
      return tell(token, short_name(token.text) + " is a long name",
                  "at most " + std::to_string(CellLimits::name) + " characters");
    if (token.text[0] == '_') return tell(token, token.text + " begins with _", "a letter first");
    ++at_;
    return true;
  }
  bool new_value_name(const char* whose) {
    if (here().kind == Token::Kind::name && is_reserved(here().text))
      return tell(here(), here().text + " has a meaning of its own",
                  "another name for " + std::string(whose));
    return new_name(whose);
  }

  // --- Lines

  bool header() {
    const Token& word = here();
    ++at_;
    if (!new_name("the cell")) return false;
    syntax_.name = taken().text;
    syntax_.header = span(word.place, taken().place);
    syntax_.help = line_.comment;
    if (here().kind == Token::Kind::quoted) {
      syntax_.title = here().text;
      if (here().place.length > CellLimits::title + 2)
        return tell(here(), "the title has " + std::to_string(here().place.length - 2) + " characters",
                    "at most " + std::to_string(CellLimits::title));
      ++at_;
    }
    return expect_end("behind the name a title in quotation marks, and # before the source");
  }

  bool states() {
    ++at_;
    do {
      if (!new_value_name("a state")) return false;
      State state{taken().text, taken().place, 0};
      // The tensors of a state s are weight_sh, weight_diag_s, …: these must be no other's (docs/cells.md).
      if (state.name == "i")
        return tell(state.place, "a state i would have the tensor weight_ih, which is the input's",
                    "another name");
      if (state.name.find('_') != std::string::npos)
        return tell(state.place, state.name + " has a _, which a state's tensors cannot tell from their own",
                    "letters and digits");
      if (take("=") && !constant(state.initial)) return false;
      syntax_.states.push_back(std::move(state));
    } while (take(","));
    return expect_end(
        "states with a comma between them, each with its first value if that is not 0: state c, m = -1, h");
  }

  bool equation() {
    if (!new_value_name("an equation")) return false;
    Equation equation;
    equation.name = taken().text;
    equation.place = taken().place;
    equation.help = line_.comment;
    equation.first = static_cast<int>(syntax_.pieces.size());
    if (here().is("[") || here().is("("))
      tell(here(), seen(here()), equation.name + " = …: what is on the left is its value in this step");
    else if (expect("=", "an equation NAME = …, or a line cell, state, init or bound")) {
      const CellPlace start = here().place;
      const int root = sum();
      if (root >= 0 && expect_end("+ - * / or the end of the line")) {
        equation.root = root;
        const CellPlace all = span(start, taken().place);
        equation.right =
            encode_utf8(std::u32string_view(line_.text)
                            .substr(static_cast<size_t>(all.column - 1), static_cast<size_t>(all.length)));
      }
    }
    equation.last = static_cast<int>(syntax_.pieces.size());
    syntax_.equations.push_back(std::move(equation));
    return syntax_.equations.back().root >= 0;
  }

  bool target(Target& target) {
    const std::string allowed = "what it is for: f.bias, f.weight_ih or weight_hh";
    const auto word = [&](std::string& text, CellPlace& place) {
      if (here().kind != Token::Kind::name) return tell(here(), seen(here()), allowed);
      text = here().text;
      place = here().place;
      ++at_;
      return true;
    };
    if (!word(target.tensor, target.tensor_place)) return false;
    if (!take(".")) return true;
    std::swap(target.equation, target.tensor);
    std::swap(target.equation_place, target.tensor_place);
    return word(target.tensor, target.tensor_place);
  }

  bool init() {
    ++at_;
    Init init;
    if (!target(init.target)) return false;
    if (!expect("=", "init f.bias = 1")) return false;
    const size_t start = at_;
    const CellPlace from = here().place;
    const bool negative = take("-");
    struct Row {
      const char* word;
      CellInit::Kind kind;
      int least, most;  ///< numbers in brackets
      const char* written;
    };
    static constexpr Row rows[] = {
        {"uniform", CellInit::Kind::uniform, 2, 2, "uniform(-0.1, 0.1)"},
        {"normal", CellInit::Kind::normal, 2, 2, "normal(0, 0.01): mean and deviation"},
        {"identity", CellInit::Kind::identity, 0, 1, "identity or identity(0.5)"},
        {"orthogonal", CellInit::Kind::orthogonal, 0, 0, "orthogonal"},
        {"log_uniform", CellInit::Kind::log_uniform, 2, 2, "log_uniform(0.1, 1)"},
        {"chrono", CellInit::Kind::chrono, 1, 1, "chrono(100): the longest span, or -chrono(100)"},
    };
    const auto row = std::ranges::find_if(
        rows, [&](const Row& one) { return here().kind == Token::Kind::name && here().text == one.word; });
    if (row == std::end(rows)) {
      at_ = start;
      if (here().kind == Token::Kind::name && !function_of(here().text))
        return tell(
            here(), short_name(here().text) + " is no way to begin",
            "a number, uniform(a, b), normal(mean, deviation), identity, orthogonal, log_uniform(a, b), "
            "chrono(span)");
      init.kind = CellInit::Kind::number;
      if (!constant(init.a)) return false;
      init.place = span(from, taken().place);
    } else {
      ++at_;
      double numbers[2] = {};
      int count = 0;
      if (take("(")) {
        do {
          if (count == 2) return tell(here(), "a third number", row->written);
          if (!constant(numbers[count])) return false;
          ++count;
        } while (take(","));
        if (!expect(")", row->written)) return false;
      }
      init.kind = row->kind;
      init.place = span(from, taken().place);
      if (count < row->least || count > row->most)
        return tell(init.place, std::to_string(count) + " numbers", row->written);
      init.a = init.kind == CellInit::Kind::identity && count == 0 ? 1 : numbers[0];
      init.b = init.kind == CellInit::Kind::chrono ? (negative ? -1 : 1) : numbers[1];
      if (negative && init.kind != CellInit::Kind::chrono)
        return tell(init.place, "a - before " + std::string(row->word), row->written);
      if (!fits(init)) return false;
    }
    if (!expect_end("nothing more on this line")) return false;
    syntax_.inits.push_back(std::move(init));
    return true;
  }

  bool fits(const Init& init) {
    switch (init.kind) {
      case CellInit::Kind::uniform:
        return init.a <= init.b ||
               tell(init.place, "from " + shown(init.a) + " down to " + shown(init.b), "the lower end first");
      case CellInit::Kind::log_uniform:
        return (init.a > 0 && init.a <= init.b) ||
               tell(init.place, "from " + shown(init.a) + " to " + shown(init.b),
                    "numbers above 0, the lower end first");
      case CellInit::Kind::normal:
        return init.b >= 0 || tell(init.place, "a deviation of " + shown(init.b), "0 or more");
      case CellInit::Kind::chrono:
        return init.a > 2 || tell(init.place, "a span of " + shown(init.a), "more than 2 steps");
      default:
        return true;
    }
  }

  bool bound() {
    ++at_;
    Bound bound;
    const std::string form = "bound weight_diag_h in [-1, 1]";
    if (!target(bound.target)) return false;
    if (!take_word("in")) return tell(here(), seen(here()), form);
    const CellPlace from = here().place;
    if (!expect("[", form) || !constant(bound.low) || !expect(",", form) || !constant(bound.high) ||
        !expect("]", form))
      return false;
    if (bound.low >= bound.high)
      return tell(span(from, taken().place), "from " + shown(bound.low) + " to " + shown(bound.high),
                  "the lower end first");
    if (!expect_end("nothing more on this line")) return false;
    syntax_.bounds.push_back(std::move(bound));
    return true;
  }
};

}  // namespace

Syntax parse(const std::vector<Line>& lines, std::vector<CellProblem>& problems) {
  Syntax syntax;
  bool is_first = true;
  for (const Line& line : lines) {
    if (problems.size() >= static_cast<size_t>(CellLimits::problems)) break;
    if (line.broken) {
      // What its first words say is kept, so that nothing else is told to be missing.
      syntax.broken = true;
      if (line.tokens.size() > 2 && line.tokens[0].kind == Token::Kind::name && line.tokens[1].is("="))
        syntax.equations.push_back({line.tokens[0].text, line.tokens[0].place, -1, 0, 0, line.comment, ""});
      if (line.tokens[0].text == "state") syntax.states_broken = true;
    } else if (!LineParser(line, syntax, problems).read(is_first)) {
      syntax.broken = true;
    }
    is_first = false;
  }
  if (lines.empty() && problems.empty())
    problems.push_back(
        {{}, "there is no cell", "cell NAME \"Title\", state h, and h = tanh(lin(x) + lin(h[t-1]))"});
  return syntax;
}

}  // namespace unroll::cell_syntax
