// SIMD backend: AVX2 with FMA. 16 registers: 12 accumulators, two columns, one broadcast.
#pragma once

#define UNROLL_ISA avx2
#define UNROLL_ISA_NAME "avx2"
#define UNROLL_TABLE avx2_table

#include "engine/kernels/simd_x86.h"

namespace unroll::kernels::UNROLL_ISA {

struct F {
  __m256 v;
};
constexpr int W = 8;
constexpr bool fused = true;
constexpr int tile_rows = 6;

UNROLL_INLINE F zero() { return {_mm256_setzero_ps()}; }
UNROLL_INLINE F set(float x) { return {_mm256_set1_ps(x)}; }
UNROLL_INLINE F load(const float* p) { return {_mm256_loadu_ps(p)}; }
UNROLL_INLINE F load_all(const float* p) { return {_mm256_broadcast_ss(p)}; }
UNROLL_INLINE void store(float* p, F a) { _mm256_storeu_ps(p, a.v); }
UNROLL_INLINE __m256i first(int n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
UNROLL_INLINE F load_part(const float* p, int n) { return {_mm256_maskload_ps(p, first(n))}; }
UNROLL_INLINE void store_part(float* p, F a, int n) { _mm256_maskstore_ps(p, first(n), a.v); }

UNROLL_INLINE F operator+(F a, F b) { return {_mm256_add_ps(a.v, b.v)}; }
UNROLL_INLINE F operator-(F a, F b) { return {_mm256_sub_ps(a.v, b.v)}; }
UNROLL_INLINE F operator*(F a, F b) { return {_mm256_mul_ps(a.v, b.v)}; }
UNROLL_INLINE F fma(F a, F b, F c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
UNROLL_INLINE F nfma(F a, F b, F c) { return {_mm256_fnmadd_ps(a.v, b.v, c.v)}; }
// minps and maxps give their second operand where one is NaN.
UNROLL_INLINE F min(F a, F b) { return {_mm256_min_ps(b.v, a.v)}; }
UNROLL_INLINE F max(F a, F b) { return {_mm256_max_ps(b.v, a.v)}; }
UNROLL_INLINE F quotient(F a, F b) { return {_mm256_div_ps(a.v, b.v)}; }
UNROLL_INLINE F root(F a) { return {_mm256_sqrt_ps(a.v)}; }
UNROLL_INLINE F power_of_two(F t) {
  return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(t.v), 23))};
}
UNROLL_INLINE F divide(F a, F b) { return {_mm256_div_ps(a.v, b.v)}; }
UNROLL_INLINE F square_root(F a) { return {_mm256_sqrt_ps(a.v)}; }
UNROLL_INLINE F mantissa(F x, F& e) {
  const __m256i bits = _mm256_castps_si256(x.v);
  const __m256i exponent =
      _mm256_srai_epi32(_mm256_sub_epi32(bits, _mm256_set1_epi32(bits_of_root_half)), 23);
  e = {_mm256_cvtepi32_ps(exponent)};
  return {_mm256_castsi256_ps(_mm256_sub_epi32(bits, _mm256_slli_epi32(exponent, 23)))};
}
UNROLL_INLINE F where_positive(F x, F a) {
  return {_mm256_and_ps(_mm256_cmp_ps(x.v, _mm256_setzero_ps(), _CMP_GT_OQ), a.v)};
}

UNROLL_INLINE float sum(F a) {
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
UNROLL_INLINE float maximum(F a) {
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

}  // namespace unroll::kernels::UNROLL_ISA
