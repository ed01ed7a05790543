#include "web/session/json_read.h"

#include <algorithm>
#include <limits>

namespace unroll::read {

const Json* field(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

double number(const Json& object, const char* key, double otherwise) {
  const Json* value = field(object, key);
  return value && value->is_number() ? value->get<double>() : otherwise;
}

int64_t integer(const Json& object, const char* key, int64_t otherwise) {
  const Json* value = field(object, key);
  return value && value->is_number() ? value->get<int64_t>() : otherwise;
}

size_t count(const Json& object, const char* key) {
  const Json* value = field(object, key);
  return value && value->is_number_unsigned() ? value->get<size_t>() : 0;
}

bool boolean(const Json& object, const char* key) {
  const Json* value = field(object, key);
  return value && value->is_boolean() && value->get<bool>();
}

std::string text(const Json& object, const char* key) {
  const Json* value = field(object, key);
  return value && value->is_string() ? value->get<std::string>() : std::string();
}

std::vector<std::string> texts(const Json& object, const char* key) {
  const Json* list = field(object, key);
  std::vector<std::string> result;
  if (!list || !list->is_array() ||
      !std::all_of(list->begin(), list->end(), [](const Json& entry) { return entry.is_string(); }))
    return result;
  for (const Json& entry : *list) result.push_back(entry.get<std::string>());
  return result;
}

std::vector<double> numbers(const Json& object, const char* key) {
  std::vector<double> list;
  const Json* found = field(object, key);
  if (!found || !found->is_array()) return list;
  for (const Json& one : *found)
    list.push_back(one.is_number() ? one.get<double>() : std::numeric_limits<double>::quiet_NaN());
  return list;
}

}  // namespace unroll::read
