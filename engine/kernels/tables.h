// Inside the kernels: the tables that the per-instruction-set objects define, and which of them this build
// has. CMakeLists.txt sets UNROLL_HAVE_… for dispatch.cpp.
#pragma once

#include "engine/kernels/kernels.h"

namespace unroll::kernels {

extern const Kernels plain_table;
extern const Kernels avx2_table;
extern const Kernels avx512_table;
extern const Kernels neon_table;
extern const Kernels wasm_table;  ///< "wasm-simd" or "wasm-relaxed", by the build

}  // namespace unroll::kernels
