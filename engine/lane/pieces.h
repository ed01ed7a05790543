// What a lane and its helpers send each other (helper.h).
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace unroll {

/// A message in pieces where they lie, so that whoever sends it copies them once.
using Pieces = std::vector<std::span<const uint8_t>>;
template <class Values>
void add_piece(Pieces& pieces, const Values& values) {
  const auto bytes = std::as_bytes(std::span(values));
  pieces.emplace_back(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

/// Values that follow each other in a message; all there is to check is whether there are so many.
class PieceReader {
 public:
  explicit PieceReader(std::span<const uint8_t> bytes) : left_(bytes) {}
  template <class Value>
  void take(std::span<Value> into) {
    if (into.size_bytes() > left_.size()) return void(fits_ = false);
    std::copy_n(left_.data(), into.size_bytes(), reinterpret_cast<uint8_t*>(into.data()));
    left_ = left_.subspan(into.size_bytes());
  }
  template <class Values>
  void take(Values& values, size_t count) {
    if (count > left_.size() / sizeof(values[0])) return void(fits_ = false);
    values.resize(count);
    take(std::span(values));
  }
  bool fits() const { return fits_; }
  bool ends() const { return fits_ && left_.empty(); }

 private:
  std::span<const uint8_t> left_;
  bool fits_ = true;
};

/// Sends to a helper, while the pieces are there; no pieces: it is not counted on any more, for it did not answer, or
/// brings nothing.
using PostToHelper = std::function<void(int helper, const Pieces&)>;

}  // namespace unroll
