// What the AVX2 and AVX-512 backends share: prefetching, and a transpose in 128-bit registers.
#pragma once

#include <immintrin.h>

#include "engine/kernels/simd.h"

namespace unroll::kernels::UNROLL_ISA {

UNROLL_INLINE void prefetch(const float* p, ptrdiff_t n) {
  const uintptr_t address = reinterpret_cast<uintptr_t>(p) + static_cast<uintptr_t>(n) * sizeof(float);
  _mm_prefetch(reinterpret_cast<const char*>(address), _MM_HINT_T1);
}

UNROLL_INLINE void transpose4(const float* p, ptrdiff_t ld, float* q, ptrdiff_t lq) {
  __m128 a = _mm_loadu_ps(p), b = _mm_loadu_ps(p + ld), c = _mm_loadu_ps(p + 2 * ld),
         d = _mm_loadu_ps(p + 3 * ld);
  const __m128 ab_low = _mm_unpacklo_ps(a, b), ab_high = _mm_unpackhi_ps(a, b);
  const __m128 cd_low = _mm_unpacklo_ps(c, d), cd_high = _mm_unpackhi_ps(c, d);
  _mm_storeu_ps(q, _mm_movelh_ps(ab_low, cd_low));
  _mm_storeu_ps(q + lq, _mm_movehl_ps(cd_low, ab_low));
  _mm_storeu_ps(q + 2 * lq, _mm_movelh_ps(ab_high, cd_high));
  _mm_storeu_ps(q + 3 * lq, _mm_movehl_ps(cd_high, ab_high));
}

}  // namespace unroll::kernels::UNROLL_ISA
