// The interpreter of vector programs. Every operation is a function of its own: in V8 a function becomes fast when it is
// entered often, not while it runs.
#pragma once

#include "engine/kernels/math.h"
#include "engine/kernels/vector_program.h"

namespace unroll::kernels::UNROLL_ISA {

/// An instruction on one block, its places looked up.
struct Run {
  const float *a, *b, *c;
  float *y, *d;
  ptrdiff_t a_stride, b_stride, c_stride, d_stride, y_stride;
  ptrdiff_t rows, n;
  float k, l;
};

/// y = or += value(a, b, c), of which the first `operands` are read.
template <int operands, bool add, class Value>
UNROLL_INLINE void each(const Run& run, Value value) {
  const auto row = [&](const float* a, const float* b, const float* c, float* y, ptrdiff_t n) UNROLL_ALWAYS {
    for_vectors(n, [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
      const F x = operands > 0 ? load_n(a + j, w) : zero(), z = operands > 1 ? load_n(b + j, w) : zero();
      const F v = value(x, z, operands > 2 ? load_n(c + j, w) : zero());
      store_n(y + j, add ? load_n(y + j, w) + v : v, w);
    });
  };
  const ptrdiff_t n = run.n;
  const bool together = run.y_stride == n && (operands < 1 || run.a_stride == n) &&
                        (operands < 2 || run.b_stride == n) && (operands < 3 || run.c_stride == n);
  if (together) return row(run.a, run.b, run.c, run.y, run.rows * n);
  const float *a = run.a, *b = run.b, *c = run.c;
  float* y = run.y;
  for (ptrdiff_t r = 0; r < run.rows; ++r) {
    row(a, b, c, y, n);
    a += run.a_stride, b += run.b_stride, c += run.c_stride, y += run.y_stride;
  }
}

#define UNROLL_VECTOR_OP(name, operands, adds, value)                                                 \
  template <bool add>                                                                                 \
  UNROLL_NOINLINE static void name(const Run& run) {                                                  \
    [[maybe_unused]] const F k = set(run.k), l = set(run.l);                                          \
    each<operands, adds && add>(run,                                                                  \
                                [=]([[maybe_unused]] F a, [[maybe_unused]] F b, [[maybe_unused]] F c) \
                                    UNROLL_ALWAYS -> F { return value; });                            \
  }
namespace op {
UNROLL_VECTOR_OP(fill, 0, false, l)
UNROLL_VECTOR_OP(scale, 1, true, k* a)
UNROLL_VECTOR_OP(affine, 1, false, fma(k, a, l))
UNROLL_VECTOR_OP(sum, 2, false, a + b)
UNROLL_VECTOR_OP(subtract, 2, false, a - b)
UNROLL_VECTOR_OP(product, 2, true, k* a* b)
UNROLL_VECTOR_OP(fused, 3, false, fma(k* a, b, c))
UNROLL_VECTOR_OP(divide, 2, true, UNROLL_ISA::divide(k* a, b))
UNROLL_VECTOR_OP(max, 2, false, UNROLL_ISA::max(a, b))
UNROLL_VECTOR_OP(min, 2, false, UNROLL_ISA::min(a, b))
UNROLL_VECTOR_OP(sigmoid, 1, false, vsigmoid(a))
UNROLL_VECTOR_OP(tanh, 1, false, vtanh(a))
UNROLL_VECTOR_OP(relu, 1, false, UNROLL_ISA::max(a, zero()))
UNROLL_VECTOR_OP(exp, 1, false, vexp(a))
UNROLL_VECTOR_OP(log, 1, false, vlog(a))
UNROLL_VECTOR_OP(softplus, 1, false, vsoftplus(a))
UNROLL_VECTOR_OP(abs, 1, false, UNROLL_ISA::max(a, zero() - a))
UNROLL_VECTOR_OP(sqrt, 1, false, square_root(a))
UNROLL_VECTOR_OP(sin, 1, false, vsin(a))
UNROLL_VECTOR_OP(cos, 1, false, vcos(a))
UNROLL_VECTOR_OP(drop_faint, 1, false, UNROLL_ISA::drop_faint(a))
UNROLL_VECTOR_OP(sigmoid_back, 2, true, k* a* nfma(b, b, b))
UNROLL_VECTOR_OP(sigmoid_back2, 3, true, k* a* b* nfma(c, c, c))
UNROLL_VECTOR_OP(tanh_back, 2, true, k* nfma(b* b, a, a))
UNROLL_VECTOR_OP(tanh_back2, 3, true, k* nfma(c* c, a* b, a* b))
UNROLL_VECTOR_OP(positive, 2, true, where_positive(b, k* a))
UNROLL_VECTOR_OP(positive2, 3, true, where_positive(c, k* a* b))
UNROLL_VECTOR_OP(elsewhere, 2, true, k* a - where_positive(b, k* a))
UNROLL_VECTOR_OP(sign, 2, true, where_positive(b, k* a) - where_positive(zero() - b, k* a))
}  // namespace op
#undef UNROLL_VECTOR_OP

/// Mean and 1/√(σ² + ε) of a row.
struct Moments {
  float mean, scale;
};
UNROLL_INLINE F whole_sum(const float* x, ptrdiff_t n) {
  F total = zero();
  for_vectors(n, [&](ptrdiff_t j, int w) UNROLL_ALWAYS { total = total + load_n(x + j, w); });
  return total;
}
UNROLL_INLINE Moments moments(const float* x, ptrdiff_t n) {
  const float count = static_cast<float>(n), mean = sum(whole_sum(x, n)) / count;
  F squares = zero();
  const F shift = set(mean);
  for_vectors(n, [&](ptrdiff_t j, int w) UNROLL_ALWAYS {
    if (w == W) {
      const F off = load(x + j) - shift;
      squares = fma(off, off, squares);
    }
  });
  float variance = sum(squares);
  for (ptrdiff_t j = n / W * W; j < n; ++j) variance += (x[j] - mean) * (x[j] - mean);
  const F deviation = square_root(set(variance / count + 1e-5f));
  float scale[W];
  store(scale, divide(set(1.0f), deviation));
  return {mean, scale[0]};
}

namespace op {
template <bool>
UNROLL_NOINLINE static void norm(const Run& run) {
  const float *a = run.a, *gain = run.b, *shift = run.c;
  float* y = run.y;
  for (ptrdiff_t r = 0; r < run.rows; ++r, a += run.a_stride, y += run.y_stride) {
    const Moments of = moments(a, run.n);
    const F mean = set(of.mean), scale = set(of.scale);
    for_vectors(run.n, [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
      const F normal = (load_n(a + j, w) - mean) * scale;
      store_n(y + j, fma(load_n(gain + j, w), normal, load_n(shift + j, w)), w);
    });
  }
}

/// With x̂ = (a − µ)/σ and u = dy ∘ gain: da = (u − mean(u) − x̂ ∘ mean(u ∘ x̂))/σ.
template <bool add>
UNROLL_NOINLINE static void norm_back(const Run& run) {
  const float *a = run.a, *gain = run.b, *dy = run.c;
  float *da = run.y, *d_gain = run.d;
  const float count = static_cast<float>(run.n);
  for (ptrdiff_t r = 0; r < run.rows; ++r, a += run.a_stride, dy += run.c_stride, da += run.y_stride) {
    const Moments of = moments(a, run.n);
    const F mean = set(of.mean), scale = set(of.scale);
    F sum_u = zero(), sum_ux = zero();
    for_vectors(run.n, [&](ptrdiff_t j, int w) UNROLL_ALWAYS {
      const F normal = (load_n(a + j, w) - mean) * scale, d = load_n(dy + j, w), u = d * load_n(gain + j, w);
      store_n(d_gain + j, fma(d, normal, load_n(d_gain + j, w)), w);
      sum_u = sum_u + u, sum_ux = fma(u, normal, sum_ux);  // beyond the row u is 0
    });
    const F mean_u = set(sum(sum_u) / count), mean_ux = set(sum(sum_ux) / count);
    for_vectors(run.n, [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
      const F normal = (load_n(a + j, w) - mean) * scale, u = load_n(dy + j, w) * load_n(gain + j, w);
      const F d = scale * (nfma(normal, mean_ux, u) - mean_u);
      store_n(da + j, add ? load_n(da + j, w) + d : d, w);
    });
  }
}

/// Four rows at a time: y is read and written a quarter as often.
template <bool product>
UNROLL_INLINE void add_rows(const Run& run) {
  const F k = set(run.k);
  const float *a = run.a, *b = run.b;
  float* y = run.y;
  const ptrdiff_t p = run.a_stride, q = run.b_stride;
  const auto term = [](const float* x, const float* z, int w) UNROLL_ALWAYS {
    if constexpr (product)
      return load_n(x, w) * load_n(z, w);
    else
      return load_n(x, w);
  };
  ptrdiff_t r = 0;
  for (; r + 4 <= run.rows; r += 4, a += 4 * p, b += 4 * q)
    for_vectors(run.n, [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
      const float *x = a + j, *z = b + j;
      const F four = (term(x, z, w) + term(x + p, z + q, w)) +
                     (term(x + 2 * p, z + 2 * q, w) + term(x + 3 * p, z + 3 * q, w));
      store_n(y + j, fma(k, four, load_n(y + j, w)), w);
    });
  for (; r < run.rows; ++r, a += p, b += q)
    for_vectors(run.n, [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
      store_n(y + j, fma(k, term(a + j, b + j, w), load_n(y + j, w)), w);
    });
}
template <bool>
UNROLL_NOINLINE static void row_sum(const Run& run) {
  add_rows<false>(run);
}
template <bool>
UNROLL_NOINLINE static void row_product(const Run& run) {
  add_rows<true>(run);
}
}  // namespace op

}  // namespace unroll::kernels::UNROLL_ISA

