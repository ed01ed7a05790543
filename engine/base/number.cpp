#include "engine/base/number.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "engine/base/utf8.h"

namespace unroll {

namespace {

/// Takes the digits that `text` starts with.
std::string_view take_digits(std::string_view& text) {
  size_t length = 0;
  while (length < text.size() && text[length] >= '0' && text[length] <= '9') ++length;
  const std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// 12.5 for the digits 125 and a point before which there are 2 of them, which may be less than none.
std::string with_point(const std::string& digits, int before) {
  const auto size = static_cast<int>(digits.size());
  if (before <= 0) return "0." + std::string(static_cast<size_t>(-before), '0') + digits;
  if (before >= size) return digits + std::string(static_cast<size_t>(before - size), '0');
  return digits.substr(0, static_cast<size_t>(before)) + "." + digits.substr(static_cast<size_t>(before));
}

}  // namespace

bool Range::holds(double number) const {
  return number >= minimum && number <= maximum && (!whole || number == std::floor(number));
}

bool Range::holds(const Json& value) const {
  if (!value.is_number()) return false;
  if (value.is_number_unsigned() && maximum < 0x1p63 &&
      value.get<uint64_t>() > static_cast<uint64_t>(std::max(maximum, 0.0)))
    return false;
  return holds(value.get<double>());
}

std::string Range::text() const {
  return (whole ? "whole numbers from " : "") + shown(minimum) + " to " + shown(maximum);
}

// Written again as JSON writes numbers, so that JSON's reader, which knows no locale, gives the value.
std::optional<Json> read_number(std::string_view text) {
  std::string json = text.starts_with('-') ? "-" : "";
  take(text, "+-");
  std::string_view whole = take_digits(text), fraction;
  const bool point = take(text, ".");
  if (point) fraction = take_digits(text);
  if (whole.empty() && fraction.empty()) return {};
  while (whole.starts_with('0')) whole.remove_prefix(1);
  json += whole.empty() ? "0" : std::string(whole);
  if (!fraction.empty()) json += "." + std::string(fraction);
  if (take(text, "eE")) {
    json += text.starts_with('-') ? "e-" : "e";
    take(text, "+-");
    const std::string_view exponent = take_digits(text);
    if (exponent.empty()) return {};
    json += exponent;
  }
  if (!text.empty()) return {};
  Json number = Json::parse(json, nullptr, false);
  if (number.is_discarded() || !std::isfinite(number.get<double>())) return {};
  return number;
}

std::string shown(double number) {
  if (!std::isfinite(number))
    return std::isnan(number) ? "not a number" : number > 0 ? "infinity" : "-infinity";
  std::string text =
      Json(number).dump();  // the fewest digits that give it again: 3.0, 0.05, 1e-06, 9.007e+15
  const size_t e = text.find('e');
  const int exponent = e == std::string::npos ? 0 : std::atoi(text.c_str() + e + 1);
  if (exponent < -7 || exponent > 20) return text;
  const std::string sign = text.starts_with('-') ? "-" : "";
  std::string digits = text.substr(sign.size(), e == std::string::npos ? e : e - sign.size());
  const size_t point = digits.find('.');
  int before = static_cast<int>(std::min(point, digits.size()));
  if (point != std::string::npos) digits.erase(point, 1);
  if (point != std::string::npos && digits.substr(point) == "0") digits.pop_back();
  if (e != std::string::npos) return sign + with_point(digits, before + exponent);
  return digits.size() == static_cast<size_t>(before) ? sign + digits : sign + with_point(digits, before);
}

std::string shown(const Json& number) {
  return number.is_number_float() ? shown(number.get<double>()) : number.dump();
}

std::string counted(size_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

std::string found(const Json& value) {
  if (value.is_object()) return "found an object";
  if (value.is_array()) return "found a list";
  if (value.is_number()) return "found " + shown(value);
  if (!value.is_string()) return "found " + value.dump();
  const std::string& text = value.get_ref<const std::string&>();
  const std::string size = text.size() <= 40 ? "" : " (" + std::to_string(text.size()) + " bytes)";
  return "found " + quotation(text) + size;
}

}  // namespace unroll
