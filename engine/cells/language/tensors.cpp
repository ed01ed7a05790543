// Tensors of a cell: which there are, what they are called, and what lines `init` and `bound` say of their blocks. The rules
// of naming stand in docs/cells.md. Why no two names can be the same: a state's name has no _ and is not i, so weight_{s}h
// is never weight_ih nor one of those with a further word, and of the words in second place (diag, norm, heads4, of, in)
// none ends in h.
#include <algorithm>
#include <map>

#include "engine/base/utf8.h"
#include "engine/cells/language/checker.h"

namespace unroll::cell_syntax {
namespace {

class Assigner {
 public:
  explicit Assigner(Syntax& syntax) : syntax_(syntax) {}

  std::vector<CellTensor> run() {
    for (const Equation& equation : syntax_.equations) assign(equation);
    std::vector<CellTensor> tensors;
    std::vector<int> numbers[3];  // of each role: where its tensors come to stand
    for (size_t role = 0; role < 3; ++role) {
      numbers[role].resize(roles_[role].size());
      for (const bool of_input : {true, false})  // the product of x stands first, wherever it is in the text
        for (size_t i = 0; i < roles_[role].size(); ++i) {
          CellTensor& tensor = roles_[role][i];
          if ((tensor.name == "weight_ih" || tensor.name == "bias_ih") != of_input) continue;
          numbers[role][i] = static_cast<int>(tensors.size());
          tensors.push_back(tensor);
        }
    }
    for (const auto& [parameter, role] : assigned_)
      parameter->tensor = numbers[static_cast<size_t>(role)][static_cast<size_t>(parameter->tensor)];
    return tensors;
  }

 private:
  enum Role { matrices, biases, vectors };

  /// Blocks in the order in which the words lin, mat, diag, bias and norm stand in the text.
  void assign(const Equation& equation) {
    std::vector<int> learned;
    for (int i = equation.first; i < equation.last; ++i) {
      const Piece& piece = syntax_.pieces[static_cast<size_t>(i)];
      if (piece.kind == Piece::Kind::op && kind_of(piece.op) == CellOpKind::with_parameters)
        learned.push_back(i);
    }
    std::ranges::sort(learned, {}, [&](int i) { return syntax_.pieces[static_cast<size_t>(i)].word.column; });
    for (const int i : learned) assign(syntax_.pieces[static_cast<size_t>(i)], equation);
  }

  void assign(Piece& piece, const Equation& equation) {
    using Shape = CellTensor::Shape;
    if (piece.op == CellOp::vector) {
      block(piece.weight, vectors, "bias", Shape::vector);
    } else if (piece.op == CellOp::norm) {
      block(piece.weight, vectors, "weight_norm", Shape::vector);
      block(piece.bias, vectors, "bias_norm", Shape::vector);
    } else {
      const Piece& read = syntax_.pieces[static_cast<size_t>(piece.a)];
      const bool is_diag = piece.op == CellOp::scaled;
      std::string what = is_diag           ? "diag_"
                         : piece.heads > 1 ? "heads" + std::to_string(piece.heads) + "_"
                                           : "";
      if (read.kind == Piece::Kind::input)
        what += "ih";
      else if (read.kind == Piece::Kind::before)
        what += read.name + (is_diag ? "" : "h");
      else
        what += read.kind == Piece::Kind::value ? "of_" + read.name : "in_" + equation.name;
      const Shape shape = is_diag                           ? Shape::vector
                          : read.kind == Piece::Kind::input ? Shape::matrix_of_input
                                                            : Shape::matrix;
      block(piece.weight, is_diag ? vectors : matrices, "weight_" + what, shape, piece.heads);
      if (piece.with_bias) block(piece.bias, biases, "bias_" + what, Shape::vector);
    }
  }

  void block(CellParameter& parameter, Role role, const std::string& name, CellTensor::Shape shape,
             int heads = 1) {
    std::vector<CellTensor>& tensors = roles_[role];
    auto tensor = std::ranges::find(tensors, name, &CellTensor::name);
    if (tensor == tensors.end()) tensor = tensors.insert(tensors.end(), {name, shape, 0, heads});
    parameter = {static_cast<int>(tensor - tensors.begin()), tensor->blocks++};
    assigned_.emplace_back(&parameter, role);
  }

  Syntax& syntax_;
  std::vector<CellTensor> roles_[3];
  std::vector<std::pair<CellParameter*, Role>> assigned_;
};

// --- Lines init and bound

struct Block {
  int tensor, block;
  auto operator<=>(const Block&) const = default;
};

class Placer {
 public:
  Placer(const Syntax& syntax, CellGraph& graph, std::vector<CellProblem>& problems)
      : syntax_(syntax), graph_(graph), problems_(problems) {}

