#include "engine/base/json.h"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/base/json_once.h"
#include "engine/base/utf8.h"

template class nlohmann::basic_json<>;

namespace unroll {

namespace {

/// A message of the JSON library, which quotes what it read, whatever that was: "…; last read: '"…'".
std::string without_long_quotation(const std::string& message) {
  const size_t first = message.find('\''), last = message.rfind('\'');
  if (first == last || last - first <= 60) return readable(message);
  return readable(shortened(std::string_view(message).substr(0, last), first + 41)) + "…'" +
         readable(std::string_view(message).substr(last + 1));
}

/// Builds a document; stops at the first thing that is wrong.
class Builder {
 public:
  explicit Builder(JsonLimits limits) : limits_(limits) {}

  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(Json::number_integer_t value) { return add(value); }
  bool number_unsigned(Json::number_unsigned_t value) { return add(value); }
  bool number_float(Json::number_float_t value, const std::string&) { return add(value); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(Json::binary_t&) { return false; }  // JSON has none
  bool start_object(size_t) { return enter(Json::object()); }
  bool start_array(size_t) { return enter(Json::array()); }
  bool end_object() { return leave(); }
  bool end_array() { return leave(); }
  bool key(std::string& name) {
    key_ = name;
    if (!open_.back()->contains(name)) return true;
    problem_ = quotation(name) + " stands twice in one object";
    return false;
  }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception& error) {
    const std::string text = error.what();  // "[json.exception.…] parse error at line 1, column 5: …"
    const size_t end_of_tag = text.find("] ");
    problem_ = "not valid JSON: " +
               without_long_quotation(end_of_tag == std::string::npos ? text : text.substr(end_of_tag + 2));
    return false;
  }
  const std::string& problem() const { return problem_; }
  Json& document() { return document_; }

 private:
  bool add(Json value) {
    place(std::move(value));
    return is_within();
  }
  bool is_within() {
    if (++values_ > limits_.values)
      problem_ = "holds more than " + std::to_string(limits_.values) + " values";
    return values_ <= limits_.values;
  }
  bool enter(Json container) {
    if (open_.size() == limits_.depth) {
      problem_ = "nested deeper than " + std::to_string(limits_.depth) + " levels";
      return false;
    }
    open_.push_back(place(std::move(container)));
    return is_within();
  }
  bool leave() {
    open_.pop_back();
    return true;
  }
  Json* place(Json value) {
    if (open_.empty()) return &(document_ = std::move(value));
    Json& parent = *open_.back();
    if (parent.is_object()) return &(parent[key_] = std::move(value));
    parent.push_back(std::move(value));
    return &parent.back();
  }

  JsonLimits limits_;
  size_t values_ = 0;
  Json document_;
  std::vector<Json*> open_;  // the objects and lists around the next value; what is in them stays where it is
  std::string key_;
  std::string problem_;
};

}  // namespace

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
  Builder builder(limits);
  if (!Json::sax_parse(text, &builder)) return Error{"", builder.problem(), ""};
  return std::move(builder.document());
}

std::string json_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

OrderedObject& OrderedObject::add_json(std::string_view key, std::string_view json) {
  fields_ += empty() ? "" : ",";
  fields_ += json_text(Json(key)) + ":";
  fields_ += json;
  return *this;
}

OrderedObject& OrderedObject::add(std::string_view key, std::string_view text) {
  return add_json(key, json_text(Json(text)));
}

OrderedObject& OrderedObject::add(std::string_view key, const std::vector<std::string>& texts) {
  return add_json(key, json_text(Json(texts)));
}

OrderedObject& OrderedObject::add_integer(std::string_view key, int64_t number) {
  return add_json(key, std::to_string(number));
}

OrderedObject& OrderedObject::add_real(std::string_view key, double number) {
  return add_json(key, json_text(Json(number)));
}

}  // namespace unroll
