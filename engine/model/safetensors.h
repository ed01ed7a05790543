// The safetensors file format: 8 bytes little-endian length of the header, the header (a JSON object: tensor
// name → dtype, shape, data_offsets; "__metadata__" → strings), padded with spaces to a multiple of 8, then
// the tensors' bytes, little-endian and without gaps. Format: https://huggingface.co/docs/safetensors. Here:
// float32 only, at most max_tensors of them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace unroll {

/// A file in memory: named float32 tensors and a string map. Order of tensors is kept.
struct TensorFile {
  struct Tensor {
    std::string name;
    std::vector<int64_t> shape;  ///< a dimension of 0: it holds nothing; empty for a single number
    std::vector<float> values;   ///< row-major
  };
  std::vector<Tensor> tensors;
  std::map<std::string, std::string> metadata;  ///< UTF-8

  const Tensor* find(std::string_view name) const;  ///< null when there is none
};

/// More than any model of Unroll has (23), so that a header is refused before it takes time or memory.
inline constexpr size_t max_tensors = 256;

/// Sizes of values must fit their shapes.
std::vector<uint8_t> write_safetensors(const TensorFile&);

/// A tensor whose values lie elsewhere.
struct TensorView {
  std::string name;
  std::vector<int64_t> shape;
  std::span<const float> values;
};
/// Takes the next bytes of a file; false when it could not.
using ByteSink = std::function<bool(std::span<const uint8_t>)>;
/// The same file piece by piece, for little memory: copies no values. False as soon as the sink says so.
bool write_safetensors(const std::map<std::string, std::string>& metadata,
                       std::span<const TensorView> tensors, const ByteSink&);

/// Checks everything: header length, number of tensors and JSON, no unknown or missing field, dtype F32, shapes against offsets,
/// no gap, no overlap, nothing left over, every value finite. The order of tensors is that of their data.
Result<TensorFile> read_safetensors(std::span<const uint8_t> bytes);
/// The metadata alone; nothing of the tensors is checked or copied.
Result<std::map<std::string, std::string>> read_metadata(std::span<const uint8_t> bytes);
/// Its metadata alone: tensors are neither checked nor copied.
Result<std::map<std::string, std::string>> read_metadata(std::span<const uint8_t> bytes);

}  // namespace unroll
