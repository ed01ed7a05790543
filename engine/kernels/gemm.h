// Matrix products. A packed matrix (K × N) is a row of panels: each holds `panel` = 2W columns (the last one W, where
// no more are left) of all K rows, row after row, so that a tile reads it front to back. Columns beyond N are zero.
//
// The heart is `tile`: M rows × 2 vectors of C stay in registers while k runs. Every element of C is one chain of
// fma over k = 0, 1, … that starts at zero or at C itself; the chain does not depend on how rows, columns or k are
// blocked. So a row of a product is the same number whatever other rows are in the batch.
//
// Blocking (Goto & van de Geijn 2008): a panel's block of k_block rows stays in the first-level cache while all tiles
// of a block of rows pass by. They ask for the next panel meanwhile, a cache line for each of their k, so that weights
// that do not fit the second-level cache (XL) arrive in time; and for the next tile's part of C.
#pragma once

#include <utility>

#include "engine/kernels/simd.h"

namespace unroll::kernels::UNROLL_ISA {

constexpr ptrdiff_t panel = 2 * W;
constexpr ptrdiff_t k_block = 256;
constexpr ptrdiff_t row_block = 16 * tile_rows;
constexpr ptrdiff_t cache_line = 16;  ///< floats
constexpr ptrdiff_t long_tile = 100;  ///< k from which on asking for the next tile's part of C pays

/// C (M × NV·W) = or += A (M × k) · B. Element (i, p) of A is a[i·row + p·step]; B's rows follow each other. k cache lines
/// are prefetched from `ahead` on.
template <int M, int NV>
UNROLL_NOINLINE static void tile(const float* a, ptrdiff_t row, ptrdiff_t step, const float* b, float* c,
                                 ptrdiff_t ldc, ptrdiff_t k, bool accumulate, const float* ahead) {
  F sums[M][NV];
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
    for (int j = 0; j < NV; ++j) sums[i][j] = accumulate ? load(c + i * ldc + j * W) : zero();
  // A pointer for every three rows: x86 addresses the two others from it, and the loop has fewer to move on.
  constexpr int pointers = (M + 2) / 3;
  const float* rows[pointers];
#pragma GCC unroll 16
  for (int i = 0; i < pointers; ++i) rows[i] = a + 3 * i * row;
  for (ptrdiff_t p = 0; p < k; ++p) {
    prefetch(ahead, p * cache_line);
    F columns[NV];
#pragma GCC unroll 2
    for (int j = 0; j < NV; ++j) columns[j] = load(b + j * W);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
      const F factor = load_all(rows[i / 3] + i % 3 * row);
#pragma GCC unroll 2
      for (int j = 0; j < NV; ++j) sums[i][j] = fma(factor, columns[j], sums[i][j]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < pointers; ++i) rows[i] += step;
    b += NV * W;
  }
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
    for (int j = 0; j < NV; ++j) store(c + i * ldc + j * W, sums[i][j]);
}

/// M rows × V whole panels, for a batch too small to fill the units with one panel. Panels are k·panel floats apart.
template <int M, int V>
UNROLL_NOINLINE static void wide_tile(const float* a, ptrdiff_t row, const float* b, float* c, ptrdiff_t ldc,
                                      ptrdiff_t k, bool accumulate) {
  F sums[M][2 * V];
#pragma GCC unroll 4
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 16
    for (int j = 0; j < 2 * V; ++j) sums[i][j] = accumulate ? load(c + i * ldc + j * W) : zero();
  for (ptrdiff_t p = 0; p < k; ++p) {
    F factors[M];
#pragma GCC unroll 4
    for (int i = 0; i < M; ++i) factors[i] = load_all(a + i * row + p);
#pragma GCC unroll 16
    for (int j = 0; j < 2 * V; ++j) {
      const F column = load(b + (j / 2) * k * panel + p * panel + (j % 2) * W);
#pragma GCC unroll 4
      for (int i = 0; i < M; ++i) sums[i][j] = fma(factors[i], column, sums[i][j]);
    }
  }
#pragma GCC unroll 4
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 16
    for (int j = 0; j < 2 * V; ++j) store(c + i * ldc + j * W, sums[i][j]);
}

using Tile = void (*)(const float*, ptrdiff_t, ptrdiff_t, const float*, float*, ptrdiff_t, ptrdiff_t, bool,
                      const float*);

/// tiles.of[M − 1][NV − 1]
template <class Rows>
struct TileTable;
template <int... I>
struct TileTable<std::integer_sequence<int, I...>> {
  Tile of[sizeof...(I)][2] = {{tile<I + 1, 1>, tile<I + 1, 2>}...};
};
static constexpr TileTable<std::make_integer_sequence<int, tile_rows>> tiles;

/// A split of m rows into tiles of nearly equal height, so that no tile is left too small to keep the units busy.
struct RowSplit {
  int tiles, height, taller;  ///< the first `taller` tiles have one row more than `height`
  explicit RowSplit(ptrdiff_t m)
      : tiles(static_cast<int>((m + tile_rows - 1) / tile_rows)),
        height(static_cast<int>(m) / tiles),
        taller(static_cast<int>(m) - height * tiles) {}
  int rows(int i) const { return i < taller ? height + 1 : height; }
  ptrdiff_t first(int i) const { return ptrdiff_t{i} * height + (i < taller ? i : taller); }
};

/// A tile with fewer columns than its vectors: computed in a buffer, with C's columns in its chains.
UNROLL_NOINLINE static void part_tile(Tile whole, const float* a, ptrdiff_t row, ptrdiff_t step,
                                      const float* b, float* c, ptrdiff_t ldc, int m, ptrdiff_t n,
                                      ptrdiff_t k, bool accumulate, const float* ahead) {
  alignas(64) float buffer[tile_rows * panel] = {};
  if (accumulate)
    for (ptrdiff_t i = 0; i < m; ++i)
      for (ptrdiff_t j = 0; j < n; ++j) buffer[i * panel + j] = c[i * ldc + j];
  whole(a, row, step, b, buffer, panel, k, accumulate, ahead);
  for (ptrdiff_t i = 0; i < m; ++i)
    for (ptrdiff_t j = 0; j < n; ++j) c[i * ldc + j] = buffer[i * panel + j];
}

UNROLL_INLINE void any_tile(int m, const float* a, ptrdiff_t row, ptrdiff_t step, const float* b, float* c,
                            ptrdiff_t ldc, ptrdiff_t n, ptrdiff_t k, bool accumulate, const float* ahead) {
  const Tile function = tiles.of[m - 1][n > W ? 1 : 0];
  if (n == panel || n == W)
    function(a, row, step, b, c, ldc, k, accumulate, ahead);
  else
    part_tile(function, a, row, step, b, c, ldc, m, n, k, accumulate, ahead);
}

UNROLL_INLINE void prefetch_rows(const float* c, ptrdiff_t ldc, int rows) {
  for (int i = 0; i < rows; ++i)
    for (ptrdiff_t j = 0; j < panel; j += cache_line) prefetch(c, i * ldc + j);
}

/// C (m × n) = or += A · (rows p0 … p0 + k − 1 of the packed matrix of `depth` rows). A is (m × k): its rows are lda
/// apart, or with lda = 0 it is packed in tiles by pack_rows.
UNROLL_NOINLINE static void block(const float* a, ptrdiff_t lda, const float* packed, ptrdiff_t depth,
                                  ptrdiff_t p0, float* c, ptrdiff_t ldc, ptrdiff_t m, ptrdiff_t n,
                                  ptrdiff_t k, bool accumulate) {
  const RowSplit split(m);
  const auto panel_at = [=](ptrdiff_t j) { return packed + j * depth + p0 * (n - j > W ? panel : W); };
  for (ptrdiff_t j = 0; j < n; j += panel) {
    const ptrdiff_t columns = n - j < panel ? n - j : panel;
    const float *b = panel_at(j), *next = j + 2 * panel <= n ? panel_at(j + panel) : b;
    for (int i = 0; i < split.tiles; ++i) {
      const int rows = split.rows(i);
      const ptrdiff_t at = split.first(i), asked_for = i * cache_line * k;
      const float* ahead = i * cache_line < panel ? next + asked_for : b;
      if (k >= long_tile) {
        if (i + 1 < split.tiles)
          prefetch_rows(c + split.first(i + 1) * ldc + j, ldc, split.rows(i + 1));
        else if (j + panel < n)
          prefetch_rows(c + j + panel, ldc, split.rows(0));
      }
      if (lda)
        any_tile(rows, a + at * lda, lda, 1, b, c + at * ldc + j, ldc, columns, k, accumulate, ahead);
      else
        any_tile(rows, a + at * k, 1, rows, b, c + at * ldc + j, ldc, columns, k, accumulate, ahead);
    }
  }
}

using WideTile = void (*)(const float*, ptrdiff_t, const float*, float*, ptrdiff_t, ptrdiff_t, bool);

/// wide[M − 1][V − 1]: as many panels as there are registers for.
static constexpr int most_panels[3] = {6, 2, 2};
static constexpr WideTile wide[3][6] = {
    {wide_tile<1, 1>, wide_tile<1, 2>, wide_tile<1, 3>, wide_tile<1, 4>, wide_tile<1, 5>, wide_tile<1, 6>},
    {wide_tile<2, 1>, wide_tile<2, 2>},
    {wide_tile<3, 1>, wide_tile<3, 2>},
};

/// A product of m ≤ 3 rows, limited by how fast B comes out of the caches: many panels at once, in groups of nearly
/// equal size.
UNROLL_NOINLINE static void few_rows(const float* a, ptrdiff_t lda, const float* packed, float* c,
                                     ptrdiff_t ldc, int m, ptrdiff_t n, ptrdiff_t k, bool accumulate) {
  int panels = static_cast<int>(n / panel);
  int groups = (panels + most_panels[m - 1] - 1) / most_panels[m - 1];
  ptrdiff_t j = 0;
  for (; groups > 0; --groups) {
    const int v = (panels + groups - 1) / groups;
    wide[m - 1][v - 1](a, lda, packed + j * k, c + j, ldc, k, accumulate);
    panels -= v, j += v * panel;
  }
  if (j < n) block(a, lda, packed + j * k, k, 0, c + j, ldc, m, n - j, k, accumulate);
}

static void gemm(const float* a, int lda, const float* packed, float* c, int ldc, int m, int n, int k,
                 bool accumulate) {
  if (m <= 3) return few_rows(a, lda, packed, c, ldc, m, n, k, accumulate);
  for (ptrdiff_t i = 0; i < m; i += row_block)
    for (ptrdiff_t p = 0; p < k; p += k_block)
      block(a + i * lda + p, lda, packed, k, p, c + i * ldc, ldc, m - i < row_block ? m - i : row_block, n,
            k - p < k_block ? k - p : k_block, accumulate || p > 0);
}

}  // namespace unroll::kernels::UNROLL_ISA
