// JSON from outside, read without exceptions: limited depth, no key twice in one object, errors with line and
// column.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "engine/base/result.h"

namespace unroll {

using Json = nlohmann::json;

/// The document, or an error whose `where` is empty (the caller knows what it was reading).
Result<Json> parse_json(std::string_view text, size_t max_depth = 8);

/// An object that is only written: its fields stay in their order, where Json sorts them. (nlohmann's own ordered
/// kind would bring everything of Json into a page's download once more.)
class OrderedObject {
 public:
  OrderedObject& add(std::string_view key, std::string_view text);
  OrderedObject& add(std::string_view key, const char* text) { return add(key, std::string_view(text)); }
  template <class Number>
    requires std::is_arithmetic_v<Number>
  OrderedObject& add(std::string_view key, Number number) {
    if constexpr (std::is_same_v<Number, bool>) return add_json(key, number ? "true" : "false");
    if constexpr (std::is_integral_v<Number>) return add_integer(key, static_cast<int64_t>(number));
    return add_real(key, static_cast<double>(number));
  }
  OrderedObject& add(std::string_view key, const std::vector<std::string>& texts);
  OrderedObject& add_json(std::string_view key, std::string_view json);  ///< what is JSON already
  bool empty() const { return fields_.empty(); }
  std::string text() const { return "{" + fields_ + "}"; }

 private:
  OrderedObject& add_integer(std::string_view key, int64_t number);
  OrderedObject& add_real(std::string_view key, double number);
  std::string fields_;
};

/// JSON text of a value; what is no UTF-8 in it is replaced.
std::string json_text(const Json&);

/// A number for people: 3, not 3.0; else as in JSON.
std::string shown(double number);

}  // namespace unroll
