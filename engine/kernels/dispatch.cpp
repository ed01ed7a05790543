// Chooses the table: what this build contains, reduced to what the processor can run.
#include <array>
#include <atomic>
#include <string_view>

#include "engine/kernels/tables.h"

namespace unroll::kernels {
namespace {

#ifdef UNROLL_HAVE_X86
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}
#endif

/// Kept apart from available(), so that a browser's module that never asks for it does not carry plain_table.
const Kernels& fastest() {
#if defined(UNROLL_HAVE_X86)
  __builtin_cpu_init();
  return has_avx512() ? avx512_table : has_avx2() ? avx2_table : plain_table;
#elif defined(UNROLL_HAVE_NEON)
  return neon_table;
#elif defined(UNROLL_HAVE_WASM)
  return wasm_table;
#else
  return plain_table;
#endif
}

struct Choice {
  std::array<const Kernels*, 3> tables{};
  size_t count = 0;
  void add(const Kernels& table) { tables[count++] = &table; }
};

Choice detect() {
  Choice choice;
  if (&fastest() != &plain_table) choice.add(fastest());
#ifdef UNROLL_HAVE_X86
  if (has_avx512()) choice.add(avx2_table);
#endif
  choice.add(plain_table);
  return choice;
}

std::atomic<const Kernels*> forced{nullptr};

}  // namespace

const Kernels& best() {
  static const Kernels& chosen = fastest();
  const Kernels* table = forced.load(std::memory_order_relaxed);
  return table ? *table : chosen;
}

std::span<const Kernels* const> available() {
  static const Choice choice = detect();
  return {choice.tables.data(), choice.count};
}

bool force(const char* name) {
  for (const Kernels* table : available())
    if (std::string_view(table->name) == name) {
      forced.store(table, std::memory_order_relaxed);
      return true;
    }
  return false;
}

}  // namespace unroll::kernels
