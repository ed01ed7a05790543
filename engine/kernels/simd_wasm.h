// SIMD backend: WebAssembly SIMD128, and relaxed SIMD when the compiler may use it (-mrelaxed-simd), whose
// multiply-add is one instruction. V8 has 16 registers for it on x86: 12 accumulators, two columns, one broadcast.
#pragma once

#include <wasm_simd128.h>

#include <cmath>

#ifdef __wasm_relaxed_simd__
#define UNROLL_ISA wasm_relaxed
#define UNROLL_ISA_NAME "wasm-relaxed"
#else
#define UNROLL_ISA wasm_simd
#define UNROLL_ISA_NAME "wasm-simd"
#endif
#define UNROLL_TABLE wasm_table

namespace unroll::kernels::UNROLL_ISA {

struct F {
  v128_t v;
};
constexpr int W = 4;
#ifdef __wasm_relaxed_simd__
constexpr bool fused = true;
constexpr int tile_rows = 6;
#else
constexpr bool fused = false;
constexpr int tile_rows = 5;  // the product needs a register too
#endif

UNROLL_INLINE F zero() { return {wasm_f32x4_const_splat(0)}; }
UNROLL_INLINE F set(float x) { return {wasm_f32x4_splat(x)}; }
UNROLL_INLINE F load(const float* p) { return {wasm_v128_load(p)}; }
UNROLL_INLINE F load_all(const float* p) { return {wasm_v128_load32_splat(p)}; }
UNROLL_INLINE void prefetch(const float*, ptrdiff_t) {}
UNROLL_INLINE void store(float* p, F a) { wasm_v128_store(p, a.v); }
UNROLL_INLINE F load_part(const float* p, int n) {
  if (n == 1) return {wasm_v128_load32_zero(p)};
  const v128_t two = wasm_v128_load64_zero(p);
  return {n == 2 ? two : wasm_v128_load32_lane(p + 2, two, 2)};
}
UNROLL_INLINE void store_part(float* p, F a, int n) {
  if (n == 1) {
    wasm_v128_store32_lane(p, a.v, 0);
    return;
  }
  wasm_v128_store64_lane(p, a.v, 0);
  if (n == 3) wasm_v128_store32_lane(p + 2, a.v, 2);
}

UNROLL_INLINE F operator+(F a, F b) { return {wasm_f32x4_add(a.v, b.v)}; }
UNROLL_INLINE F operator-(F a, F b) { return {wasm_f32x4_sub(a.v, b.v)}; }
UNROLL_INLINE F operator*(F a, F b) { return {wasm_f32x4_mul(a.v, b.v)}; }
#ifdef __wasm_relaxed_simd__
UNROLL_INLINE F fma(F a, F b, F c) { return {wasm_f32x4_relaxed_madd(a.v, b.v, c.v)}; }
UNROLL_INLINE F nfma(F a, F b, F c) { return {wasm_f32x4_relaxed_nmadd(a.v, b.v, c.v)}; }
#else
UNROLL_INLINE F fma(F a, F b, F c) { return a * b + c; }
UNROLL_INLINE F nfma(F a, F b, F c) { return c - a * b; }
#endif
// f32x4.min and max cost several instructions on x86; pmin(a, b) is b < a ? b : a, one instruction.
UNROLL_INLINE F min(F a, F b) { return {wasm_f32x4_pmin(a.v, b.v)}; }
UNROLL_INLINE F max(F a, F b) { return {wasm_f32x4_pmax(a.v, b.v)}; }
UNROLL_INLINE F quotient(F a, F b) { return {wasm_f32x4_div(a.v, b.v)}; }
UNROLL_INLINE F root(F a) { return {wasm_f32x4_sqrt(a.v)}; }
UNROLL_INLINE F power_of_two(F t) { return {wasm_i32x4_shl(t.v, 23)}; }
UNROLL_INLINE F divide(F a, F b) { return {wasm_f32x4_div(a.v, b.v)}; }
UNROLL_INLINE F square_root(F a) { return {wasm_f32x4_sqrt(a.v)}; }
UNROLL_INLINE F mantissa(F x, F& e) {
  const v128_t exponent = wasm_i32x4_shr(wasm_i32x4_sub(x.v, wasm_i32x4_splat(bits_of_root_half)), 23);
  e = {wasm_f32x4_convert_i32x4(exponent)};
  return {wasm_i32x4_sub(x.v, wasm_i32x4_shl(exponent, 23))};
}
UNROLL_INLINE F where_positive(F x, F a) { return {wasm_v128_and(wasm_f32x4_gt(x.v, zero().v), a.v)}; }

UNROLL_INLINE float sum(F a) {
  const v128_t half = wasm_f32x4_add(a.v, wasm_i32x4_shuffle(a.v, a.v, 2, 3, 0, 1));
  return wasm_f32x4_extract_lane(wasm_f32x4_add(half, wasm_i32x4_shuffle(half, half, 1, 0, 3, 2)), 0);
}
UNROLL_INLINE float maximum(F a) {
  const v128_t half = wasm_f32x4_pmax(a.v, wasm_i32x4_shuffle(a.v, a.v, 2, 3, 0, 1));
  return wasm_f32x4_extract_lane(wasm_f32x4_pmax(half, wasm_i32x4_shuffle(half, half, 1, 0, 3, 2)), 0);
}
UNROLL_INLINE void transpose4(const float* p, ptrdiff_t ld, float* q, ptrdiff_t lq) {
  const v128_t a = wasm_v128_load(p), b = wasm_v128_load(p + ld);
  const v128_t c = wasm_v128_load(p + 2 * ld), d = wasm_v128_load(p + 3 * ld);
  const v128_t ab_low = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), ab_high = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7);
  const v128_t cd_low = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5), cd_high = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
  wasm_v128_store(q, wasm_i64x2_shuffle(ab_low, cd_low, 0, 2));
  wasm_v128_store(q + lq, wasm_i64x2_shuffle(ab_low, cd_low, 1, 3));
  wasm_v128_store(q + 2 * lq, wasm_i64x2_shuffle(ab_high, cd_high, 0, 2));
  wasm_v128_store(q + 3 * lq, wasm_i64x2_shuffle(ab_high, cd_high, 1, 3));
}

}  // namespace unroll::kernels::UNROLL_ISA
