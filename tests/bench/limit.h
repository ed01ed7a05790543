// The limit that every figure is compared with: fused multiply-adds on registers alone, one instruction set each.
#pragma once

namespace unroll::bench {

/// Runs `rounds` of a loop without memory; returns the floating-point operations it did.
using Limit = double (*)(long rounds, float* sink);

/// Of the table with this name (kernels.h), or null. "wasm-simd" has no fused operation: its limit is that of a
/// product and a sum.
Limit limit_of(const char* table);

}  // namespace unroll::bench
