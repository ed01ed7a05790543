#include "web/lessons/check.h"

#include <algorithm>
#include <charconv>

#include "engine/base/utf8.h"

namespace unroll {
namespace {

bool contains(const Json& whole, const Json& part) {
  if (whole.is_string() && part.is_string())
    return whole.get_ref<const std::string&>().find(part.get_ref<const std::string&>()) != std::string::npos;
  if (whole.is_object() && part.is_string()) return whole.contains(part.get_ref<const std::string&>());
  return whole.is_array() && std::find(whole.begin(), whole.end(), part) != whole.end();
}

double number(const Json& value) { return value.get<double>(); }

struct Test {
  const char* name;
  bool numbers;  ///< of numbers alone
  bool (*holds)(const Json& found, const Json& value);
};
constexpr Test tests[] = {
    {"is", false, [](const Json& found, const Json& value) { return found == value; }},
    {"is_not", false, [](const Json& found, const Json& value) { return found != value; }},
    {"at_least", true, [](const Json& found, const Json& value) { return number(found) >= number(value); }},
    {"at_most", true, [](const Json& found, const Json& value) { return number(found) <= number(value); }},
    {"above", true, [](const Json& found, const Json& value) { return number(found) > number(value); }},
    {"below", true, [](const Json& found, const Json& value) { return number(found) < number(value); }},
    {"contains", false, contains},
    {"lacks", false, [](const Json& found, const Json& value) { return !contains(found, value); }},
};

std::string all_tests() {
  std::string names;
  for (const Test& test : tests) names += (names.empty() ? "" : ", ") + std::string(test.name);
  return names;
}

Result<StatePath> read_path(const Json& text, const std::string& where) {
  if (!text.is_string() || text.get_ref<const std::string&>().empty())
    return Error{where, "is missing", "give a place in the published state, as \"lanes.0.step\""};
  StatePath path(1);
  for (const char c : text.get_ref<const std::string&>()) {
    if (c == '.')
      path.emplace_back();
    else
      path.back() += c;
  }
  if (std::ranges::any_of(path, [](const std::string& part) { return part.empty(); }))
    return Error{where, "found \"" + text.get<std::string>() + "\"",
                 "names and numbers with one dot between two"};
  return path;
}

/// Whatever stands at the path, from its part `at` on.
void collect(const Json& from, const StatePath& path, size_t at, std::vector<const Json*>& found) {
  if (at == path.size()) return found.push_back(&from);
  const std::string& part = path[at];
  if (part == "*") {
    if (from.is_structured())
      for (const auto& item : from) collect(item, path, at + 1, found);
  } else if (from.is_object()) {
    if (const auto item = from.find(part); item != from.end()) collect(*item, path, at + 1, found);
  } else if (from.is_array()) {
    int index = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
    if (error != std::errc() || end != part.data() + part.size()) return;
    const auto size = static_cast<int>(from.size());
    if (index < 0) index += size;
    if (index >= 0 && index < size) collect(from[static_cast<size_t>(index)], path, at + 1, found);
  }
}

Result<Condition> read_condition(const Json& object, const std::string& where, bool says) {
  if (!object.is_object())
    return Error{where, "is no object", "a condition is {\"says\": …, \"path\": …, \"at_least\": …}"};
  Condition condition;
  const Test* test = nullptr;
  for (const auto& [name, value] : object.items()) {
    const auto known = std::ranges::find_if(tests, [&](const Test& one) { return name == one.name; });
    if (known != std::end(tests)) {
      if (test)
        return Error{where, std::string("has two tests, ") + test->name + " and " + name,
                     "make two conditions of it"};
      test = &*known;
      condition.test = static_cast<size_t>(known - std::begin(tests));
      condition.value = value;
    } else if (name != "says" && name != "path" && name != "any") {
      return Error{where, "unknown field " + quotation(name), "allowed: says, path, any, " + all_tests()};
    }
  }
  if (object.contains("says")) {
    if (!object["says"].is_string()) return Error{where + ".says", "is no text", "say what is to be done"};
    condition.says = object["says"].get<std::string>();
  }
  if (says && condition.says.empty())
    return Error{where + ".says", "is missing", "say what is to be done, in a few words"};
  if (object.contains("any")) {
    if (test || object.contains("path"))
      return Error{where, "has any and a test beside it", "put the test into the list"};
    auto any = read_conditions(object["any"], where + ".any", false);
    if (!any) return any.error();
    condition.any = std::move(*any);
    return condition;
  }
  auto path = read_path(object.contains("path") ? object["path"] : Json(), where + ".path");
  if (!path) return path.error();
  condition.path = std::move(*path);
  if (!test) return Error{where, "has no test", "give one of " + all_tests()};
  const std::string place = where + "." + test->name;
  if (condition.value.is_object()) {
    for (const auto& [name, value] : condition.value.items())
      if (name != "path" && (name != "times" || !value.is_number()))
        return Error{place, "unknown field " + quotation(name), "allowed: path, and a number as times"};
    auto than =
        read_path(condition.value.contains("path") ? condition.value["path"] : Json(), place + ".path");
    if (!than) return than.error();
    condition.than = std::move(*than);
    if (condition.value.contains("times")) condition.times = number(condition.value["times"]);
  } else if (test->numbers && !condition.value.is_number()) {
    return Error{place, "is no number", "give a number, or {\"path\": …, \"times\": …}"};
  }
  return condition;
}

}  // namespace

Result<std::vector<Condition>> read_conditions(const Json& list, const std::string& where, bool says) {
  if (!list.is_array()) {
    auto one = read_condition(list, where, says);
    if (!one) return one.error();
    return std::vector<Condition>{std::move(*one)};
  }
  if (list.empty()) return Error{where, "is empty", "give a condition, or leave it out"};
  std::vector<Condition> conditions;
  for (size_t i = 0; i < list.size(); ++i) {
    auto one = read_condition(list[i], where + "[" + std::to_string(i) + "]", says);
    if (!one) return one.error();
    conditions.push_back(std::move(*one));
  }
  return conditions;
}

bool holds(const Condition& condition, const Json& state) {
  if (!condition.any.empty())
    return std::ranges::any_of(condition.any, [&](const Condition& one) { return holds(one, state); });
  const Test& test = tests[condition.test];
  std::vector<const Json*> found, than;
  collect(state, condition.path, 0, found);
  Json scaled;
  if (!condition.than.empty()) {
    collect(state, condition.than, 0, than);
    if (than.size() != 1 || !than[0]->is_number()) return false;
    scaled = number(*than[0]) * condition.times;
  }
  const Json& value = condition.than.empty() ? condition.value : scaled;
  return std::ranges::any_of(
      found, [&](const Json* one) { return (!test.numbers || one->is_number()) && test.holds(*one, value); });
}

}  // namespace unroll
