#include "engine/document/experiment.h"

#include <algorithm>

#include "engine/base/utf8.h"
#include "engine/document/experiment_cells.h"
#include "engine/document/experiment_fields.h"
#include "engine/document/experiment_task.h"

namespace unroll {

namespace {

constexpr int version = 1;
constexpr const char* sections[] = {"unroll", "data", "train", "cells", "lanes", "view"};
/// A text of the largest size, every byte escaped as \u00xx, and the rest.
constexpr size_t document_bytes = 6 * Limits::text_bytes + (1u << 20);
constexpr JsonLimits document_limits{.values = 4096};

std::string path_of(std::string_view section, size_t lane, std::string_view name) {
  std::string path(section);
  if (section == "lanes") path += "[" + std::to_string(lane) + "]";
  return name.empty() ? path : path + "." + std::string(name);
}

std::vector<const char*> names_in(std::string_view section) {
  std::vector<const char*> names;
  for (const Field& field : fields()) {
    if (section == field.section) names.push_back(field.name);
  }
  if (section == "data") names.push_back("task");
  return names;
}

/// Reads one object of fields (a section, or one lane of "lanes") into the experiment.
Status read_section(Experiment& experiment, std::string_view section, size_t lane, const Json& object) {
  if (!object.is_object())
    return Error{path_of(section, lane, ""), found(object), "allowed: an object of fields"};
  for (const auto& [key, value] : object.items()) {
    const std::string path = path_of(section, lane, short_name(key));
    if (section == "data" && key == "task") {
      if (const Status status = read_task(experiment.data.task, value); !status) return status;
      continue;
    }
    const FieldAccess* access = find_field(section, key);
    if (access == nullptr) return Error{path, "unknown field", suggestion(key, names_in(section))};
    if (const Status status = check_field(access->field, value, path); !status) return status;
    if (access->field.type != FieldType::text) {
      access->set(experiment, lane, value);
      continue;
    }
    auto text = clean_utf8(value.get<std::string>());
    if (!text) return Error{path + ", " + text.error().where, text.error().what, text.error().hint};
    access->set(experiment, lane, std::move(*text));
  }
  return ok();
}

Status read_lanes(Experiment& experiment, const Json& list) {
  if (!list.is_array() || list.empty() || list.size() > static_cast<size_t>(Limits::lanes)) {
    const std::string what = list.is_array() ? "found a list of " + std::to_string(list.size()) : found(list);
    return Error{"lanes", what, "allowed: a list of 1 to " + std::to_string(Limits::lanes) + " lanes"};
  }
  experiment.lanes.resize(list.size());
  for (size_t lane = 0; lane < list.size(); ++lane) {
    if (const Status status = read_section(experiment, "lanes", lane, list[lane]); !status) return status;
  }
  return ok();
}

/// Whether the document leaves its data to the defaults: it has no text, names none, and no other task.
bool leaves_data(const Json& document) {
  if (!document.contains("data")) return true;
  const Json& data = document["data"];
  if (data.contains("text") || data.contains("example")) return false;
  TaskSpec task;
  return !data.contains("task") || !read_task(task, data["task"]) || learns_text(task);
}

/// What one field cannot know of another.
Status check_together(const Experiment& experiment) {
  const DataSpec& data = experiment.data;
  if (const Status status = check_task(experiment); !status) return status;
  if (learns_text(data.task) && data.text.empty() && data.example.empty()) {
    return Error{"data.text", "is empty", "give a text, or the name of a built-in one in data.example"};
  }
  if (!data.text.empty() && !data.example.empty()) {
    return Error{"data.example", "stands beside data.text", "give only one of the two"};
  }
  const TrainSpec& train = experiment.train;
  if (train.schedule == Schedule::cosine && train.steps == 0) {
    return Error{"train.steps", "found 0", "the cosine schedule needs an end: allowed: 1 and more"};
  }
  if (train.steps > 0 && train.warmup > train.steps) {
    return Error{"train.warmup", "found " + std::to_string(train.warmup),
                 "allowed: at most train.steps, " + std::to_string(train.steps)};
  }
  if (const Status status = check_cells(experiment); !status) return status;
  for (size_t lane = 0; lane < experiment.lanes.size(); ++lane) {
    const int64_t least = parameter_count(experiment.lanes[lane], 1);
    if (least > Limits::parameters) {
      return Error{
          path_of("lanes", lane, ""), std::to_string(least) + " parameters and more are too many",
          "allowed: up to " + std::to_string(Limits::parameters) + "; make hidden or layers smaller"};
    }
  }
  return ok();
}

}  // namespace

bool learns_text(const TaskSpec& task) { return task.name == task_kinds().front()->name; }

Experiment default_experiment() {
  Experiment experiment;
  experiment.data.example = "tale";
  experiment.train.rate = 0.006;
  experiment.lanes.resize(2);
  experiment.lanes[0].cell = "rnn";
  experiment.lanes[0].hidden = 256;
  experiment.lanes[0].rate =
      0.002;  // each at a rate that suits it: at the LSTM's, the RNN is thrown back again and again
  return experiment;
}

Result<Experiment> parse_experiment(std::string_view json) {
  if (json.size() > document_bytes) {
    return Error{"", "the document has " + std::to_string(json.size()) + " bytes",
                 "allowed: up to " + std::to_string(document_bytes)};
  }
  const auto document = parse_json(json, document_limits);
  if (!document) return document.error();
  if (!document->is_object())
    return Error{"", found(*document), "an experiment is an object: {\"unroll\": 1, …}"};
  if (!document->contains("unroll"))
    return Error{"unroll", "is missing", "an experiment starts with \"unroll\": 1"};
  if (const Json& found_version = (*document)["unroll"]; found_version != version) {
    return Error{"unroll", found(found_version), "this program reads version 1"};
  }

  const bool leaves_lanes = !document->contains("lanes"), leaves = leaves_data(*document);
  Experiment experiment = leaves_lanes && leaves ? default_experiment() : Experiment();
  if (leaves) experiment.data.example = default_experiment().data.example;
  if (leaves_lanes) experiment.lanes = default_experiment().lanes;
  for (const auto& [key, value] : document->items()) {
    const bool known = std::find(std::begin(sections), std::end(sections), key) != std::end(sections);
    if (!known) return Error{short_name(key), "unknown field", suggestion(key, sections)};
    if (key == "unroll") continue;
    const Status status = key == "lanes"   ? read_lanes(experiment, value)
                          : key == "cells" ? read_cells(experiment, value)
                                           : read_section(experiment, key, 0, value);
    if (!status) return status.error();
  }
  if (const Status status = fill_in_equations(experiment); !status) return status.error();
  if (const Status status = check_together(experiment); !status) return status.error();
  return experiment;
}

std::string to_json(const Experiment& experiment) {
  Experiment defaults;
  defaults.lanes.resize(1);
  const auto fields_of = [&](std::string_view section, size_t lane) {
    OrderedObject fields;
    for (const FieldAccess& access : field_table()) {
      if (access.field.section != section) continue;
      const Json value = access.get(experiment, lane);
      if (access.always || value != access.get(defaults, 0))
        fields.add_json(access.field.name, json_text(value));
    }
    const DataSpec& data = experiment.data;
    if (section == "data" && learns_text(data.task) && data.text.empty() && data.example.empty())
      fields.add("text", "");
    if (const std::string task = task_json(data.task); section == "data" && !task.empty())
      fields.add_json("task", task);
    return fields;
  };
  OrderedObject document;
  for (const char* section : sections) {
    if (section == std::string_view("unroll")) {
      document.add(section, version);
    } else if (section == std::string_view("cells")) {
      std::vector<std::string> texts;
      for (const CellSpec& cell : experiment.cells) texts.push_back(cell.text);
      if (!texts.empty()) document.add(section, texts);
    } else if (section == std::string_view("lanes")) {
      std::string list;
      for (size_t lane = 0; lane < experiment.lanes.size(); ++lane)
        list += (lane > 0 ? "," : "") + fields_of(section, lane).text();
      if (!list.empty()) document.add_json(section, "[" + list + "]");
    } else if (const OrderedObject fields = fields_of(section, 0); !fields.empty()) {
      document.add_json(section, fields.text());
    }
  }
  return document.text();
}

Status validate(const Experiment& experiment) {
  if (experiment.lanes.empty() || experiment.lanes.size() > static_cast<size_t>(Limits::lanes)) {
    return Error{"lanes", "found a list of " + std::to_string(experiment.lanes.size()),
                 "allowed: a list of 1 to " + std::to_string(Limits::lanes) + " lanes"};
  }
  for (const FieldAccess& access : field_table()) {
    const std::string_view section = access.field.section;
    for (size_t lane = 0; lane < (section == "lanes" ? experiment.lanes.size() : 1); ++lane) {
      const std::string path = path_of(section, lane, access.field.name);
      if (const Status status = check_field(access.field, access.get(experiment, lane), path); !status)
        return status;
    }
  }
  return check_together(experiment);
}

Json json_from(FieldType type, std::string_view text) {
  if (type != FieldType::text && type != FieldType::choice) {
    if (auto number = read_number(text)) return std::move(*number);
    if (auto parsed = parse_json(text); parsed && !parsed->is_number())
      return std::move(*parsed);  // true, false, a list
  }
  return std::string(text);
}

Status set_field(Experiment& experiment, const Field& field, size_t lane, std::string_view text) {
  const FieldAccess* access = find_field(field.section, field.name);
  if (field.type == FieldType::cell) {
    const Status status = check_cell_name(experiment, text, path_of(field.section, lane, field.name));
    if (!status) return status;
    access->set(experiment, lane, std::string(text));
    return fill_in_equations(experiment);
  }
  const Json value = json_from(field.type, text);
  if (const Status status = check_field(field, value, path_of(field.section, lane, field.name)); !status)
    return status;
  access->set(experiment, lane, value);
  return ok();
}

}  // namespace unroll
