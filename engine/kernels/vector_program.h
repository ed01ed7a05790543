// Short programs of element-wise operations, which the plan of a cell (engine/cells/plan.h) is made of. An instruction
// goes over R rows of n floats. A program is run block by block of at most `vector_block` floats, all instructions on one
// block before the next one, so what they hand to each other stays in the first-level cache: such a value has a `local`
// place, a buffer of one block.
//
//   y = f(a, b, c) of the places y, a, b, c, with the numbers k and l. With `add`, y += f(a, b, c) where the operation
//   says "adds". A place may be that of an operand of the same instruction, but may not overlap it otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

namespace unroll::kernels {

enum class VectorOp : uint8_t {
  fill,      ///< l
  scale,     ///< k·a (adds)
  affine,    ///< k·a + l
  sum,       ///< a + b
  subtract,  ///< a − b
  product,   ///< k·a·b (adds)
  fma,       ///< c + k·a·b
  divide,    ///< k·a/b (adds)
  max,
  min,
  sigmoid,
  tanh,
  relu,  ///< max(a, 0)
  exp,
  log,
  softplus,
  abs,
  sqrt,
  sin,
  cos,
  drop_faint,  ///< a, and 0 where |a| < 2⁻¹⁰⁰
  // Of the way back, all of which add. `2` has one factor more.
  sigmoid_back,   ///< k·a·b·(1 − b)
  sigmoid_back2,  ///< k·a·b·c·(1 − c)
  tanh_back,      ///< k·a·(1 − b²)
  tanh_back2,     ///< k·a·b·(1 − c²)
  positive,       ///< k·a where b > 0
  positive2,      ///< k·a·b where c > 0
  elsewhere,      ///< k·a where not b > 0
  sign,           ///< k·a·sign(b)
  // Over whole rows (layer normalisation, µ and σ² of each row, ε = 1e−5)
  norm,       ///< b ∘ (a − µ)/√(σ² + ε) + c, where b and c are one row each
  norm_back,  ///< gradient of a, of which c is the gradient of y = norm(a, b, …) (adds); d, a row, += Σ c ∘ (a − µ)/√(σ² + ε)
  // Sums over the rows, added to the one row y
  row_sum,      ///< k·Σ a
  row_product,  ///< k·Σ a·b
  // Across the n units of a row, in l heads of d = n / l; and matrices of (d, n), one for each row: column c, n floats, stands
  // behind column c − 1, and meets number c of each head. All but matrix_write add. y is no operand, but of unit_sum.
  unit_sum,           ///< k·Σ a of each head, in all of its places
  matrix_write,       ///< the matrix diag(b) a + c dᵀ
  matrix_times,       ///< k·(matrix a) b
  matrix_times_back,  ///< k·(matrix a)ᵀ b
  matrix_outer,       ///< the matrix k·a bᵀ
  matrix_scale,       ///< the matrix k·diag(b) a
  matrix_dots,        ///< k·Σ over the columns of a ∘ b, both matrices
};
inline constexpr int vector_ops = static_cast<int>(VectorOp::matrix_dots) + 1;
/// It needs all n floats of a row at once.
inline bool works_on_whole_rows(VectorOp op) {
  return op == VectorOp::norm || op == VectorOp::norm_back || op >= VectorOp::unit_sum;
}

struct VectorInstruction {
  VectorOp op = VectorOp::fill;
  bool add = false;
  uint16_t y = 0, a = 0, b = 0, c = 0, d = 0;  ///< places
  float k = 1, l = 0;
};

/// Where an operand lies: row r of it begins at data + r·stride. Stride 0: one row that serves all. `local`: a buffer of
/// max(vector_block, n) floats that belongs to the program.
struct VectorPlace {
  float* data = nullptr;
  ptrdiff_t stride = 0;
  bool local = false;
};

inline constexpr int vector_block = 1024;

struct VectorProgram {
  const VectorInstruction* code = nullptr;
  int count = 0;
  bool whole_rows = false;  ///< some instruction works on whole rows: a block is never less than one
};

}  // namespace unroll::kernels
