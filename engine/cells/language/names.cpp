// Names of a cell: what each means, what is missing, and in which order equations follow from each other.
#include <algorithm>

#include "engine/base/number.h"
#include "engine/base/utf8.h"
#include "engine/cells/language/checker.h"

namespace unroll::cell_syntax {
namespace {

class Resolver {
 public:
  Resolver(Syntax& syntax, std::vector<CellProblem>& problems) : syntax_(syntax), problems_(problems) {}

  bool run() {
    const size_t before = problems_.size();
    check_counts();
    if (problems_.size() > before) return false;
    check_states();
    check_equations();
    for (const Equation& equation : syntax_.equations)
      for (int i = equation.first; equation.root >= 0 && i < equation.last; ++i)
        resolve(syntax_.pieces[static_cast<size_t>(i)]);
    for (const Equation& equation : syntax_.equations) check_right_side(equation);
    bool sound = problems_.size() == before && !syntax_.broken;
    if (sound) check_matrices();
    sound = sound && problems_.size() == before;
    return sound && check_use() && problems_.size() == before;
  }

 private:
  void tell(const CellPlace& place, std::string found, std::string allowed) {
    problems_.push_back({place, std::move(found), std::move(allowed)});
  }
  int equation_of(std::string_view name) const {
    const auto found = std::ranges::find(syntax_.equations, name, &Equation::name);
    return found == syntax_.equations.end() ? -1 : static_cast<int>(found - syntax_.equations.begin());
  }
  int state_of(std::string_view name) const {
    const auto found = std::ranges::find(syntax_.states, name, &State::name);
    return found == syntax_.states.end() ? -1 : static_cast<int>(found - syntax_.states.begin());
  }

  void check_counts() {
    const auto most = [&](const auto& list, int limit, const char* what) {
      if (list.size() > static_cast<size_t>(limit))
        tell(list[static_cast<size_t>(limit)].place, std::to_string(list.size()) + what,
             "at most " + std::to_string(limit));
    };
    most(syntax_.equations, CellLimits::equations, " equations");
    most(syntax_.states, CellLimits::states, " states");
  }

  void check_states() {
    for (size_t i = 0; i < syntax_.states.size(); ++i) {
      const State& state = syntax_.states[i];
      if (state_of(state.name) < static_cast<int>(i))
        tell(state.place, state.name + " is a state already", "each state once");
      else if (equation_of(state.name) < 0 && !syntax_.broken)
        tell(state.place, "nothing sets the state " + state.name, "an equation " + state.name + " = …");
    }
    if (syntax_.states_broken) return;
    if (syntax_.states.empty())
      tell(syntax_.header, "no line says what is carried from step to step", "state h, or more: state c, h");
    else if (state_of("h") < 0)
      tell(syntax_.states.front().place, "h is no state, and h is what goes up to the next layer",
           "state …, h");
  }

  void check_equations() {
    for (size_t i = 0; i < syntax_.equations.size(); ++i) {
      const Equation& equation = syntax_.equations[i];
      const int first = equation_of(equation.name);
      if (first < static_cast<int>(i))
        tell(equation.place,
             equation.name + " is set twice, also on line " +
                 std::to_string(syntax_.equations[static_cast<size_t>(first)].place.line),
             "one equation for each name");
    }
  }

  std::vector<std::string> known_words() const {
    std::vector<std::string> words = {"x", "bias"};
    for (const Equation& equation : syntax_.equations) words.push_back(equation.name);
    for (const State& state : syntax_.states) words.push_back(state.name + "[t-1]");
    return words;
  }

  void resolve(Piece& piece) {
    if (piece.kind == Piece::Kind::value) {
      piece.target = equation_of(piece.name);
      if (piece.target >= 0 || state_of(piece.name) >= 0) return;  // a state that nothing sets was told
      const std::vector<std::string> words = known_words();
      const std::string near = nearest(piece.name, words);
      tell(piece.place, short_name(piece.name) + " is not known here",
           near.empty() ? listed(words, " or ") : near);
    } else if (piece.kind == Piece::Kind::before) {
      piece.target = state_of(piece.name);
      if (piece.target >= 0 || syntax_.states_broken) return;
      if (equation_of(piece.name) >= 0) {
        tell(piece.place, piece.name + " is no state, so nothing is known of it one step before",
             "add it to the states: state …, " + piece.name);
        return;
      }
      std::vector<std::string> words;
      for (const State& state : syntax_.states) words.push_back(state.name);
      const std::string near = nearest(piece.name, words);
      tell(piece.place, short_name(piece.name) + " is no state",
           near.empty() ? "states are " + listed(words) : near);
    }
  }

