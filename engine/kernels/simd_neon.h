// SIMD backend: 64-bit ARM. 32 registers: 20 accumulators leave room for the columns of the next step.
#pragma once

#include <arm_neon.h>

#define UNROLL_ISA neon
#define UNROLL_ISA_NAME "neon"
#define UNROLL_TABLE neon_table

namespace unroll::kernels::UNROLL_ISA {

struct F {
  float32x4_t v;
};
constexpr int W = 4;
constexpr bool fused = true;
constexpr int tile_rows = 10;

UNROLL_INLINE F zero() { return {vdupq_n_f32(0)}; }
UNROLL_INLINE F set(float x) { return {vdupq_n_f32(x)}; }
UNROLL_INLINE F load(const float* p) { return {vld1q_f32(p)}; }
UNROLL_INLINE F load_all(const float* p) { return {vld1q_dup_f32(p)}; }
UNROLL_INLINE void prefetch(const float* p, ptrdiff_t n) {
  const uintptr_t address = reinterpret_cast<uintptr_t>(p) + static_cast<uintptr_t>(n) * sizeof(float);
  __builtin_prefetch(reinterpret_cast<const void*>(address), 0, 2);
}
UNROLL_INLINE void store(float* p, F a) { vst1q_f32(p, a.v); }
UNROLL_INLINE F load_part(const float* p, int n) {
  float32x4_t a = vld1q_lane_f32(p, vdupq_n_f32(0), 0);
  if (n > 1) a = vld1q_lane_f32(p + 1, a, 1);
  if (n > 2) a = vld1q_lane_f32(p + 2, a, 2);
  return {a};
}
UNROLL_INLINE void store_part(float* p, F a, int n) {
  vst1q_lane_f32(p, a.v, 0);
  if (n > 1) vst1q_lane_f32(p + 1, a.v, 1);
  if (n > 2) vst1q_lane_f32(p + 2, a.v, 2);
}

UNROLL_INLINE F operator+(F a, F b) { return {vaddq_f32(a.v, b.v)}; }
UNROLL_INLINE F operator-(F a, F b) { return {vsubq_f32(a.v, b.v)}; }
UNROLL_INLINE F operator*(F a, F b) { return {vmulq_f32(a.v, b.v)}; }
UNROLL_INLINE F fma(F a, F b, F c) { return {vfmaq_f32(c.v, a.v, b.v)}; }
UNROLL_INLINE F nfma(F a, F b, F c) { return {vfmsq_f32(c.v, a.v, b.v)}; }
UNROLL_INLINE F min(F a, F b) { return {vbslq_f32(vcltq_f32(b.v, a.v), b.v, a.v)}; }
UNROLL_INLINE F max(F a, F b) { return {vbslq_f32(vcgtq_f32(b.v, a.v), b.v, a.v)}; }
UNROLL_INLINE F quotient(F a, F b) { return {vdivq_f32(a.v, b.v)}; }
UNROLL_INLINE F root(F a) { return {vsqrtq_f32(a.v)}; }
UNROLL_INLINE F power_of_two(F t) {
  return {vreinterpretq_f32_s32(vshlq_n_s32(vreinterpretq_s32_f32(t.v), 23))};
}
UNROLL_INLINE F divide(F a, F b) { return {vdivq_f32(a.v, b.v)}; }
UNROLL_INLINE F square_root(F a) { return {vsqrtq_f32(a.v)}; }
UNROLL_INLINE F mantissa(F x, F& e) {
  const int32x4_t bits = vreinterpretq_s32_f32(x.v);
  const int32x4_t exponent = vshrq_n_s32(vsubq_s32(bits, vdupq_n_s32(bits_of_root_half)), 23);
  e = {vcvtq_f32_s32(exponent)};
  return {vreinterpretq_f32_s32(vsubq_s32(bits, vshlq_n_s32(exponent, 23)))};
}
UNROLL_INLINE F where_positive(F x, F a) {
  return {vreinterpretq_f32_u32(vandq_u32(vcgtzq_f32(x.v), vreinterpretq_u32_f32(a.v)))};
}
UNROLL_INLINE float sum(F a) { return vaddvq_f32(a.v); }
UNROLL_INLINE float maximum(F a) { return vmaxvq_f32(a.v); }
UNROLL_INLINE void transpose4(const float* p, ptrdiff_t ld, float* q, ptrdiff_t lq) {
  const float32x4x2_t ab = vtrnq_f32(vld1q_f32(p), vld1q_f32(p + ld));
  const float32x4x2_t cd = vtrnq_f32(vld1q_f32(p + 2 * ld), vld1q_f32(p + 3 * ld));
  vst1q_f32(q, vcombine_f32(vget_low_f32(ab.val[0]), vget_low_f32(cd.val[0])));
  vst1q_f32(q + lq, vcombine_f32(vget_low_f32(ab.val[1]), vget_low_f32(cd.val[1])));
  vst1q_f32(q + 2 * lq, vcombine_f32(vget_high_f32(ab.val[0]), vget_high_f32(cd.val[0])));
  vst1q_f32(q + 3 * lq, vcombine_f32(vget_high_f32(ab.val[1]), vget_high_f32(cd.val[1])));
}

}  // namespace unroll::kernels::UNROLL_ISA
