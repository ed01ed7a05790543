#include "engine/base/utf8.h"

namespace unroll {

namespace {

/// Length of the valid UTF-8 sequence at `bytes[at]`, or 0. Table 3-7 of the Unicode standard, chapter 3.
int decode_one(std::string_view bytes, size_t at, char32_t& symbol) {
  const auto byte = [&](size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u; };
  const auto continues = [&](size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned lead = byte(at);
  if (lead < 0x80u) {
    symbol = lead;
    return 1;
  }
  const int length = lead >= 0xC2u && lead <= 0xDFu   ? 2
                     : lead >= 0xE0u && lead <= 0xEFu ? 3
                     : lead >= 0xF0u && lead <= 0xF4u ? 4
                                                      : 0;
  if (length == 0) return 0;
  unsigned value = lead & (0xFFu >> (length + 1));
  for (int i = 1; i < length; ++i) {
    if (!continues(at + static_cast<size_t>(i))) return 0;
    value = value << 6 | (byte(at + static_cast<size_t>(i)) & 0x3Fu);
  }
  const bool overlong = (length == 3 && value < 0x800u) || (length == 4 && value < 0x10000u);
  const bool surrogate = value >= 0xD800u && value <= 0xDFFFu;
  if (overlong || surrogate || value > 0x10FFFFu) return 0;
  symbol = value;
  return length;
}

Error invalid_byte(std::string_view bytes, size_t at) {
  static constexpr char digits[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(bytes[at]);
  const std::string hex = {'0', 'x', digits[byte >> 4], digits[byte & 15]};
  return {"byte " + std::to_string(at), hex + " is not valid UTF-8 here",
          "save the text as UTF-8 and try again"};
}

Error has_nul(std::string_view bytes) {
  return {"byte " + std::to_string(bytes.find('\0')), "a NUL (U+0000) stands here, and no text has one",
          "is it UTF-16, or no text at all? Save it as UTF-8 text"};
}

}  // namespace

Result<std::u32string> decode_utf8_exact(std::string_view bytes) {
  std::u32string text;
  text.reserve(bytes.size());
  for (size_t at = 0; at < bytes.size();) {
    char32_t symbol = 0;
    const int length = decode_one(bytes, at, symbol);
    if (length == 0) return invalid_byte(bytes, at);
    text.push_back(symbol);
    at += static_cast<size_t>(length);
  }
  return text;
}

Result<std::u32string> decode_utf8(std::string_view bytes) {
  auto decoded = decode_utf8_exact(bytes);
  if (!decoded) return decoded;
  std::u32string& text = *decoded;
  if (text.find(U'\0') != std::u32string::npos) return has_nul(bytes);
  const size_t start = !text.empty() && text[0] == U'\uFEFF' ? 1 : 0;
  size_t size = 0;
  for (size_t i = start; i < text.size(); ++i) {
    if (text[i] == U'\r' && i + 1 < text.size() && text[i + 1] == U'\n') continue;
    text[size++] = text[i] == U'\r' ? U'\n' : text[i];
  }
  text.resize(size);
  return decoded;
}

Result<std::string> clean_utf8(std::string bytes) {
  const auto text = decode_utf8(bytes);
  if (!text) return text.error();
  const bool clean = bytes.find('\r') == std::string::npos && !bytes.starts_with("\xEF\xBB\xBF");
  return clean ? std::move(bytes) : encode_utf8(*text);
}

std::string encode_utf8(char32_t symbol) {
  const auto u = static_cast<uint32_t>(symbol);
  const auto tail = [u](int shift) { return static_cast<char>(0x80u | ((u >> shift) & 0x3Fu)); };
  if (u < 0x80u) return {static_cast<char>(u)};
  if (u < 0x800u) return {static_cast<char>(0xC0u | u >> 6), tail(0)};
  if (u < 0x10000u) return {static_cast<char>(0xE0u | u >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0u | u >> 18), tail(12), tail(6), tail(0)};
}

std::string encode_utf8(std::u32string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (const char32_t symbol : text) bytes += encode_utf8(symbol);
  return bytes;
}

std::string_view shortened(std::string_view utf8, size_t bytes) {
  if (utf8.size() <= bytes) return utf8;
  while (bytes > 0 && (static_cast<unsigned char>(utf8[bytes]) & 0xC0u) == 0x80u) --bytes;
  return utf8.substr(0, bytes);
}

}  // namespace unroll
