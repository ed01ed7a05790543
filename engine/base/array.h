// Storage of the engine's large float arrays: zeroed, and aligned to a cache line for the kernels. What is larger than a huge
// page begins on one, and Linux is asked for such (madvise): a step at XL touches some 100 MB, and to find 25,000 pages of
// 4 kB takes a virtual machine long (4 to 9% of a step; engine/kernels/NOTES.md).
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace unroll {

/// Throws std::bad_alloc, as operator new does. Returned with as many bytes as were asked for.
void* allocate_aligned(size_t bytes);
void deallocate_aligned(void* at, size_t bytes);

template <class T>
struct AlignedAllocator {
  using value_type = T;
  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}  // NOLINT: implicit, as allocators need
  T* allocate(size_t n) { return static_cast<T*>(allocate_aligned(n * sizeof(T))); }
  void deallocate(T* at, size_t n) { deallocate_aligned(at, n * sizeof(T)); }
  bool operator==(const AlignedAllocator&) const { return true; }
};

using FloatArray = std::vector<float, AlignedAllocator<float>>;

}  // namespace unroll
