// Kernels whose work a team shares: the numbers are those of the kernel itself, to the last bit.
#pragma once

#include <span>

#include "engine/base/array.h"
#include "engine/base/team.h"
#include "engine/kernels/kernels.h"

namespace unroll {

/// As Kernels::pack, by columns.
inline void team_pack(const kernels::Kernels& kernels, Team* team, const float* b, int ldb, bool transposed,
                      int k, int n, float* packed) {
  divide(team, n, kernels.panel, [&](ptrdiff_t first, ptrdiff_t last, int) {
    kernels.pack(b + first * (transposed ? ldb : 1), ldb, transposed, k, static_cast<int>(last - first),
                 packed + first * k);
  });
}

/// C (rows × n) = A (rows × k) · B, all of them without gaps, plus a row where one is given: as gemm and add_rows, by rows.
inline void team_gemm(const kernels::Kernels& kernels, Team* team, const float* a, int k, const float* packed,
                      const float* bias, float* c, int n, ptrdiff_t rows) {
  constexpr ptrdiff_t grain = 16;
  divide(team, rows, grain, [&](ptrdiff_t first, ptrdiff_t last, int) {
    const int count = static_cast<int>(last - first);
    kernels.gemm(a + first * k, k, packed, c + first * n, n, count, n, k, false);
    if (bias) kernels.add_rows(bias, c + first * n, n, count, n);
  });
}

/// As Kernels::gemm_tn, by rows of C; and sums[i] += the sum of A's column i, where sums are asked for. `scratch`, one for each
/// member, grows as it is needed.
inline void team_gemm_tn(const kernels::Kernels& kernels, Team* team, std::span<FloatArray> scratch,
                         const float* a, int lda, const float* b, int ldb, float* c, int ldc, int m, int n,
                         kernels::Rows k, float* sums = nullptr) {
  constexpr ptrdiff_t grain = 8;
  const size_t needed = kernels.gemm_tn_scratch(m, n, k.count);
  for (FloatArray& own : scratch)
    if (own.size() < needed) own.resize(needed);
  divide(team, m, grain, [&](ptrdiff_t first, ptrdiff_t last, int member) {
    const int rows = static_cast<int>(last - first);
    kernels.gemm_tn(a + first, lda, b, ldb, c + first * ldc, ldc, rows, n, k,
                    scratch[static_cast<size_t>(member)].data());
    if (sums) kernels.sum_rows(a + first, lda, sums + first, k, rows);
  });
}

/// As Kernels::sum_rows, by columns.
inline void team_sum_rows(const kernels::Kernels& kernels, Team* team, const float* x, int ldx, float* row,
                          kernels::Rows m, int n) {
  constexpr ptrdiff_t grain = 64;
  divide(team, n, grain, [&](ptrdiff_t first, ptrdiff_t last, int) {
    kernels.sum_rows(x + first, ldx, row + first, m, static_cast<int>(last - first));
  });
}

}  // namespace unroll