#include "engine/kernels/matrix_program.h"

namespace unroll::kernels::UNROLL_ISA {

struct VectorOpTable {
  void (*of[vector_ops][2])(const Run&) = {};
};
constexpr VectorOpTable make_vector_op_table() {
  VectorOpTable table;
#define UNROLL_SET(name, function)                                     \
  table.of[static_cast<int>(VectorOp::name)][0] = op::function<false>; \
  table.of[static_cast<int>(VectorOp::name)][1] = op::function<true>;
  UNROLL_SET(fill, fill)
  UNROLL_SET(scale, scale)
  UNROLL_SET(affine, affine)
  UNROLL_SET(sum, sum)
  UNROLL_SET(subtract, subtract)
  UNROLL_SET(product, product)
  UNROLL_SET(fma, fused)
  UNROLL_SET(divide, divide)
  UNROLL_SET(max, max)
  UNROLL_SET(min, min)
  UNROLL_SET(sigmoid, sigmoid)
  UNROLL_SET(tanh, tanh)
  UNROLL_SET(relu, relu)
  UNROLL_SET(exp, exp)
  UNROLL_SET(log, log)
  UNROLL_SET(softplus, softplus)
  UNROLL_SET(abs, abs)
  UNROLL_SET(sqrt, sqrt)
  UNROLL_SET(sin, sin)
  UNROLL_SET(cos, cos)
  UNROLL_SET(drop_faint, drop_faint)
  UNROLL_SET(sigmoid_back, sigmoid_back)
  UNROLL_SET(sigmoid_back2, sigmoid_back2)
  UNROLL_SET(tanh_back, tanh_back)
  UNROLL_SET(tanh_back2, tanh_back2)
  UNROLL_SET(positive, positive)
  UNROLL_SET(positive2, positive2)
  UNROLL_SET(elsewhere, elsewhere)
  UNROLL_SET(sign, sign)
  UNROLL_SET(norm, norm)
  UNROLL_SET(norm_back, norm_back)
  UNROLL_SET(row_sum, row_sum)
  UNROLL_SET(row_product, row_product)
  UNROLL_SET(unit_sum, unit_sum)
  UNROLL_SET(matrix_write, matrix_write)
  UNROLL_SET(matrix_times, matrix_times)
  UNROLL_SET(matrix_times_back, matrix_times_back)
  UNROLL_SET(matrix_outer, matrix_outer)
  UNROLL_SET(matrix_scale, matrix_scale)
  UNROLL_SET(matrix_dots, matrix_dots)
#undef UNROLL_SET
  return table;
}
static constexpr VectorOpTable vector_op_table = make_vector_op_table();

/// All instructions on rows … of `rows` and columns … of `columns`.
UNROLL_NOINLINE static void run_block(const VectorProgram& program, const VectorPlace* places, ptrdiff_t row,
                                      ptrdiff_t column, ptrdiff_t rows, ptrdiff_t columns) {
  const auto at = [=](uint16_t place) UNROLL_ALWAYS {
    const VectorPlace& p = places[place];
    return p.local ? p.data : p.data + row * p.stride + column;
  };
  const auto stride = [=](uint16_t place)
                          UNROLL_ALWAYS { return places[place].local ? columns : places[place].stride; };
  for (int i = 0; i < program.count; ++i) {
    const VectorInstruction& now = program.code[i];
    const Run run = {at(now.a),     at(now.b),     at(now.c),     at(now.y),     at(now.d),
                     stride(now.a), stride(now.b), stride(now.c), stride(now.d), stride(now.y),
                     rows,          columns,       now.k,         now.l};
    vector_op_table.of[static_cast<int>(now.op)][now.add ? 1 : 0](run);
  }
}

static void run_program(const VectorProgram& program, const VectorPlace* places, int rows, int n) {
  const ptrdiff_t columns = program.whole_rows || n < vector_block ? n : vector_block;
  const ptrdiff_t height = columns < vector_block ? vector_block / columns : 1;
  for (ptrdiff_t row = 0; row < rows; row += height)
    for (ptrdiff_t column = 0; column < n; column += columns)
      run_block(program, places, row, column, rows - row < height ? rows - row : height,
                n - column < columns ? n - column : columns);
}

}  // namespace unroll::kernels::UNROLL_ISA
