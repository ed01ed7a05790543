// How the gradient of a batch is summed: by shards of 8 streams, each summed up from zero, which are added up as a tree: the
// sum of the left half, a power of two, and that of the rest. So whoever computes a part of the batch that is one node of
// the tree gives one gradient, and the sum is the same to the last bit whoever computed what.
#pragma once

#include <algorithm>
#include <bit>
#include <span>
#include <vector>

namespace unroll {

constexpr int shard_streams = 8;

/// A node of the tree: so many shards that follow each other.
struct Shards {
  int first = 0, count = 0;

  static Shards of(int batch) { return {0, (batch + shard_streams - 1) / shard_streams}; }
  Shards left() const { return {first, static_cast<int>(std::bit_floor(static_cast<unsigned>(count - 1)))}; }
  Shards right() const { return {first + left().count, count - left().count}; }
  int first_stream() const { return first * shard_streams; }
  int streams(int batch) const { return std::min(count * shard_streams, batch - first_stream()); }
  bool operator==(const Shards&) const = default;
};

/// The tree cut into at most so many parts, from left to right: the largest is halved as long as there are too few.
inline std::vector<Shards> parts_of(int batch, int workers) {
  std::vector<Shards> parts = {Shards::of(batch)};
  while (static_cast<int>(parts.size()) < workers) {
    const auto largest = std::ranges::max_element(parts, {}, &Shards::count);
    if (largest->count == 1) break;
    const Shards whole = *largest;
    *largest = whole.left();
    parts.insert(largest + 1, whole.right());
  }
  return parts;
}

/// Adds the parts' gradients up, into that of the first, which is returned. `next` is the first part of the node.
template <class Add>
float* sum_parts(Shards node, std::span<const Shards> parts, std::span<float* const> gradients, size_t& next,
                 const Add& add) {
  if (parts[next] == node) return gradients[next++];
  float* sum = sum_parts(node.left(), parts, gradients, next, add);
  add(sum, sum_parts(node.right(), parts, gradients, next, add));
  return sum;
}

}  // namespace unroll
