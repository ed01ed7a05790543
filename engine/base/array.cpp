#include "engine/base/array.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace unroll {
namespace {

constexpr size_t cache_line = 64, huge_page = size_t{2} << 20;

std::align_val_t alignment(size_t bytes) {
  return std::align_val_t{bytes >= huge_page ? huge_page : cache_line};
}

}  // namespace

void* allocate_aligned(size_t bytes) {
  void* const at = ::operator new(bytes, alignment(bytes));
#ifdef __linux__
  if (bytes >= huge_page) madvise(at, bytes, MADV_HUGEPAGE);  // a wish: nothing depends on it
#endif
  return at;
}

void deallocate_aligned(void* at, size_t bytes) { ::operator delete(at, alignment(bytes)); }

}  // namespace unroll
