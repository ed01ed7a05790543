// A cell as data: its equations, read and checked (language.h), as a graph of operations on vectors of one time step.
// Everything that is known of a cell follows from it: the passes that train it (plan.h), the same in double precision
// (double_cell.h), its parameters and their names, its diagram and formulas, its export.
//
// Every value of a step is a vector of H = hidden_size numbers for each stream of the batch, but the input x (I wide,
// of which only linear operations can read), plain numbers, and matrices: a state that is set by f * c[t-1] + outer(v, k)
// has H / heads columns of H numbers, one behind the other, so that unit j's row is at j, H + j, 2 H + j, …. Nodes stand in
// an order in which every operand comes before its use, so one walk forward computes a step and one walk backward
// differentiates it. A graph is immutable and shared (shipped.h). May use engine/base.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace unroll {

enum class CellOp : uint8_t {
  input,   ///< x_t, I wide: operand of `linear` only
  number,  ///< `value`, everywhere
  before,  ///< s[t−1] of state `state`
  // With parameters
  linear,  ///< W a + b: W is `weight`, b is `bias` or none; a is no `number`
  vector,  ///< a learned vector: `weight`
  scaled,  ///< diag(a): `weight` ∘ a
  norm,  ///< layer normalisation over the H units (Ba et al. 2016, eqs 3–4, ε = 1e−5): `weight` ∘ (a − µ)/√(σ² + ε) + `bias`
  // Across the units of each of `heads` heads, d = H / heads of them
  sum,    ///< Σ a, at each of them
  mean,   ///< Σ a / d
  outer,  ///< the matrix a bᵀ: column c is a · b[c], where each head has the b of its own units
  times,  ///< matrix a times b
  // Of two, or of a vector and each column of a matrix
  add,
  subtract,
  multiply,
  divide,
  max,
  min,
  // Of one
  copy,  ///< a itself, where an equation only names another value
  negate,
  sigmoid,
  tanh,
  relu,
  exp,
  log,
  softplus,
  abs,
  sqrt,
  sin,
  cos,
};

/// A stack of parameter blocks, one tensor in a checkpoint. `weight_ih` of an lstm has 4 blocks of (H, I).
struct CellTensor {
  enum class Shape { matrix_of_input, matrix, vector };  ///< a block is (H, I), (H, H / heads) or (H)
  std::string name;  ///< without the layer: "weight_ih", "bias_hh", "weight_diag_c"
  Shape shape = Shape::vector;
  int blocks = 0;
  int heads =
      1;  ///< matrix: block-diagonal in that many blocks of (H / heads, H / heads), stacked: (H, H / heads)

  /// Columns of a block: I, H / heads, or 0 of a vector. Its rows are always H.
  int columns(int hidden, int input) const;
  uint64_t block_size(int hidden, int input) const;  ///< numbers in a block
  uint64_t size(int hidden, int input) const;        ///< in all blocks
};
struct CellParameter {
  int tensor = -1;  ///< −1 = none
  int block = 0;
};

/// Where something stands in the text: line and column from 1, and how many characters.
struct CellPlace {
  int line = 1, column = 1, length = 1;
  bool operator==(const CellPlace&) const = default;
};

struct CellNode {
  CellOp op = CellOp::number;
  int a = -1, b = -1;  ///< operands: earlier nodes
  int state = -1;      ///< of `before`
  double value = 0;    ///< of `number`
  CellParameter weight, bias;
  int heads = 1;        ///< of what goes across units, and of every matrix
  bool matrix = false;  ///< its value is one
  int equation = -1;    ///< in whose right side it stands; −1: `input` and `before`, which all share
  CellPlace place;      ///< of `input` and `before` the first of them in the text
};

/// A line `name = …`: a gate, a state's new value or anything else with a name. What sets a state is no `number`.
struct CellEquation {
  std::string name;
  int node =
      -1;  ///< of its whole right side. No two equations share a node, and none has `input` or `before`
  int state = -1;     ///< the state that it sets, or −1
  std::string help;   ///< the comment beside it
  std::string right;  ///< its right side as written
  CellPlace place;    ///< of its name
};

