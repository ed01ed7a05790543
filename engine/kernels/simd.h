// The SIMD wrapper: one vector type `F` of W floats and the few operations that the kernels need. The compiler's
// options choose the backend, so that the same kernel sources give one table per instruction set; everything lives
// in a namespace named after it. A backend defines:
//
//   F, W                   the vector and its number of floats
//   fused                  whether fma() rounds once
//   tile_rows              rows of the largest GEMM tile (two vectors wide) that its registers hold
//   zero() set(x)          all zeros; all x
//   load_all(p)            the float at p, W times
//   prefetch(p, n)         asks for the cache line of p[n], which need not exist, into the second-level cache; or does nothing
//   load(p) store(p, v)    W floats, any alignment
//   load_part(p, n)        n floats, 1 ≤ n < W, touching no memory behind them; the rest is zero
//   store_part(p, v, n)    the first n floats
//   a + b, a − b, a · b
//   fma(a, b, c)           a·b + c, with one rounding where the machine has it
//   nfma(a, b, c)          c − a·b
//   min(a, b) max(a, b)    a where either is NaN: bounding a NaN leaves a NaN
//   quotient(a, b)         a / b within 1.5 ulp, for 2⁻¹⁰⁰ < b < 2¹⁰⁰
//   root(a)                √a within 1.5 ulp, 0 for 0
//   divide(a, b)           a / b, rounded once, for every b
//   square_root(a)         √a, rounded once; NaN below 0
//   power_of_two(t)        2ⁿ for t = magic + n, see math.h: the bits of t moved up by 23
//   mantissa(x, e)         m and e with x = m·2ᵉ and √½ ≤ m < √2, for positive x ≥ 2⁻¹²⁶
//   where_positive(x, a)   a where x > 0, else 0
//   sum(v) maximum(v)      over the W floats, in a fixed order
//   transpose4(p, ld, q, lq)  4×4 floats: q[j·lq + i] = p[i·ld + j]
#pragma once

#include <cstddef>
#include <cstdint>

namespace unroll::kernels {
/// Of the float next to √½, from which mantissa() counts exponents.
constexpr int32_t bits_of_root_half = 0x3f3504f3;
}  // namespace unroll::kernels

#define UNROLL_INLINE inline __attribute__((always_inline))
#define UNROLL_NOINLINE __attribute__((noinline))
#define UNROLL_ALWAYS __attribute__((always_inline))

#if defined(UNROLL_PLAIN)
#include "engine/kernels/simd_plain.h"
#elif defined(__wasm_simd128__)
#include "engine/kernels/simd_wasm.h"
#elif defined(__AVX512F__)
#include "engine/kernels/simd_avx512.h"
#elif defined(__AVX2__)
#include "engine/kernels/simd_avx2.h"
#elif defined(__ARM_NEON)
#include "engine/kernels/simd_neon.h"
#else
#error "no SIMD backend for these compiler options: define UNROLL_PLAIN or enable an instruction set"
#endif
