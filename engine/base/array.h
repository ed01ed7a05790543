// Storage of the engine's large float arrays: zeroed, and aligned to a cache line for the kernels.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace unroll {

template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t alignment{64};
  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}  // NOLINT: implicit, as allocators need
  T* allocate(size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), alignment)); }
  void deallocate(T* at, size_t) { ::operator delete(at, alignment); }
  bool operator==(const AlignedAllocator&) const { return true; }
};

using FloatArray = std::vector<float, AlignedAllocator<float>>;

}  // namespace unroll
