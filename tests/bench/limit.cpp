#include "tests/bench/limit.h"

#include <string_view>

namespace unroll::bench {

double limit_plain_table(long, float*);
#ifdef UNROLL_HAVE_X86
double limit_avx2_table(long, float*);
double limit_avx512_table(long, float*);
#endif
#ifdef UNROLL_HAVE_NEON
double limit_neon_table(long, float*);
#endif
#ifdef UNROLL_HAVE_WASM
double limit_wasm_table(long, float*);
#endif

Limit limit_of(const char* table) {
  const std::string_view name = table;
  if (name == "plain") return limit_plain_table;
#ifdef UNROLL_HAVE_X86
  if (name == "avx2") return limit_avx2_table;
  if (name == "avx512") return limit_avx512_table;
#endif
#ifdef UNROLL_HAVE_NEON
  if (name == "neon") return limit_neon_table;
#endif
#ifdef UNROLL_HAVE_WASM
  if (name == "wasm-simd" || name == "wasm-relaxed") return limit_wasm_table;
#endif
  return nullptr;
}

}  // namespace unroll::bench
