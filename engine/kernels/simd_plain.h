// SIMD backend: plain C++, a "vector" of one float. Slow, and readable as the meaning of every operation.
#pragma once

#include <bit>
#include <cmath>

#define UNROLL_ISA plain
#define UNROLL_ISA_NAME "plain"
#define UNROLL_TABLE plain_table

namespace unroll::kernels::UNROLL_ISA {

struct F {
  float v;
};
constexpr int W = 1;
constexpr bool fused = false;
constexpr int tile_rows = 4;

UNROLL_INLINE F zero() { return {0}; }
UNROLL_INLINE F set(float x) { return {x}; }
UNROLL_INLINE F load(const float* p) { return {*p}; }
UNROLL_INLINE F load_all(const float* p) { return {*p}; }
UNROLL_INLINE void prefetch(const float*, ptrdiff_t) {}
UNROLL_INLINE void store(float* p, F a) { *p = a.v; }
UNROLL_INLINE F load_part(const float*, int) {
  return {0};
}  // never called: no part is smaller than one float
UNROLL_INLINE void store_part(float*, F, int) {}

UNROLL_INLINE F operator+(F a, F b) { return {a.v + b.v}; }
UNROLL_INLINE F operator-(F a, F b) { return {a.v - b.v}; }
UNROLL_INLINE F operator*(F a, F b) { return {a.v * b.v}; }
UNROLL_INLINE F fma(F a, F b, F c) { return {a.v * b.v + c.v}; }
UNROLL_INLINE F nfma(F a, F b, F c) { return {c.v - a.v * b.v}; }
UNROLL_INLINE F min(F a, F b) { return {b.v < a.v ? b.v : a.v}; }
UNROLL_INLINE F max(F a, F b) { return {b.v > a.v ? b.v : a.v}; }
UNROLL_INLINE F quotient(F a, F b) { return {a.v / b.v}; }
UNROLL_INLINE F root(F a) { return {std::sqrt(a.v)}; }
UNROLL_INLINE F power_of_two(F t) { return {std::bit_cast<float>(std::bit_cast<uint32_t>(t.v) << 23)}; }
UNROLL_INLINE F divide(F a, F b) { return {a.v / b.v}; }
UNROLL_INLINE F square_root(F a) { return {std::sqrt(a.v)}; }
UNROLL_INLINE F mantissa(F x, F& e) {
  const int32_t bits = std::bit_cast<int32_t>(x.v), exponent = (bits - bits_of_root_half) >> 23;
  e = {static_cast<float>(exponent)};
  return {std::bit_cast<float>(bits - exponent * (1 << 23))};
}
UNROLL_INLINE F where_positive(F x, F a) { return {x.v > 0 ? a.v : 0.0f}; }
UNROLL_INLINE float sum(F a) { return a.v; }
UNROLL_INLINE float maximum(F a) { return a.v; }
UNROLL_INLINE void transpose4(const float* p, ptrdiff_t ld, float* q, ptrdiff_t lq) {
  for (ptrdiff_t i = 0; i < 4; ++i)
    for (ptrdiff_t j = 0; j < 4; ++j) q[j * lq + i] = p[i * ld + j];
}

}  // namespace unroll::kernels::UNROLL_ISA
