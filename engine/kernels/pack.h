// Packing: weight matrices before a step (the format is gemm.h's), and both operands of the weight gradient.
#pragma once

#include "engine/kernels/gemm.h"
#include "engine/kernels/math.h"
#include "engine/kernels/rows.h"

namespace unroll::kernels::UNROLL_ISA {

/// Columns of the panel that begins at column j of n: 2W, or W where that is enough.
UNROLL_INLINE ptrdiff_t panel_width(ptrdiff_t n, ptrdiff_t j) { return n - j > W ? panel : W; }

static size_t packed_size(int k, int n) {
  const ptrdiff_t width = (ptrdiff_t{n} + W - 1) / W * W;
  return static_cast<size_t>(k * width);
}

/// Copies n floats, n ≥ 1, in whole vectors that may overlap.
UNROLL_INLINE void copy_few(const float* from, float* to, ptrdiff_t n) {
  if (n >= W) {
    const F last = load(from + n - W);
    for (ptrdiff_t j = 0; j + W < n; j += W) store(to + j, load(from + j));
    store(to + n - W, last);
  } else {
    store_n(to, load_n(from, static_cast<int>(n)), static_cast<int>(n));
  }
}

/// B (k × n) into panels. A group of rows, eight or so, at a time: their cache lines serve several panels.
UNROLL_NOINLINE static void pack_columns(const float* b, ptrdiff_t ldb, Rows rows, ptrdiff_t n,
                                         float* packed) {
  const ptrdiff_t k = rows.count;
  for (ptrdiff_t p0 = 0; p0 < k; p0 += rows.group) {
    const ptrdiff_t p1 = p0 + rows.group < k ? p0 + rows.group : k;
    const float* from = b + (rows[p0] - p0) * ldb;
    for (ptrdiff_t j = 0; j < n; j += panel) {
      const ptrdiff_t width = panel_width(n, j), columns = n - j < width ? n - j : width;
      float* to = packed + j * k;
      if (columns == panel)
        for (ptrdiff_t p = p0; p < p1; ++p) {
          store(to + p * panel, load(from + p * ldb + j));
          store(to + p * panel + W, load(from + p * ldb + j + W));
        }
      else
        for (ptrdiff_t p = p0; p < p1; ++p) {
          copy_few(from + p * ldb + j, to + p * width, columns);
          for (ptrdiff_t q = columns; q < width; ++q) to[p * width + q] = 0;
        }
    }
  }
}

/// Bᵀ given as (n × k), into panels of B, in squares of 4 × 4.
UNROLL_NOINLINE static void pack_transposed(const float* b, ptrdiff_t ldb, ptrdiff_t k, ptrdiff_t n,
                                            float* packed) {
  for (ptrdiff_t j = 0; j < n; j += panel) {
    const ptrdiff_t width = panel_width(n, j), columns = n - j < width ? n - j : width;
    float* to = packed + j * k;
    ptrdiff_t q = 0;
    for (; q + 4 <= columns; q += 4) {
      const float* from = b + (j + q) * ldb;
      ptrdiff_t p = 0;
      for (; p + 4 <= k; p += 4) transpose4(from + p, ldb, to + p * width + q, width);
      for (; p < k; ++p)
        for (ptrdiff_t i = 0; i < 4; ++i) to[p * width + q + i] = from[i * ldb + p];
    }
    for (; q < width; ++q)
      for (ptrdiff_t p = 0; p < k; ++p) to[p * width + q] = q < columns ? b[(j + q) * ldb + p] : 0.0f;
  }
}

static void pack(const float* b, int ldb, bool transposed, int k, int n, float* packed) {
  if (transposed)
    pack_transposed(b, ldb, k, n, packed);
  else
    pack_columns(b, ldb, k, n, packed);
}

/// Aᵀ (m × k) given as (k × m), into the tiles of RowSplit(m): each tile's column of rows lies together.
UNROLL_NOINLINE static void pack_rows(const float* a, ptrdiff_t lda, ptrdiff_t m, Rows rows_of_a,
                                      float* packed) {
  const RowSplit split(m);
  const ptrdiff_t k = rows_of_a.count, group = rows_of_a.group;
  for (ptrdiff_t p0 = 0; p0 < k; p0 += group) {
    const ptrdiff_t p1 = p0 + group < k ? p0 + group : k;
    const float* from = a + (rows_of_a[p0] - p0) * lda;
    for (int i = 0; i < split.tiles; ++i) {
      const ptrdiff_t rows = split.rows(i), at = split.first(i);
      float* to = packed + at * k;
      ptrdiff_t p = p0;
      if (rows < W && at + W <= m)  // a vector of A's row; what it writes too much, the next row writes over
        for (; p < p1 && p + 1 < k; ++p) store(to + p * rows, load(from + p * lda + at));
      for (; p < p1; ++p) copy_few(from + p * lda + at, to + p * rows, rows);
    }
  }
}

/// Blocks of the weight gradient: both packed operands stay in the second-level cache.
constexpr ptrdiff_t gradient_rows = 48 * tile_rows;
constexpr ptrdiff_t gradient_columns = 1024;

static size_t gemm_tn_scratch(int m, int n, int k) {
  const ptrdiff_t depth = k < k_block ? k : k_block;
  const ptrdiff_t rows = m < gradient_rows ? m : gradient_rows;
  const ptrdiff_t columns = n < gradient_columns ? (n + W - 1) / W * W : gradient_columns;
  return static_cast<size_t>(depth * (rows + columns));
}

static void gemm_tn(const float* a, int lda, const float* b, int ldb, float* c, int ldc, int m, int n, Rows k,
                    float* scratch) {
  const ptrdiff_t whole_groups = k_block / k.group * k.group;
  for (ptrdiff_t j = 0; j < n; j += gradient_columns) {
    const ptrdiff_t columns = n - j < gradient_columns ? n - j : gradient_columns;
    for (ptrdiff_t p = 0; p < k.count; p += whole_groups) {
      const ptrdiff_t depth = k.count - p < whole_groups ? k.count - p : whole_groups;
      Rows now = k;
      now.count = static_cast<int>(depth);
      float* packed_rows = scratch + depth * ((columns + W - 1) / W * W);
      pack_columns(b + k[p] * ldb + j, ldb, now, columns, scratch);
      for (ptrdiff_t i = 0; i < m; i += gradient_rows) {
        const ptrdiff_t rows = m - i < gradient_rows ? m - i : gradient_rows;
        pack_rows(a + k[p] * lda + i, lda, rows, now, packed_rows);
        block(packed_rows, 0, scratch, depth, 0, c + i * ldc + j, ldc, rows, columns, depth, true);
      }
    }
  }
}

}  // namespace unroll::kernels::UNROLL_ISA
