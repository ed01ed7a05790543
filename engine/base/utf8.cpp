#include "engine/base/utf8.h"

#include <algorithm>
#include <utility>

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

constexpr char digits[] = "0123456789ABCDEF";

/// Whether it is the upper half of a character that is common in Chinese, Japanese and Korean, in UTF-16.
bool is_upper_half(unsigned char byte) {
  return byte == 0 || byte == 0x20u || byte == 0x30u || (byte >= 0x4Eu && byte <= 0x9Fu) ||
         (byte >= 0xACu && byte <= 0xDFu) || byte == 0xFFu;
}

/// "UTF-16" or "UTF-32" when the bytes look like it, by their mark or by the upper halves of the characters: of most
/// alphabets these are control characters, and zero for spaces and line ends. Else null. In bytes that are no UTF-8
/// anyway, upper halves of Chinese and its neighbours with some zeros between them are a sign as well.
const char* wide_encoding(std::string_view bytes, bool is_utf8) {
  if (bytes.starts_with(std::string_view("\xFF\xFE\0\0", 4)) ||
      bytes.starts_with(std::string_view("\0\0\xFE\xFF", 4)))
    return "UTF-32";
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return "UTF-16";
  if (bytes.size() < 4 || bytes.size() % 2 != 0) return nullptr;
  if (is_utf8 && bytes.find('\0') == std::string_view::npos) return nullptr;
  bytes = bytes.substr(0, size_t{1} << 16);
  size_t zeros[4] = {}, controls[2] = {}, halves[2] = {};  // by place
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    zeros[i % 4] += byte == 0;
    controls[i % 2] += byte < 0x20u;
    halves[i % 2] += is_upper_half(byte);
  }
  const size_t pairs = bytes.size() / 2, fours = bytes.size() / 4;
  for (const auto& [last, next] : {std::pair{zeros[0], zeros[1]}, {zeros[3], zeros[2]}}) {
    if (bytes.size() % 4 == 0 && last >= fours && 3 * next >= 2 * fours) return "UTF-32";
  }
  for (const size_t upper : {size_t{0}, size_t{1}}) {
    const size_t lower = 1 - upper;
    const size_t zeros_above = zeros[upper] + zeros[upper + 2], zeros_below = zeros[lower] + zeros[lower + 2];
    if (zeros_above > 8 * zeros_below && 2 * controls[upper] >= pairs) return "UTF-16";
    if (!is_utf8 && zeros_above > 0 && 10 * halves[upper] >= 9 * pairs && 4 * halves[lower] < 3 * pairs)
      return "UTF-16";
  }
  return nullptr;
}

Error wrong_encoding(const char* encoding) {
  return {"byte 0", std::string("this looks like ") + encoding + ", not UTF-8",
          "save the text as UTF-8 and try again"};
}

Error invalid_byte(std::string_view bytes, size_t at) {
  if (const char* encoding = wide_encoding(bytes, false)) return wrong_encoding(encoding);
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
  if (const char* encoding = wide_encoding(bytes, true)) return wrong_encoding(encoding);
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
  for (int back = 0; back < 3 && bytes > 0 && (static_cast<unsigned char>(utf8[bytes]) & 0xC0u) == 0x80u;
       ++back)
    --bytes;
  return utf8.substr(0, bytes);
}

namespace {

/// Of a character that acts on a terminal, or on the characters around it, instead of being seen.
bool controls(char32_t symbol) {
  return symbol < 0x20u || (symbol >= 0x7Fu && symbol <= 0x9Fu) || symbol == 0x61Cu ||
         (symbol >= 0x200Eu && symbol <= 0x200Fu) || (symbol >= 0x2028u && symbol <= 0x202Eu) ||
         (symbol >= 0x2066u && symbol <= 0x2069u) || symbol == 0xFEFFu;
}

std::string escape_of(char32_t symbol) {
  if (symbol == U'\n') return "\\n";
  if (symbol == U'\r') return "\\r";
  if (symbol == U'\t') return "\\t";
  std::string text = "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) text += digits[symbol >> shift & 15u];
  return text;
}

}  // namespace

std::string readable(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (size_t at = 0; at < bytes.size();) {
    char32_t symbol = 0;
    const auto length = static_cast<size_t>(decode_one(bytes, at, symbol));
    if (length == 0) {
      const auto byte = static_cast<unsigned char>(bytes[at]);
      text += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    } else {
      text += controls(symbol) ? escape_of(symbol) : std::string(bytes.substr(at, length));
    }
    at += std::max<size_t>(length, 1);
  }
  return text;
}

std::string short_name(std::string_view bytes, size_t most) {
  const std::string_view start = shortened(bytes, most);
  return readable(start) + (start.size() < bytes.size() ? "…" : "");
}

std::string quotation(std::string_view bytes, size_t most) { return "\"" + short_name(bytes, most) + "\""; }

}  // namespace unroll
