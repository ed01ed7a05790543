// Chooses the table: what this build contains, reduced to what the processor can run.
#include <array>
#include <atomic>
#include <string_view>

#include "engine/kernels/tables.h"

namespace unroll::kernels {
namespace {

struct Choice {
  std::array<const Kernels*, 4> tables{};
  size_t count = 0;
  void add(const Kernels& table) { tables[count++] = &table; }
};

Choice detect() {
  Choice choice;
#ifdef UNROLL_HAVE_X86
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
    choice.add(avx512_table);
  if (avx2) choice.add(avx2_table);
#endif
#ifdef UNROLL_HAVE_NEON
  choice.add(neon_table);
#endif
#ifdef UNROLL_HAVE_WASM
  choice.add(wasm_table);
#endif
  choice.add(plain_table);
  return choice;
}

const Choice& choice() {
  static const Choice chosen = detect();
  return chosen;
}

std::atomic<const Kernels*> forced{nullptr};

}  // namespace

const Kernels& best() {
  const Kernels* table = forced.load(std::memory_order_relaxed);
  return table ? *table : *choice().tables[0];
}

std::span<const Kernels* const> available() { return {choice().tables.data(), choice().count}; }

bool force(const char* name) {
  for (const Kernels* table : available())
    if (std::string_view(table->name) == name) {
      forced.store(table, std::memory_order_relaxed);
      return true;
    }
  return false;
}

}  // namespace unroll::kernels
