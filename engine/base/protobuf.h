// Messages of the protocol buffers' wire format, written and nothing else: a field is a key (its number · 8 + wire type) as a
// varint, then the value; varints are 7 bits a byte, the lowest first. Wire types here: 0 varint, 2 bytes with their length before
// them, 5 four bytes. Source: "Encoding" of the Protocol Buffers documentation, https://protobuf.dev/programming-guides/encoding.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace unroll {

/// One message. Fields come in the order in which they are added.
class ProtoMessage {
 public:
  /// int32, int64, bool and enums.
  ProtoMessage& integer(uint32_t field, int64_t value);
  ProtoMessage& real(uint32_t field, float value);
  ProtoMessage& bytes(uint32_t field, std::span<const uint8_t> value);
  ProtoMessage& text(uint32_t field, std::string_view value);
  ProtoMessage& message(uint32_t field, const ProtoMessage& value) { return bytes(field, value.bytes_); }
  /// A bytes field of these numbers, little-endian.
  ProtoMessage& floats(uint32_t field, std::span<const float> values);
  ProtoMessage& integers(uint32_t field, std::span<const int64_t> values);  ///< as floats()

  ProtoMessage& append(const ProtoMessage& fields);  ///< its fields after these

  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  void varint(uint64_t value);
  void begin_bytes(uint32_t field, uint64_t size);

  std::vector<uint8_t> bytes_;
};

}  // namespace unroll
