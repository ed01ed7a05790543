#include "engine/json.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "engine/text.h"

namespace unroll {

namespace {

/// Walks a document without building it; stops at the first thing that is wrong.
class Checker {
 public:
  explicit Checker(size_t max_depth) : max_depth_(max_depth) {}

  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number_integer(Json::number_integer_t) { return true; }
  bool number_unsigned(Json::number_unsigned_t) { return true; }
  bool number_float(Json::number_float_t, const std::string&) { return true; }
  bool string(std::string&) { return true; }
  bool binary(Json::binary_t&) { return true; }
  bool start_object(size_t) { return enter(); }
  bool start_array(size_t) { return enter(); }
  bool end_object() { return leave(); }
  bool end_array() { return leave(); }
  bool key(std::string& name) {
    if (keys_.back().insert(name).second) return true;
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

 private:
  bool enter() {
    keys_.emplace_back();
    if (keys_.size() > max_depth_) problem_ = "nested deeper than " + std::to_string(max_depth_) + " levels";
    return keys_.size() <= max_depth_;
  }
  bool leave() {
    keys_.pop_back();
    return true;
  }

  size_t max_depth_;
  std::vector<std::set<std::string>> keys_;  // of every open object (empty for lists)
  std::string problem_;
};

}  // namespace

Result<Json> parse_json(std::string_view text, size_t max_depth) {
  Checker checker(max_depth);
  if (!Json::sax_parse(text, &checker)) return Error{"", checker.problem(), ""};
  return Json::parse(text, nullptr, /*allow_exceptions=*/false);
}

std::string shown(double number) {
  const bool is_whole = number == std::floor(number) && std::abs(number) < 0x1p53;
  return is_whole ? std::to_string(static_cast<int64_t>(number)) : Json(number).dump();
}

}  // namespace unroll