struct CellState {
  std::string name;
  int equation = -1;
  double initial = 0;  ///< before the first character
  int heads = 0;       ///< of a matrix; 0: a vector

  int columns(int hidden) const { return heads == 0 ? 1 : hidden / heads; }  ///< its size is that times H
};

/// What is put into a block of a tensor when a model is made; where there is none, U(−1/√H, 1/√H), as PyTorch's recurrent
/// layers do with all they have. At most one a block. With heads, identity and orthogonal are each head's.
///   number a · uniform from a to b · normal with mean a and deviation b · identity times a · orthogonal
///   log_uniform: log U(a, b)
///   chrono: b times log U(1, a − 1) (Tallec & Ollivier 2018, eq. 16); all chrono blocks of a layer share one draw
struct CellInit {
  enum class Kind { number, uniform, normal, identity, orthogonal, log_uniform, chrono };
  int tensor = 0, block = 0;
  Kind kind = Kind::number;
  double a = 0, b = 0;
};
/// After every update each value of a block is put into [low, high] (IndRNN: |u| ≤ 2^(1/T)). At most one a block.
struct CellBound {
  int tensor = 0, block = 0;
  double low = 0, high = 0;
};

struct CellGraph {
  std::string name;   ///< "lstm"
  std::string title;  ///< "Long short-term memory with forget gate"
  std::string help;   ///< the comment beside it: the source
  std::string text;   ///< all of it, as written
  std::vector<CellNode> nodes;
  std::vector<CellEquation> equations;  ///< in the order of the file
  std::vector<CellState> states;        ///< in the order of the file: the first is the memory
  int output = 0;                       ///< the state that goes up: h
  std::vector<CellTensor>
      tensors;  ///< in the order of a checkpoint: matrices, then their biases, then vectors
  std::vector<CellInit> inits;
  std::vector<CellBound> bounds;

  const CellEquation* equation(std::string_view name) const;  ///< or null
  int state(std::string_view name) const;                     ///< or −1
};

// --- What every op is called and computes

enum class CellOpKind : uint8_t { leaf, with_parameters, across, of_two, of_one };
CellOpKind kind_of(CellOp op);
/// "add", "sigmoid"; functions are called so in the language, too.
const char* name(CellOp op);
bool has_two_operands(CellOp op);
/// An op of_one or of_two, in double precision. Of one: b counts for nothing.
double apply(CellOp op, double a, double b = 0);

// --- What follows from a graph

/// Columns of H numbers of which the value of a node consists: 1, but of a matrix H / heads.
int columns_of(const CellNode& node, int hidden);
/// What is shown of a matrix: one number a unit, the norm of its row. Of a vector its values.
template <class Number, class Shown>
void values_of_units(const Number* values, size_t columns, size_t hidden, Shown* shown) {
  for (size_t j = 0; j < hidden; ++j) {
    if (columns == 1) {
      shown[j] = static_cast<Shown>(values[j]);
      continue;
    }
    double squares = 0;
    for (size_t i = j; i < columns * hidden; i += hidden)
      squares += static_cast<double>(values[i]) * static_cast<double>(values[i]);
    shown[j] = static_cast<Shown>(std::sqrt(squares));
  }
}
/// Numbers that training changes, in one layer of H hidden units with I inputs.
uint64_t parameter_count(const CellGraph& graph, int hidden, int input);
/// Where each tensor begins among a layer's parameters when they stand one after the other.
std::vector<size_t> tensor_offsets(const CellGraph& graph, int hidden, int input);
/// hidden_size must be a multiple of this (heads); 1 for most.
int hidden_multiple(const CellGraph& graph);
/// `init f.bias = …` for an equation: of its biases (language.h) the first is drawn as `kind` says, the others are 0.
/// Empty where the equation has none.
std::vector<CellInit> bias_inits(const CellGraph& graph, int equation, CellInit::Kind kind, double a,
                                 double b = 0);
/// How strongly what is printed holds together: what holds less than asked for is put in brackets.
struct Binding {
  static constexpr int sum = 1, product = 2, sign = 3, atom = 4;
};
/// The expression of a node for people, as one would write it; what has a name stands by its name.
std::string expression(const CellGraph& graph, int node);

}  // namespace unroll
