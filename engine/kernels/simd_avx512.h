// SIMD backend: AVX-512 (F, VL, DQ, BW). 32 registers: 22 accumulators (GCC 12 spills from 24 on), two columns, one broadcast. Division and
// square root are slow at 512 bits: approximations of 14 bits, refined.
#pragma once

#define UNROLL_ISA avx512
#define UNROLL_ISA_NAME "avx512"
#define UNROLL_TABLE avx512_table

#include "engine/kernels/simd_x86.h"

namespace unroll::kernels::UNROLL_ISA {

struct F {
  __m512 v;
};
constexpr int W = 16;
constexpr bool fused = true;
constexpr int tile_rows = 11;

UNROLL_INLINE F zero() { return {_mm512_setzero_ps()}; }
UNROLL_INLINE F set(float x) { return {_mm512_set1_ps(x)}; }
UNROLL_INLINE F load(const float* p) { return {_mm512_loadu_ps(p)}; }
UNROLL_INLINE F load_all(const float* p) { return {_mm512_set1_ps(*p)}; }
UNROLL_INLINE void store(float* p, F a) { _mm512_storeu_ps(p, a.v); }
UNROLL_INLINE __mmask16 first(int n) { return static_cast<__mmask16>((1u << n) - 1u); }
UNROLL_INLINE F load_part(const float* p, int n) { return {_mm512_maskz_loadu_ps(first(n), p)}; }
UNROLL_INLINE void store_part(float* p, F a, int n) { _mm512_mask_storeu_ps(p, first(n), a.v); }

UNROLL_INLINE F operator+(F a, F b) { return {_mm512_add_ps(a.v, b.v)}; }
UNROLL_INLINE F operator-(F a, F b) { return {_mm512_sub_ps(a.v, b.v)}; }
UNROLL_INLINE F operator*(F a, F b) { return {_mm512_mul_ps(a.v, b.v)}; }
UNROLL_INLINE F fma(F a, F b, F c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
UNROLL_INLINE F nfma(F a, F b, F c) { return {_mm512_fnmadd_ps(a.v, b.v, c.v)}; }
// minps and maxps give their second operand where one is NaN.
UNROLL_INLINE F min(F a, F b) { return {_mm512_min_ps(b.v, a.v)}; }
UNROLL_INLINE F max(F a, F b) { return {_mm512_max_ps(b.v, a.v)}; }
UNROLL_INLINE F quotient(F a, F b) {
  const F guess{_mm512_rcp14_ps(b.v)};
  const F inverse = fma(nfma(b, guess, set(1)), guess, guess);
  const F q = a * inverse;
  return fma(nfma(q, b, a), inverse, q);
}
UNROLL_INLINE F root(F a) {
  const __mmask16 positive = _mm512_cmp_ps_mask(a.v, _mm512_set1_ps(0x1p-126f), _CMP_NLT_UQ);
  const F guess{_mm512_maskz_rsqrt14_ps(positive, a.v)};
  const F s = a * guess, half = set(0.5f) * guess;
  const F better = fma(nfma(s, half, set(0.5f)), s, s);
  return fma(nfma(better, better, a), half, better);
}
UNROLL_INLINE F power_of_two(F t) {
  return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(t.v), 23))};
}
UNROLL_INLINE F divide(F a, F b) { return {_mm512_div_ps(a.v, b.v)}; }
UNROLL_INLINE F square_root(F a) { return {_mm512_sqrt_ps(a.v)}; }
UNROLL_INLINE F mantissa(F x, F& e) {
  const __m512i bits = _mm512_castps_si512(x.v);
  const __m512i exponent =
      _mm512_srai_epi32(_mm512_sub_epi32(bits, _mm512_set1_epi32(bits_of_root_half)), 23);
  e = {_mm512_cvtepi32_ps(exponent)};
  return {_mm512_castsi512_ps(_mm512_sub_epi32(bits, _mm512_slli_epi32(exponent, 23)))};
}
UNROLL_INLINE F where_positive(F x, F a) {
  return {_mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x.v, _mm512_setzero_ps(), _CMP_GT_OQ), a.v)};
}
UNROLL_INLINE float sum(F a) { return _mm512_reduce_add_ps(a.v); }
UNROLL_INLINE float maximum(F a) { return _mm512_reduce_max_ps(a.v); }

}  // namespace unroll::kernels::UNROLL_ISA
