// Vector exp, tanh, sigmoid and the other functions of a cell's equations. Error bounds, over all floats, tested in
// tests/engine/kernels_test.cpp:
//
//   exp      ≤ 1.5 ulp; overflow gives ∞, denormal results are rounded, NaN stays NaN
//   tanh     ≤ 8 ulp and never outside [−1, 1]
//   sigmoid  ≤ 3 ulp down to x = −87.3, below that 1.2e−38 (never 0, never denormal: those would be slow)
//   log       ≤ 2 ulp; −∞ for 0, NaN below
//   softplus  ≤ 3 ulp where it is ≥ 2⁻¹²⁶
//   sin, cos  ≤ 1.5e−7 for |x| ≤ 2000, ≤ 1e−6 for |x| ≤ 20000, and never outside [−1, 1]; NaN for ±∞
//
// exp: x = n·ln 2 + r with |r| ≤ ½ ln 2 (Cody & Waite 1980), e^r by a polynomial of degree 6, then times 2ⁿ. n is
// rounded by adding a magic number whose last bits then hold n, so no conversion is needed. tanh: an odd rational
// function of degree 9 over 8. The coefficients are minimax fits (Lawson's iteration) of the relative error:
// 2.0e−9 for e^r, 2.1e−8 for tanh on [−9, 9]. log and softplus: log(m) = 2 artanh((m − 1)/(m + 1)), log(1 + u) =
// 2 artanh(u/(2 + u)) by one polynomial that is right within 4.1e−9 up to artanh ⅓. sin: x = n·π + r with
// |r| ≤ ½π, (−1)ⁿ times an odd polynomial of degree 9 (6.7e−9).
#pragma once

#include "engine/kernels/simd.h"

