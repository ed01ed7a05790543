#include "engine/lane/protocol.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace unroll {

static_assert(std::endian::native == std::endian::little, "payloads are copied as they lie in memory");

namespace {

constexpr size_t length_size = 4;
constexpr size_t max_depth = 16;

size_t padded(size_t size) { return (size + 3) & ~size_t{3}; }

}  // namespace

std::string Message::type() const {
  const auto found = header.find("type");
  return found != header.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::vector<uint8_t> encode(const Message& message) {
  return encode(json_text(message.header), message.payload);
}

std::vector<uint8_t> encode(std::string_view header, std::span<const uint8_t> payload) {
  const uint32_t length = static_cast<uint32_t>(header.size());
  std::vector<uint8_t> bytes(padded(length_size + header.size()) + payload.size());
  std::memcpy(bytes.data(), &length, length_size);
  std::memcpy(bytes.data() + length_size, header.data(), header.size());
  std::ranges::copy(payload, bytes.end() - static_cast<std::ptrdiff_t>(payload.size()));
  return bytes;
}

Result<Message> decode(std::span<const uint8_t> bytes) {
  const std::string hint = "a message is a length, a JSON header and a payload; see engine/lane/protocol.h";
  if (bytes.size() < length_size) return Error{"message", "is shorter than its length field", hint};
  uint32_t length = 0;
  std::memcpy(&length, bytes.data(), length_size);
  const size_t start = padded(length_size + size_t{length});
  if (length > bytes.size() - length_size ||
      start > bytes.size())  // the first: in wasm, `start` may wrap around
    return Error{"message",
                 "says that its header has " + std::to_string(length) + " bytes, but has only " +
                     std::to_string(bytes.size()) + " in all",
                 hint};
  Result<Json> header =
      parse_json({reinterpret_cast<const char*>(bytes.data()) + length_size, length}, {.depth = max_depth});
  if (!header) return Error{"message", "its header is " + header.error().what, hint};
  if (!header->is_object()) return Error{"message", "its header is no JSON object", hint};
  Message message{std::move(*header), {bytes.begin() + static_cast<std::ptrdiff_t>(start), bytes.end()}};
  if (message.type().empty()) return Error{"message", "its header has no \"type\"", hint};
  return message;
}

std::vector<uint8_t> payload_of(std::span<const float> values) {
  std::vector<uint8_t> bytes(values.size_bytes());
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

Result<std::vector<float>> floats_of(const Message& message) {
  const size_t size = message.payload.size();
  if (size % sizeof(float) != 0)
    return Error{message.type(), "its payload of " + std::to_string(size) + " bytes is no list of float32",
                 ""};
  std::vector<float> values(size / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), message.payload.data(), size);
  return values;
}

}  // namespace unroll
