#include "engine/base/protobuf.h"

#include <bit>
#include <cstring>

namespace unroll {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie in memory");

constexpr uint32_t varint_type = 0, bytes_type = 2, four_bytes_type = 5;

}  // namespace

void ProtoMessage::varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<uint8_t>(value | 0x80));
  bytes_.push_back(static_cast<uint8_t>(value));
}

void ProtoMessage::begin_bytes(uint32_t field, uint64_t size) {
  varint(field << 3 | bytes_type);
  varint(size);
}

ProtoMessage& ProtoMessage::integer(uint32_t field, int64_t value) {
  varint(field << 3 | varint_type);
  varint(static_cast<uint64_t>(value));
  return *this;
}

ProtoMessage& ProtoMessage::real(uint32_t field, float value) {
  varint(field << 3 | four_bytes_type);
  const auto bits = std::bit_cast<uint32_t>(value);
  for (unsigned shift = 0; shift < 32; shift += 8) bytes_.push_back(static_cast<uint8_t>(bits >> shift));
  return *this;
}

ProtoMessage& ProtoMessage::bytes(uint32_t field, std::span<const uint8_t> value) {
  begin_bytes(field, value.size());
  bytes_.insert(bytes_.end(), value.begin(), value.end());
  return *this;
}

ProtoMessage& ProtoMessage::append(const ProtoMessage& fields) {
  bytes_.insert(bytes_.end(), fields.bytes_.begin(), fields.bytes_.end());
  return *this;
}

ProtoMessage& ProtoMessage::text(uint32_t field, std::string_view value) {
  return bytes(field, {reinterpret_cast<const uint8_t*>(value.data()), value.size()});
}

ProtoMessage& ProtoMessage::floats(uint32_t field, std::span<const float> values) {
  return bytes(field, {reinterpret_cast<const uint8_t*>(values.data()), values.size_bytes()});
}

ProtoMessage& ProtoMessage::integers(uint32_t field, std::span<const int64_t> values) {
  return bytes(field, {reinterpret_cast<const uint8_t*>(values.data()), values.size_bytes()});
}

}  // namespace unroll