namespace unroll::kernels::UNROLL_ISA {

/// Adding it rounds a float |x| < 2²² to an integer n; the last 9 bits of the sum are n + 127.
constexpr float magic = 0x1.8p23f + 127.0f;

/// e^r for |r| ≤ ½ ln 2.
UNROLL_INLINE F exp_reduced(F r) {
  F p = fma(set(0.0013843606f), r, set(0.008374196f));
  p = fma(p, r, set(0.041668005f));
  p = fma(p, r, set(0.16666431f));
  p = fma(p, r, set(0.49999994f));
  p = fma(p, r, set(1.0f));
  return fma(p, r, set(1.0f));
}

/// x − n·ln 2; the first part of ln 2 has 10 bits, so that n times it is exact.
UNROLL_INLINE F reduce(F x, F n) { return nfma(n, set(-2.12194440e-4f), nfma(n, set(0.693359375f), x)); }

/// e^x for every x.
UNROLL_INLINE F vexp(F x) {
  x = max(min(x, set(89.0f)), set(-104.0f));
  const F n = fma(x, set(1.44269504f), set(magic)) - set(magic);
  // 2ⁿ in two factors: n goes from −150 to 128, an exponent from −126 to 127.
  const F half = fma(n, set(0.5f), set(magic));
  const F rest = n - (half - set(magic)) + set(magic);
  return exp_reduced(reduce(x, n)) * power_of_two(half) * power_of_two(rest);
}

/// e^x for −87.3 ≤ x ≤ 87.3, and for anything beyond the value at that bound. What gates and softmax use.
UNROLL_INLINE F vexp_bounded(F x) {
  x = max(min(x, set(87.3f)), set(-87.3f));
  const F t = fma(x, set(1.44269504f), set(magic));
  return exp_reduced(reduce(x, t - set(magic))) * power_of_two(t);
}

UNROLL_INLINE F vsigmoid(F x) { return quotient(set(1.0f), set(1.0f) + vexp_bounded(zero() - x)); }

UNROLL_INLINE F vtanh(F x) {
  x = max(min(x, set(9.0f)), set(-9.0f));
  const F s = x * x;
  F p = fma(set(1.34199552571e-8f), s, set(2.06613710432e-5f));
  p = fma(p, s, set(0.00349900321231f));
  p = fma(p, s, set(0.133839864586f));
  p = fma(p * s, x, x);
  F q = fma(set(7.80478753503e-7f), s, set(0.000329104965893f));
  q = fma(q, s, set(0.0258902340815f));
  q = fma(q, s, set(0.467173079464f));
  q = fma(q, s, set(1.0f));
  return max(min(quotient(p, q), set(1.0f)), set(-1.0f));
}

/// 2 artanh(s) for |s| ≤ ⅓.
UNROLL_INLINE F twice_artanh(F s) {
  const F w = s * s;
  F p = fma(set(0.1407888918f), w, set(0.1398257887f));
  p = fma(p, w, set(0.2001229762f));
  p = fma(p, w, set(0.3333316082f));
  const F twice = s + s;
  return fma(twice * w, p, twice);
}

UNROLL_INLINE F vlog(F x) {
  constexpr float infinity = __builtin_huge_valf();
  const F denormal = where_positive(set(0x1p-126f) - x, set(1.0f));
  F e;
  const F m = mantissa(fma(x * denormal, set(0x1p23f - 1), x), e);
  e = nfma(set(23.0f), denormal, e);
  const F fraction = twice_artanh(divide(m - set(1.0f), m + set(1.0f)));
  const F log = fma(e, set(0.693359375f), fma(e, set(-2.12194440e-4f), fraction));
  // 0, ∞ and what is below 0, whose root is NaN.
  const F large = where_positive(x - set(0x1.fffffep127f), set(infinity));
  const F none = where_positive(set(0x1p-149f) - x, set(infinity));
  return (log + large - none) + square_root(min(x, zero()));
}

/// log(1 + e^x)
UNROLL_INLINE F vsoftplus(F x) {
  const F u = vexp(min(x, zero() - x));
  return max(x, zero()) + twice_artanh(quotient(u, set(2.0f) + u));
}

/// (−1)^k sin(x − c·π), where k is the whole number in t = magic + k, and c = k − shift.
UNROLL_INLINE F sine(F x, F t, float shift) {
  const F k = t - set(magic), c = k - set(shift);
  F r =
      nfma(c, set(1.5099580252808664e-07f), nfma(c, set(9.675025939941406e-4f), nfma(c, set(3.140625f), x)));
  r = max(min(r, set(1.5707964f)), set(-1.5707964f));
  const F half = fma(k, set(0.5f), set(magic)) - set(magic);
  const F odd = nfma(set(2.0f), half, k);  // −1, 0 or 1
  const F w = r * r;
  F p = fma(set(2.605092958e-6f), w, set(-1.980901107e-4f));
  p = fma(p, w, set(0.008333050087f));
  p = fma(p, w, set(-0.1666665794f));
  const F sin = max(min(fma(r * w, p, r), set(1.0f)), set(-1.0f));
  return nfma(set(2.0f) * odd * odd, sin, sin);
}
UNROLL_INLINE F vsin(F x) { return sine(x, fma(x, set(0.318309886f), set(magic)), 0.0f); }
/// cos x = sin(x + ½π)
UNROLL_INLINE F vcos(F x) { return sine(x, fma(x, set(0.318309886f), set(0.5f)) + set(magic), 0.5f); }

/// x, and 0 where |x| < 2⁻¹⁰⁰. A gradient that fades on its way back through time soon lies below 2⁻¹²⁶, where a multiplication
/// takes a hundred times as long, and WebAssembly cannot tell the processor to take such numbers for 0. NaN stays NaN.
UNROLL_INLINE F drop_faint(F x) { return x - where_positive(set(0x1p-100f) - max(x, zero() - x), x); }

/// The first n ≤ W floats; see for_vectors.
UNROLL_INLINE F load_n(const float* p, int n) {
  if constexpr (W == 1)
    return load(p);
  else
    return n == W ? load(p) : load_part(p, n);
}
UNROLL_INLINE void store_n(float* p, F v, int n) {
  if (n == W)
    store(p, v);
  else if constexpr (W > 1)
    store_part(p, v, n);
}
/// Calls body(j, n) for every whole vector (n = W, a constant once inlined) and for the part that remains (n < W): the
/// same arithmetic in both.
template <class Body>
UNROLL_INLINE void for_vectors(ptrdiff_t count, Body body) {
  ptrdiff_t j = 0;
  for (; j + W <= count; j += W) body(j, W);
  if constexpr (W > 1)
    if (j < count) body(j, static_cast<int>(count - j));
}

}  // namespace unroll::kernels::UNROLL_ISA