  /// x is I wide: only lin and mat can read it. And a matrix of a number has no use.
  void check_right_side(const Equation& equation) {
    if (equation.root < 0) return;
    const auto stray = [&](const Piece& x) {
      tell(x.place, "x is as wide as the input, and everything else is hidden_size wide", "lin(x) or mat(x)");
    };
    const Piece& root = syntax_.pieces[static_cast<size_t>(equation.root)];
    if (root.kind == Piece::Kind::input) stray(root);
    for (int i = equation.first; i < equation.last; ++i) {
      const Piece& piece = syntax_.pieces[static_cast<size_t>(i)];
      if (piece.kind != Piece::Kind::op) continue;
      for (const int operand : {piece.a, piece.b}) {
        if (operand < 0) continue;
        const Piece& read = syntax_.pieces[static_cast<size_t>(operand)];
        if (read.kind == Piece::Kind::input) {
          if (piece.op != CellOp::linear) stray(read);
          if (piece.op == CellOp::linear && piece.heads > 1)
            tell(piece.place, "a matrix of the input in blocks",
                 "heads are of a state or another hidden_size wide value");
        }
        if (read.kind == Piece::Kind::number && has_two_operands(piece.op) &&
            kind_of(piece.op) == CellOpKind::across)
          tell(read.place, "the number " + shown(read.number), "a state or an expression");
        if (read.kind == Piece::Kind::number && kind_of(piece.op) == CellOpKind::with_parameters)
          tell(read.place, "the number " + shown(read.number),
               piece.op == CellOp::linear ? "x, a state or an expression" : "a state or an expression");
        if (piece.op == CellOp::divide && operand == piece.b && read.kind == Piece::Kind::number &&
            read.number == 0)
          tell(read.place, "a division by 0", "any other number");
      }
    }
  }

  // --- Matrices, in a cell whose names are sound

  Piece& piece(int index) { return syntax_.pieces[static_cast<size_t>(index)]; }
  /// Whether it reads a matrix as it is: c in this step, or c[t-1].
  const State* matrix_of(const Piece& read) const {
    int state = read.kind == Piece::Kind::before ? read.target : -1;
    if (read.kind == Piece::Kind::value)
      state = state_of(syntax_.equations[static_cast<size_t>(read.target)].name);
    const State* found = state < 0 ? nullptr : &syntax_.states[static_cast<size_t>(state)];
    return found && found->heads > 0 ? found : nullptr;
  }

  /// A state is a matrix when its equation has outer(v, k). It has one form, and one use.
  void check_matrices() {
    std::vector<bool> kept(syntax_.pieces.size());  // places where a matrix may be read
    for (Equation& equation : syntax_.equations) {
      int outers = 0;
      for (int i = equation.first; i < equation.last; ++i)
        if (piece(i).kind == Piece::Kind::op && piece(i).op == CellOp::outer) ++outers;
      if (outers > 0) check_matrix(equation, outers, kept);
    }
    for (const Equation& equation : syntax_.equations) {
      if (matrix_of(piece(equation.root))) tell_matrix(piece(equation.root));
      for (int i = equation.first; i < equation.last; ++i) {
        const Piece& now = piece(i);
        if (now.kind != Piece::Kind::op) continue;
        const bool is_times = now.op == CellOp::times;
        const State* matrix = is_times ? matrix_of(piece(now.a)) : nullptr;
        if (is_times && !matrix)
          tell(piece(now.a).place, "times(c, q) of what is no matrix",
               "a state whose equation is c = f * c[t-1] + outer(v, k)");
        else if (is_times && matrix->heads != now.heads)
          tell(now.place,
               "a matrix of " + std::to_string(matrix->heads) + " heads, read as one of " +
                   std::to_string(now.heads),
               "heads(" + std::to_string(matrix->heads) + ", times(…))");
        for (const int operand : {now.a, now.b})
          if (operand >= 0 && matrix_of(piece(operand)) && !kept[static_cast<size_t>(operand)] &&
              !(is_times && operand == now.a))
            tell_matrix(piece(operand));
      }
    }
  }
  void tell_matrix(const Piece& read) {
    const std::string& name = matrix_of(read)->name;
    tell(read.place, name + " is a matrix, and this takes a vector",
         "times(" + name + ", q) reads it; its own equation is " + matrix_form(name));
  }
  static std::string matrix_form(const std::string& name) {
    return name + " = f * " + name + "[t-1] + outer(v, k)";
  }

  void check_matrix(const Equation& equation, int outers, std::vector<bool>& kept) {
    const int state = state_of(equation.name);
    Piece& root = piece(equation.root);
    const auto is = [&](int index, CellOp op) {
      return index >= 0 && piece(index).kind == Piece::Kind::op && piece(index).op == op;
    };
    const auto is_past = [&](int index) {
      return piece(index).kind == Piece::Kind::before && piece(index).target == state;
    };
    int write = -1, keep = -1, past = -1;
    if (is(equation.root, CellOp::add)) {
      write = is(root.a, CellOp::outer) ? root.a : root.b;
      keep = write == root.a ? root.b : root.a;
      if (is_past(keep)) past = keep;
      if (is(keep, CellOp::multiply))
        for (const int factor : {piece(keep).a, piece(keep).b})
          if (is_past(factor)) past = factor;
    }
    if (state < 0 || equation.name == "h" || outers != 1 || !is(write, CellOp::outer) || past < 0) {
      const std::string name = state < 0 || equation.name == "h" ? "c" : equation.name;
      tell(equation.place,
           equation.name + " has outer(…), so it would be a matrix, " +
               (state < 0              ? "which only a state can be"
                : equation.name == "h" ? "which h cannot be"
                                       : "but not in this form"),
           matrix_form(name) + ", with " + name + " among the states");
      return;
    }
    const int heads = piece(write).heads;
    syntax_.states[static_cast<size_t>(state)].heads = heads;
    kept[static_cast<size_t>(past)] = true;
    for (const int matrix : {write, keep, equation.root})
      if (piece(matrix).kind == Piece::Kind::op) piece(matrix).matrix = true, piece(matrix).heads = heads;
  }

