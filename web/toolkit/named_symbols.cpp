#include "web/toolkit/named_symbols.h"

#include <cmath>
#include <cstdio>
#include <map>
#include <vector>

#include "engine/base/utf8.h"

namespace unroll {
namespace {

constexpr char32_t first = 0x200000;
constexpr size_t most = 100'000;  // then all further ones look the same

struct Names {
  std::vector<std::string> list;
  std::map<std::string, char32_t, std::less<>> codes;
};
Names& names() {
  static Names all;
  return all;
}

/// Two or three digits that count: ".83", "−.07", "12", "1.2k".
std::string short_number(float value) {
  if (!std::isfinite(value)) return "–";
  char text[24];
  const double size = std::abs(static_cast<double>(value));
  if (size < 0.005) return "0";
  if (size >= 9999.5)
    std::snprintf(text, sizeof text, "%.0fk", size / 1000);
  else
    std::snprintf(text, sizeof text, size < 1 ? "%.2f" : size < 9.95 ? "%.1f" : "%.0f", size);
  std::string shown = text;
  if (shown.starts_with("0.")) shown.erase(0, 1);
  if (shown.size() > 2 && shown.ends_with(".0")) shown.resize(shown.size() - 2);
  return value < 0 ? "−" + shown : shown;
}

}  // namespace

char32_t symbol_of(std::string_view name) {
  if (const auto symbols = decode_utf8_exact(name); symbols && symbols->size() == 1) return (*symbols)[0];
  Names& all = names();
  if (const auto found = all.codes.find(name); found != all.codes.end()) return found->second;
  if (all.list.size() >= most) return symbol_of("…");
  const char32_t code = first + static_cast<char32_t>(all.list.size());
  all.list.emplace_back(name);
  all.codes.emplace(name, code);
  return code;
}

char32_t symbol_of(std::span<const float> numbers) {
  constexpr size_t told = 2;
  std::string name;
  for (size_t i = 0; i < numbers.size() && i < told; ++i) name += (i ? " " : "") + short_number(numbers[i]);
  return symbol_of(name);
}

std::string symbol_text(char32_t symbol) {
  if (!is_named(symbol)) return encode_utf8(symbol);
  const size_t index = symbol - first;
  return index < names().list.size() ? names().list[index] : "";
}

std::string symbol_texts(std::u32string_view symbols) {
  std::string text;
  for (const char32_t symbol : symbols) text += symbol_text(symbol) + (is_named(symbol) ? " " : "");
  return text;
}

}  // namespace unroll
