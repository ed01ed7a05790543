// Streams of a text side by side, as the trainer reads them.
#pragma once

#include <cstdint>
#include <span>

namespace unroll {

/// `columns` stretches of `rows` inputs each, the first at ids[first], each next one `apart` further, into (rows, columns)
/// row-major arrays; targets are the inputs moved by one.
inline void interleave(std::span<const int32_t> ids, size_t first, size_t apart, size_t rows, size_t columns,
                       std::span<int32_t> inputs, std::span<int32_t> targets) {
  for (size_t b = 0; b < columns; ++b) {
    const size_t start = first + b * apart;
    for (size_t t = 0; t < rows; ++t) {
      inputs[t * columns + b] = ids[start + t];
      targets[t * columns + b] = ids[start + t + 1];
    }
  }
}

}  // namespace unroll