  // --- What has no use, in a cell whose names are sound

  bool check_use() {
    std::vector<bool> useful(syntax_.equations.size()), read_before(syntax_.states.size());
    std::vector<int> open = {equation_of("h")};
    useful[static_cast<size_t>(open[0])] = true;
    bool reads_input = false;
    while (!open.empty()) {
      const Equation equation = syntax_.equations[static_cast<size_t>(open.back())];
      open.pop_back();
      const auto use = [&](int other) {
        if (!useful[static_cast<size_t>(other)]) open.push_back(other);
        useful[static_cast<size_t>(other)] = true;
      };
      for (int i = equation.first; i < equation.last; ++i) {
        const Piece& piece = syntax_.pieces[static_cast<size_t>(i)];
        reads_input |= piece.kind == Piece::Kind::input;
        if (piece.kind == Piece::Kind::value) use(piece.target);
        if (piece.kind != Piece::Kind::before) continue;
        read_before[static_cast<size_t>(piece.target)] = true;
        use(equation_of(syntax_.states[static_cast<size_t>(piece.target)].name));
      }
    }
    bool sound = true;
    for (size_t i = 0; i < syntax_.equations.size(); ++i) {
      const Equation& equation = syntax_.equations[i];
      if (useful[i]) continue;
      sound = false;
      tell(equation.place, "nothing that leads to h reads " + equation.name,
           "read it in another equation, or leave it out");
    }
    for (size_t i = 0; i < syntax_.states.size(); ++i) {
      const State& state = syntax_.states[i];
      if (read_before[i] || state.name == "h" || !useful[static_cast<size_t>(equation_of(state.name))])
        continue;
      sound = false;
      tell(state.place, "nothing reads " + state.name + "[t-1]",
           "leave it out of the states: " + state.name + " is a value of this step only");
    }
    if (sound && !reads_input) {
      sound = false;
      tell(syntax_.header, "nothing reads the input x", "lin(x) or mat(x) in some equation");
    }
    return sound;
  }

  Syntax& syntax_;
  std::vector<CellProblem>& problems_;
};

class Sorter {
 public:
  Sorter(const Syntax& syntax, std::vector<CellProblem>& problems)
      : syntax_(syntax), problems_(problems), marks_(syntax.equations.size(), Mark::none) {}

  std::vector<int> run() {
    for (size_t i = 0; i < syntax_.equations.size(); ++i) visit(static_cast<int>(i));
    return found_cycle_ ? std::vector<int>() : order_;
  }

 private:
  enum class Mark { none, open, done };

  void visit(int index) {
    Mark& mark = marks_[static_cast<size_t>(index)];
    if (mark == Mark::done) return;
    if (mark == Mark::open) return tell_cycle(index);
    mark = Mark::open;
    path_.push_back(index);
    const Equation& equation = syntax_.equations[static_cast<size_t>(index)];
    for (int i = equation.first; i < equation.last; ++i) {
      const Piece& piece = syntax_.pieces[static_cast<size_t>(i)];
      if (piece.kind == Piece::Kind::value && piece.target >= 0) visit(piece.target);
    }
    path_.pop_back();
    marks_[static_cast<size_t>(index)] = Mark::done;
    order_.push_back(index);
  }

  void tell_cycle(int index) {
    if (found_cycle_) return;
    found_cycle_ = true;
    std::string names;
    const Equation* state = nullptr;
    for (auto at = std::ranges::find(path_, index); at != path_.end(); ++at) {
      const Equation& equation = syntax_.equations[static_cast<size_t>(*at)];
      names += equation.name + " needs ";
      if (std::ranges::count(syntax_.states, equation.name, &State::name) > 0) state = &equation;
    }
    const Equation& first = syntax_.equations[static_cast<size_t>(index)];
    problems_.push_back(
        {first.place, "within one step " + names + first.name,
         state ? "read " + state->name + "[t-1], the value one step before, at one of these places"
               : "read a value one step before at one of these places: " + first.name + "[t-1], with " +
                     first.name + " among the states"});
  }

  const Syntax& syntax_;
  std::vector<CellProblem>& problems_;
  std::vector<Mark> marks_;
  std::vector<int> path_, order_;
  bool found_cycle_ = false;
};

}  // namespace

bool resolve(Syntax& syntax, std::vector<CellProblem>& problems) { return Resolver(syntax, problems).run(); }

std::vector<int> order_of(const Syntax& syntax, std::vector<CellProblem>& problems) {
  return Sorter(syntax, problems).run();
}

}  // namespace unroll::cell_syntax
