#include "web/cli/experiment_flags.h"

#include <algorithm>

#include "engine/cells/language.h"
#include "web/cli/files.h"

namespace unroll::cli {

namespace {

std::string flag_of(const Field& field) {
  std::string flag = "--" + std::string(field.name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

bool has_flag(const Field& field) {
  const std::string_view section = field.section, name = field.name;
  return section == "train" || (section == "lanes" && name != "rate" && name != "name") ||
         (section == "data" && name != "text");
}

const char* group_of(std::string_view section) {
  return section == "data" ? "Data" : section == "train" ? "Training" : "Model";
}

/// When a field changes something, and what to say when it does not.
struct Effect {
  const char *section, *name;
  bool (*has)(const TrainSpec&, const LaneSpec&);
  const char* why_not;
};
constexpr Effect effects[] = {
    {"lanes", "dropout", [](const TrainSpec&, const LaneSpec& lane) { return lane.layers > 1; },
     "it acts between layers, and there is one; give --layers 2"},
    {"lanes", "nonlinearity", [](const TrainSpec&, const LaneSpec& lane) { return has_nonlinearity(lane); },
     "only an rnn has it"},
    {"lanes", "forget_bias", [](const TrainSpec&, const LaneSpec& lane) { return has_forget_bias(lane); },
     "this cell has no forget gate, or its own text or --chrono says what its bias is"},
    {"train", "momentum",
     [](const TrainSpec& train, const LaneSpec&) { return train.optimizer == OptimizerKind::sgd; },
     "only --optimizer sgd has it"},
    {"train", "beta1",
     [](const TrainSpec& train, const LaneSpec&) {
       return train.optimizer == OptimizerKind::adam || train.optimizer == OptimizerKind::adamw;
     },
     "only --optimizer adam and adamw have it"},
    {"train", "beta2",
     [](const TrainSpec& train, const LaneSpec&) {
       return train.optimizer == OptimizerKind::adam || train.optimizer == OptimizerKind::adamw;
     },
     "only --optimizer adam and adamw have it"},
};

bool is_cell_file(const std::string& given) {
  return given.ends_with(".cell") || given.find('/') != std::string::npos;
}

}  // namespace

Result<std::string> cell_of(Experiment& experiment, const std::string& given) {
  if (!is_cell_file(given)) return given;
  auto text = read_text(given, CellLimits::bytes);
  if (!text) return text.error();
  auto name = set_cell(experiment, std::move(*text));
  if (!name) return in_file(given, name.error());
  return name;
}

std::string ExperimentFlags::cell_file() const {
  const auto cell = given_.find(&field("lanes", "cell"));
  return cell != given_.end() && is_cell_file(cell->second) ? cell->second : "";
}

ExperimentFlags::ExperimentFlags(CLI::App& app, const std::vector<const Field*>& without) {
  for (const Field& field : fields()) {
    if (!has_flag(field) || std::find(without.begin(), without.end(), &field) != without.end()) continue;
    const auto keep = [this, &field](const std::string& text) { given_[&field] = text; };
    const bool is_text = field.type == FieldType::text;
    const bool is_cell = field.type == FieldType::cell;
    const std::string range =
        is_text ? ""
                : " [" + allowed(field) + (is_cell ? ", or FILE.cell; " : "; ") + default_text(field) + "]";
    app.add_option_function<std::string>(flag_of(field), keep, field.help + range)
        ->type_name(is_text                                      ? "ID"
                    : field.type == FieldType::choice || is_cell ? "NAME"
                                                                 : "N")
        ->group(group_of(field.section));
  }
}

Status ExperimentFlags::apply(Experiment& experiment, size_t lane) const {
  for (const auto& [field, given] : given_) {
    std::string text = given;
    if (field->type == FieldType::cell) {
      auto name = cell_of(experiment, given);
      if (!name) return name.error();
      text = std::move(*name);
    }
    if (const Status status = set_field(experiment, *field, lane, text); !status) {
      Error error = status.error();
      error.where = flag_of(*field);
      return error;
    }
    if (field == &unroll::field("data", "example")) experiment.data.text.clear();
    if (field == &unroll::field("train", "rate")) experiment.lanes[lane].rate = 0;
  }
  return ok();
}

bool ExperimentFlags::give(const Field& field) const { return given_.count(&field) > 0; }

std::vector<std::string> ExperimentFlags::remarks(const TrainSpec& train,
                                                  std::span<const LaneSpec> lanes) const {
  std::vector<std::string> remarks;
  for (const Effect& effect : effects) {
    const Field& field = unroll::field(effect.section, effect.name);
    const auto acts = [&](const LaneSpec& lane) { return effect.has(train, lane); };
    if (give(field) && std::none_of(lanes.begin(), lanes.end(), acts))
      remarks.push_back(flag_of(field) + " has no effect: " + effect.why_not);
  }
  return remarks;
}

std::string ExperimentFlags::first_beside(const std::vector<std::string>& names) const {
  for (const auto& [field, text] : given_) {
    const bool named = field->section == std::string_view("train") &&
                       std::find(names.begin(), names.end(), field->name) != names.end();
    if (!named) return flag_of(*field);
  }
  return "";
}

}  // namespace unroll::cli
