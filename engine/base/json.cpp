#include "engine/base/json.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/base/utf8.h"

namespace unroll {

namespace {

/// Builds a document; stops at the first thing that is wrong.
class Builder {
 public:
  explicit Builder(size_t max_depth) : max_depth_(max_depth) {}

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
    problem_ = "\"" + std::string(shortened(name)) + "\" stands twice in one object";
    return false;
  }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception& error) {
    const std::string text = error.what();  // "[json.exception.…] parse error at line 1, column 5: …"
    const size_t end_of_tag = text.find("] ");
    problem_ = "not valid JSON: " + (end_of_tag == std::string::npos ? text : text.substr(end_of_tag + 2));
    // The message quotes what it read, which may be no UTF-8.
    std::replace_if(
        problem_.begin(), problem_.end(), [](char c) { return static_cast<unsigned char>(c) > 126; }, '?');
    return false;
  }
  const std::string& problem() const { return problem_; }
  Json& document() { return document_; }

 private:
  bool add(Json value) {
    place(std::move(value));
    return true;
  }
  bool enter(Json container) {
    open_.push_back(place(std::move(container)));
    if (open_.size() > max_depth_) problem_ = "nested deeper than " + std::to_string(max_depth_) + " levels";
    return open_.size() <= max_depth_;
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

  size_t max_depth_;
  Json document_;
  std::vector<Json*> open_;  // the objects and lists around the next value; what is in them stays where it is
  std::string key_;
  std::string problem_;
};

}  // namespace

Result<Json> parse_json(std::string_view text, size_t max_depth) {
  Builder builder(max_depth);
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

std::string shown(double number) {
  const bool is_whole = number == std::floor(number) && std::abs(number) < 0x1p53;
  return is_whole ? std::to_string(static_cast<int64_t>(number)) : Json(number).dump();
}

}  // namespace unroll
