#include "engine/document/experiment_task.h"

#include <algorithm>

#include "engine/base/utf8.h"
#include "engine/document/experiment_fields.h"

namespace unroll {
namespace {

constexpr int task_version = 1;
const std::string path = "data.task";

Json json_of(const TaskField& field, const TaskValue& value) {
  switch (field.type) {
    case TaskFieldType::boolean:
      return value.number != 0;
    case TaskFieldType::integer:
      return static_cast<int64_t>(value.number);
    case TaskFieldType::real:
      return value.number;
    case TaskFieldType::choice:
      return field.words[static_cast<size_t>(value.number)];
    case TaskFieldType::text:
      break;
  }
  return value.text;
}

/// Of a value that check_field found good.
TaskValue value_from(const TaskField& field, const Json& json) {
  if (json.is_boolean()) return {.number = json.get<bool>() ? 1.0 : 0.0};
  if (json.is_number()) return {.number = json.get<double>()};
  const std::string& text = json.get_ref<const std::string&>();
  if (field.type == TaskFieldType::text) return {.text = text};
  const auto at = std::ranges::find_if(field.words, [&](const char* word) { return text == word; });
  return {.number = static_cast<double>(at - field.words.begin())};
}

std::vector<TaskValue> defaults_of(const TaskKind& kind) {
  std::vector<TaskValue> values;
  for (const TaskField& field : kind.fields) values.push_back({.number = field.initial});
  return values;
}

std::vector<const char*> kind_names() {
  std::vector<const char*> names;
  for (const TaskKind* kind : task_kinds()) names.push_back(kind->name);
  return names;
}

/// Number of the field of that name.
Result<size_t> index_of(const TaskKind& kind, std::string_view name) {
  std::vector<const char*> names;
  for (const TaskField& field : kind.fields) names.push_back(field.name);
  const auto at = std::ranges::find_if(names, [&](const char* known) { return name == known; });
  if (at == names.end())
    return Error{path + "." + short_name(name), "unknown field of the task " + std::string(kind.name),
                 names.empty() ? "it has no fields" : suggestion(name, names)};
  return static_cast<size_t>(at - names.begin());
}

/// A choice between on and off is as well said with true and false.
void take_switch(const TaskField& field, Json& value) {
  const auto has = [&](std::string_view word) {
    return std::ranges::find(field.words, word) != field.words.end();
  };
  if (field.type != TaskFieldType::choice || !has("on") || !has("off")) return;
  if (value == true || value == "true") value = "on";
  if (value == false || value == "false") value = "off";
}

/// One value, checked, into all of them.
Status set_value(TaskSpec& spec, const TaskKind& kind, size_t index, Json value) {
  const TaskField& field = kind.fields[index];
  const std::string place = path + "." + field.name;
  take_switch(field, value);
  if (const Status status = check_field(as_field(field), value, place); !status) return status;
  if (field.type == TaskFieldType::text) {
    auto text = clean_utf8(value.get<std::string>());
    if (!text) return Error{place + ", " + text.error().where, text.error().what, text.error().hint};
    value = std::move(*text);
  }
  std::vector<TaskValue> values = spec.values.empty() ? defaults_of(kind) : spec.values;
  values[index] = value_from(field, value);
  spec.values = values == defaults_of(kind) ? std::vector<TaskValue>() : std::move(values);
  return ok();
}

Error no_such_task(const Json& name) {
  const std::string text = name.is_string() ? name.get<std::string>() : std::string();
  return {path + ".name", found(name), suggestion(text, kind_names())};
}

}  // namespace

Status read_task(TaskSpec& spec, const Json& object) {
  if (!object.is_object())
    return Error{path, found(object), "allowed: an object of a task's name and its settings"};
  if (!object.contains("name")) return Error{path + ".name", "is missing", suggestion("", kind_names())};
  const Json& name = object["name"];
  const TaskKind* kind = name.is_string() ? find_task_kind(name.get<std::string>()) : nullptr;
  if (kind == nullptr) return no_such_task(name);
  if (object.contains("version") && object["version"] != task_version)
    return Error{path + ".version", found(object["version"]),
                 "this program knows version 1 of the task " + std::string(kind->name)};
  spec = {.name = kind->name};
  for (const auto& [key, value] : object.items()) {
    if (key == "name" || key == "version") continue;
    const auto index = index_of(*kind, key);
    if (!index) return index.error();
    if (const Status status = set_value(spec, *kind, *index, value); !status) return status;
  }
  return ok();
}

std::string task_json(const TaskSpec& spec) {
  const TaskKind* kind = find_task_kind(spec.name);
  if (kind == nullptr || learns_text(spec)) return "";
  OrderedObject object;
  object.add("name", spec.name);
  for (size_t i = 0; i < spec.values.size() && i < kind->fields.size(); ++i) {
    const TaskField& field = kind->fields[i];
    if (spec.values[i] != TaskValue{.number = field.initial})
      object.add_json(field.name, json_text(json_of(field, spec.values[i])));
  }
  return object.text();
}

Status check_task(const Experiment& experiment) {
  const DataSpec& data = experiment.data;
  const TaskKind* kind = find_task_kind(data.task.name);
  if (kind == nullptr) return no_such_task(data.task.name);
  const std::vector<TaskValue>& values = data.task.values;
  if (!values.empty() && values.size() != kind->fields.size())
    return Error{path, "found " + std::to_string(values.size()) + " values",
                 "the task " + std::string(kind->name) + " has " + std::to_string(kind->fields.size())};
  for (size_t i = 0; i < values.size(); ++i) {
    const TaskField& field = kind->fields[i];
    const std::string place = path + "." + field.name;
    const bool is_word = field.type == TaskFieldType::choice;
    if (is_word && !Range{0, static_cast<double>(field.words.size()) - 1, true}.holds(values[i].number))
      return Error{place, "found number " + shown(values[i].number), "allowed: " + allowed(as_field(field))};
    if (const Status status = check_field(as_field(field), json_of(field, values[i]), place); !status)
      return status;
  }
  if (learns_text(data.task)) return ok();
  if (!data.example.empty() && !kind->looks.labelled && !kind->looks.heard)
    return Error{"data.example", found(Json(data.example)),
                 "the task " + std::string(kind->name) + " reads no built-in text: leave it out"};
  if (kind->looks.own_data == nullptr && !data.text.empty())
    return Error{"data.text", "stands beside the task " + std::string(kind->name),
                 "its sequences are generated: leave the text out"};
  return ok();
}

Field as_field(const TaskField& field) {
  constexpr FieldType types[] = {FieldType::boolean, FieldType::integer, FieldType::real, FieldType::choice,
                                 FieldType::text};
  return {"data.task", field.name, types[static_cast<size_t>(field.type)], field.minimum, field.maximum,
          field.words, field.help};
}

std::string default_text(const TaskField& field) {
  const Json value = json_of(field, {.number = field.initial});
  if (value.is_number()) return shown(value);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

Status set_task(Experiment& experiment, std::string_view name) {
  const TaskKind* kind = find_task_kind(name);
  if (kind == nullptr) return no_such_task(std::string(name));
  if (experiment.data.task.name != kind->name) experiment.data.task = {.name = kind->name};
  return ok();
}

Status set_task_field(Experiment& experiment, std::string_view name, std::string_view text) {
  const TaskKind* kind = find_task_kind(experiment.data.task.name);
  if (kind == nullptr) return no_such_task(experiment.data.task.name);
  const auto index = index_of(*kind, name);
  if (!index) return index.error();
  return set_value(experiment.data.task, *kind, *index, json_from(as_field(kind->fields[*index]).type, text));
}

}  // namespace unroll
