// Compiled once per instruction set, as engine/kernels/table.cpp.
#include "engine/kernels/simd.h"

#define UNROLL_JOIN_(a, b) a##b
#define UNROLL_JOIN(a, b) UNROLL_JOIN_(a, b)

namespace unroll::bench {
namespace isa = kernels::UNROLL_ISA;

#ifdef __wasm_simd128__
constexpr int chains = 12;  // as many as the GEMM's accumulators: V8 has 16 registers
#else
constexpr int chains = isa::W == 16 ? 24 : 12;
#endif

constexpr int repeats = 8;

UNROLL_NOINLINE double UNROLL_JOIN(limit_, UNROLL_TABLE)(long rounds, float* sink) {
  isa::F sums[chains];
#pragma GCC unroll 24
  for (int i = 0; i < chains; ++i) sums[i] = isa::set(sink[i]);
  const isa::F x = isa::set(sink[30]), y = isa::set(sink[31]);
  for (long round = 0; round < rounds; ++round) {
    // Several times over: in V8 the end of a loop costs a check for interrupts, too.
#pragma GCC unroll 8
    for (int again = 0; again < repeats; ++again)
#pragma GCC unroll 24
      for (int i = 0; i < chains; ++i)
        // As in a matrix product; but x · y alone would leave the loop where the operation is not fused.
        sums[i] = isa::fused ? isa::fma(x, y, sums[i]) : isa::fma(sums[i], x, y);
  }
#pragma GCC unroll 24
  for (int i = 0; i < chains; ++i) sink[i] = isa::sum(sums[i]);
  return 2.0 * chains * repeats * isa::W * static_cast<double>(rounds);
}

}  // namespace unroll::bench
