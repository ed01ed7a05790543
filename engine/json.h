// JSON from outside, read without exceptions: limited depth, no key twice in one object, errors with line and
// column.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/result.h"

namespace unroll {

using Json = nlohmann::json;

/// The document, or an error whose `where` is empty (the caller knows what it was reading).
Result<Json> parse_json(std::string_view text, size_t max_depth = 8);

/// An object whose fields stay in the order of their writing; Json sorts them, and nlohmann's own ordered kind
/// would bring everything of Json into a page's download once more.
class OrderedObject {
 public:
  void add(std::string_view key, const std::string& json);  ///< a field that is not there yet
  void add(std::string_view key, const Json& value);
  bool empty() const { return fields_.empty(); }
  std::string text() const { return "{" + fields_ + "}"; }

 private:
  std::string fields_;
};

/// JSON text of a value; what is no UTF-8 in it is replaced.
std::string json_text(const Json&);

/// A number for people: 3, not 3.0; else as in JSON.
std::string shown(double number);

}  // namespace unroll