  void run() {
    for (const CellNode& node : graph_.nodes) {
      if (node.op != CellOp::norm) continue;  // as torch.nn.LayerNorm
      put({node.weight.tensor, node.weight.block, CellInit::Kind::number, 1, 0});
      put({node.bias.tensor, node.bias.block, CellInit::Kind::number, 0, 0});
    }
    // Of two lines for one block, what is said of an equation goes before what is said of a whole tensor.
    for (const bool of_equation : {false, true}) {
      std::map<Block, int> said;  // on which line
      for (const Init& init : syntax_.inits)
        if (init.target.equation.empty() != of_equation) place(init, said);
    }
    for (const auto& [block, init] : inits_) graph_.inits.push_back(init);

    std::map<Block, CellBound> bounds;
    for (const Bound& bound : syntax_.bounds)
      for (const Block& block : blocks_of(bound.target))
        if (!bounds.insert({block, {block.tensor, block.block, bound.low, bound.high}}).second) {
          tell(bound.target.tensor_place, "a second bound for the same numbers", "one");
          break;
        }
    for (const auto& [block, bound] : bounds) graph_.bounds.push_back(bound);
  }

 private:
  void tell(const CellPlace& place, std::string found, std::string allowed) {
    problems_.push_back({place, std::move(found), std::move(allowed)});
  }
  void put(const CellInit& init) { inits_[{init.tensor, init.block}] = init; }

  void place(const Init& init, std::map<Block, int>& said) {
    std::vector<CellInit> made;
    const bool is_bias = !init.target.equation.empty() && init.target.tensor == "bias";
    if (is_bias) {
      const int equation = equation_of(init.target);
      if (equation < 0) return;
      made = bias_inits(graph_, equation, init.kind, init.a, init.b);
      if (made.empty())
        return tell(init.target.tensor_place, init.target.equation + " has no bias",
                    "lin(…), bias or norm(…) in it");
    } else {
      for (const Block& block : blocks_of(init.target))
        made.push_back({block.tensor, block.block, init.kind, init.a, init.b});
    }
    const bool needs_matrix =
        init.kind == CellInit::Kind::identity || init.kind == CellInit::Kind::orthogonal;
    for (size_t i = 0; i < made.size(); ++i) {
      const CellTensor& tensor = graph_.tensors[static_cast<size_t>(made[i].tensor)];
      if (needs_matrix && tensor.shape != CellTensor::Shape::matrix)
        return tell(init.place, tensor.name + " is no square matrix",
                    "a matrix of a state, such as weight_hh");
      const Block block{made[i].tensor, made[i].block};
      const bool implied = is_bias && i > 0;  // the zeros of the other biases give way to a line about them
      const auto before = said.find(block);
      if (implied && before != said.end()) continue;
      if (before != said.end())
        return tell(
            init.target.tensor_place,
            tensor.name + " has its first values from line " + std::to_string(before->second) + " already",
            "one line init for them");
      if (!implied) said[block] = init.target.tensor_place.line;
      put(made[i]);
    }
  }

  int equation_of(const Target& target) {
    const CellEquation* equation = graph_.equation(target.equation);
    if (equation) return static_cast<int>(equation - graph_.equations.data());
    std::vector<std::string> names;
    for (const CellEquation& one : graph_.equations) names.push_back(one.name);
    const std::string near = nearest(target.equation, names);
    tell(target.equation_place, short_name(target.equation) + " is no equation",
         near.empty() ? listed(names, " or ") : near);
    return -1;
  }

  std::vector<Block> blocks_of(const Target& target) {
    const int equation = target.equation.empty() ? -1 : equation_of(target);
    if (equation < 0 && !target.equation.empty()) return {};
    std::vector<Block> blocks;
    std::vector<std::string> names;
    for (const CellNode& node : graph_.nodes)
      for (const CellParameter& parameter : {node.weight, node.bias}) {
        if (parameter.tensor < 0 || (equation >= 0 && node.equation != equation)) continue;
        const std::string& name = graph_.tensors[static_cast<size_t>(parameter.tensor)].name;
        if (std::ranges::count(names, name) == 0) names.push_back(name);
        if (name == target.tensor) blocks.push_back({parameter.tensor, parameter.block});
      }
    if (blocks.empty()) {
      const std::string near = nearest(target.tensor, names);
      const std::string whose = equation >= 0 ? target.equation + " has no tensor " : "there is no tensor ";
      tell(target.tensor_place, whose + short_name(target.tensor),
           !near.empty()   ? near
           : names.empty() ? "an equation with lin, mat, diag, bias or norm"
                           : listed(names, " or "));
    }
    return blocks;
  }

  const Syntax& syntax_;
  CellGraph& graph_;
  std::vector<CellProblem>& problems_;
  std::map<Block, CellInit> inits_;
};

}  // namespace

std::vector<CellTensor> assign_tensors(Syntax& syntax) { return Assigner(syntax).run(); }

void place_inits(const Syntax& syntax, CellGraph& graph, std::vector<CellProblem>& problems) {
  Placer(syntax, graph, problems).run();
}

}  // namespace unroll::cell_syntax
