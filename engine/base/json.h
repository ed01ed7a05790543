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

/// How much a document may hold. What is more is refused as soon as it is reached, before it takes memory.
struct JsonLimits {
  size_t depth = 8;                 ///< objects and lists inside each other
  size_t values = size_t{1} << 24;  ///< of every kind, the empty ones too
};

/// The document, or an error whose `where` is empty (the caller knows what it was reading).
Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

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

}  // namespace unroll
