// Operations of vector programs on a matrix memory: in every row of the program a matrix of d columns of n floats, one below
// the other, and vectors of n. The n units stand in `heads` = l groups of d = n / heads; column c meets number c of each
// group. Unlike the others, these may not write where they read another operand.
#pragma once

#include "engine/kernels/math.h"

namespace unroll::kernels::UNROLL_ISA {

/// body(offset of a group's part of column c, offset of the group's part of a vector, that of its number c, d)
template <class Body>
UNROLL_INLINE void each_group(const Run& run, Body body) {
  const ptrdiff_t d = run.n / static_cast<ptrdiff_t>(run.l);
  for (ptrdiff_t c = 0; c < d; ++c)
    for (ptrdiff_t first = 0; first < run.n; first += d) body(c * run.n + first, first, first + c, d);
}

namespace op {
template <bool add>
UNROLL_NOINLINE static void unit_sum(const Run& run) {
  const ptrdiff_t d = run.n / static_cast<ptrdiff_t>(run.l);
  const float* a = run.a;
  float* y = run.y;
  for (ptrdiff_t r = 0; r < run.rows; ++r, a += run.a_stride, y += run.y_stride)
    for (ptrdiff_t first = 0; first < run.n; first += d) {
      const F total = set(run.k * sum(whole_sum(a + first, d)));
      float* to = y + first;
      for_vectors(d, [=](ptrdiff_t j, int w)
                         UNROLL_ALWAYS { store_n(to + j, add ? load_n(to + j, w) + total : total, w); });
    }
}

template <bool>
UNROLL_NOINLINE static void matrix_write(const Run& run) {
  const float *a = run.a, *b = run.b, *v = run.c, *key = run.d;
  float* y = run.y;
  for (ptrdiff_t r = 0; r < run.rows; ++r) {
    each_group(run, [=](ptrdiff_t column, ptrdiff_t first, ptrdiff_t number, ptrdiff_t d) UNROLL_ALWAYS {
      const F k = set(key[number]);
      const float *old = a + column, *keep = b + first, *value = v + first;
      float* to = y + column;
      for_vectors(d, [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
        store_n(to + j, fma(load_n(value + j, w), k, load_n(keep + j, w) * load_n(old + j, w)), w);
      });
    });
    a += run.a_stride, b += run.b_stride, v += run.c_stride, key += run.d_stride, y += run.y_stride;
  }
}

/// Four columns at a time: y is read and written a quarter as often.
template <bool add>
UNROLL_NOINLINE static void matrix_times(const Run& run) {
  const float *a = run.a, *b = run.b;
  float* y = run.y;
  const ptrdiff_t n = run.n, d = n / static_cast<ptrdiff_t>(run.l);
  for (ptrdiff_t r = 0; r < run.rows; ++r, a += run.a_stride, b += run.b_stride, y += run.y_stride)
    for (ptrdiff_t first = 0; first < n; first += d) {
      float* to = y + first;
      if (!add) for_vectors(d, [=](ptrdiff_t j, int w) UNROLL_ALWAYS { store_n(to + j, zero(), w); });
      const float *from = a + first, *q = b + first;
      ptrdiff_t c = 0;
      for (; c + 4 <= d; c += 4, from += 4 * n) {
        const F q0 = set(run.k * q[c]), q1 = set(run.k * q[c + 1]), q2 = set(run.k * q[c + 2]),
                q3 = set(run.k * q[c + 3]);
        for_vectors(d, [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
          const float* x = from + j;
          const F two = fma(load_n(x + n, w), q1, load_n(x, w) * q0),
                  more = fma(load_n(x + 3 * n, w), q3, load_n(x + 2 * n, w) * q2);
          store_n(to + j, load_n(to + j, w) + (two + more), w);
        });
      }
      for (; c < d; ++c, from += n) {
        const F q0 = set(run.k * q[c]);
        for_vectors(d, [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
          store_n(to + j, fma(load_n(from + j, w), q0, load_n(to + j, w)), w);
        });
      }
    }
}

template <bool add>
UNROLL_NOINLINE static void matrix_times_back(const Run& run) {
  const float *a = run.a, *b = run.b;
  float* y = run.y;
  for (ptrdiff_t r = 0; r < run.rows; ++r, a += run.a_stride, b += run.b_stride, y += run.y_stride)
    each_group(run,
               [=, &run](ptrdiff_t column, ptrdiff_t first, ptrdiff_t number, ptrdiff_t d) UNROLL_ALWAYS {
                 F total = zero();
                 for_vectors(d, [&](ptrdiff_t j, int w) UNROLL_ALWAYS {
                   total = fma(load_n(a + column + j, w), load_n(b + first + j, w),
                               total);  // beyond the column both are 0
                 });
                 const float value = run.k * sum(total);
                 y[number] = add ? y[number] + value : value;
               });
}

template <bool add>
UNROLL_NOINLINE static void matrix_outer(const Run& run) {
  const float *a = run.a, *b = run.b;
  float* y = run.y;
  for (ptrdiff_t r = 0; r < run.rows; ++r, a += run.a_stride, b += run.b_stride, y += run.y_stride)
    each_group(
        run, [=, &run](ptrdiff_t column, ptrdiff_t first, ptrdiff_t number, ptrdiff_t d) UNROLL_ALWAYS {
          const F k = set(run.k * b[number]);
          const float* x = a + first;
          float* to = y + column;
          for_vectors(d, [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
            store_n(to + j, add ? fma(load_n(x + j, w), k, load_n(to + j, w)) : load_n(x + j, w) * k, w);
          });
        });
}

template <bool add>
UNROLL_NOINLINE static void matrix_scale(const Run& run) {
  const F k = set(run.k);
  const float *a = run.a, *b = run.b;
  float* y = run.y;
  for (ptrdiff_t r = 0; r < run.rows; ++r, a += run.a_stride, b += run.b_stride, y += run.y_stride)
    each_group(run, [=](ptrdiff_t column, ptrdiff_t first, ptrdiff_t, ptrdiff_t d) UNROLL_ALWAYS {
      const float *x = a + column, *factor = b + first;
      float* to = y + column;
      for_vectors(d, [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
        const F value = k * load_n(factor + j, w) * load_n(x + j, w);
        store_n(to + j, add ? load_n(to + j, w) + value : value, w);
      });
    });
}

template <bool add>
UNROLL_NOINLINE static void matrix_dots(const Run& run) {
  const F k = set(run.k);
  const float *a = run.a, *b = run.b;
  float* y = run.y;
  for (ptrdiff_t r = 0; r < run.rows; ++r, a += run.a_stride, b += run.b_stride, y += run.y_stride) {
    if (!add) for_vectors(run.n, [=](ptrdiff_t j, int w) UNROLL_ALWAYS { store_n(y + j, zero(), w); });
    each_group(run, [=](ptrdiff_t column, ptrdiff_t first, ptrdiff_t, ptrdiff_t d) UNROLL_ALWAYS {
      const float *x = a + column, *z = b + column;
      float* to = y + first;
      for_vectors(d, [=](ptrdiff_t j, int w) UNROLL_ALWAYS {
        store_n(to + j, fma(k * load_n(x + j, w), load_n(z + j, w), load_n(to + j, w)), w);
      });
    });
  }
}
}  // namespace op

}  // namespace unroll::kernels::UNROLL_ISA
