// The controls of a task's own fields. The table in engine/tasks/kinds.h says everything about them.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <vector>

#include "web/platform/platform.h"
#include "web/toolkit/ui.h"
#include "web/views/data/data.h"

namespace unroll::data {
namespace {

/// "held_out" is "Held out".
std::string label_of(const TaskField& field) {
  std::string label = field.name;
  std::replace(label.begin(), label.end(), '_', ' ');
  label[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(label[0])));
  return label;
}

/// Values that the buttons of a number stop at: 1, 2, 5, 10 … within the range, and the default.
std::vector<double> ladder_of(const TaskField& field) {
  std::vector<double> rungs = {field.minimum, field.initial};
  const double most = std::min(field.maximum, 1e9);
  const double least = field.type == TaskFieldType::integer ? 1 : 1e-4;
  for (double power = least; power <= most; power *= 10)
    for (double digit : {1.0, 1.5, 2.0, 3.0, 5.0, 7.5}) {
      const double rung = power * digit;
      if (rung < field.minimum || rung > most) continue;
      if (field.type == TaskFieldType::integer && rung != std::floor(rung)) continue;
      rungs.push_back(rung);
    }
  if (field.type == TaskFieldType::integer && field.maximum - field.minimum <= 40)
    for (double rung = field.minimum; rung <= field.maximum; ++rung) rungs.push_back(rung);
  std::sort(rungs.begin(), rungs.end());
  rungs.erase(std::unique(rungs.begin(), rungs.end()), rungs.end());
  return rungs;
}

bool text_row(const std::string& id, const std::string& label, const TaskField& field, std::string& text) {
  ui::label(label.c_str(), palette().text);
  ui::tip(field.help);
  const platform::TextField edit{.id = id.c_str(),
                                 .label = label.c_str(),
                                 .placeholder = field.help,
                                 .width = ui::content_width(),
                                 .height = 0,
                                 .monospace = false,
                                 .max_bytes = static_cast<size_t>(field.maximum)};
  const bool edited = platform::text_field(edit, text);
  ui::register_widget(id, {label + ", text field", "", true});
  return edited;
}

bool task_row(const TaskField& field, TaskValue& value) {
  const std::string id = std::string("task.") + field.name, label = label_of(field);
  switch (field.type) {
    case TaskFieldType::text:
      return text_row(id, label, field, value.text);
    case TaskFieldType::boolean: {
      constexpr const char* words[] = {"off", "on"};
      int chosen = value.number != 0;
      if (!ui::choice_row(id.c_str(), label.c_str(), field.help, words, chosen)) return false;
      value.number = chosen;
      return true;
    }
    case TaskFieldType::choice: {
      int chosen = std::clamp(static_cast<int>(value.number), 0, static_cast<int>(field.words.size()) - 1);
      if (!ui::choice_row(id.c_str(), label.c_str(), field.help, field.words, chosen, field.notes))
        return false;
      value.number = chosen;
      return true;
    }
    case TaskFieldType::integer:
    case TaskFieldType::real:
      break;
  }
  const std::vector<double> ladder = ladder_of(field);
  return ui::number_row(id.c_str(), label.c_str(), field.help, value.number,
                        {.minimum = field.minimum,
                         .maximum = field.maximum,
                         .ladder = ladder,
                         .integer = field.type == TaskFieldType::integer,
                         .zero = field.zero});
}

}  // namespace

bool task_rows(const TaskKind& kind, TaskSpec& task, Rows which, bool& more) {
  TaskSpec shown{.name = task.name, .values = {}};
  for (const TaskField& field : kind.fields) shown.values.push_back(value_of(task, field.name));
  const bool own = which == Rows::of_own_data;
  const TaskFieldUse& of_own = kind.looks.own_data_use;
  const auto wanted = [&](const TaskField& field) {
    const bool is_own = of_own.field && field.use.field && field.use.words.data() == of_own.words.data();
    return is_own == own && has_effect(task, field.use);
  };
  bool edited = false, any_rare = false;
  const auto rows = [&](bool rare) {
    for (size_t i = 0; i < shown.values.size(); ++i)
      if (const TaskField& field = kind.fields[i]; field.rare == rare && wanted(field))
        edited |= task_row(field, shown.values[i]);
  };
  for (const TaskField& field : kind.fields) any_rare |= field.rare && wanted(field);
  rows(false);
  if (any_rare &&
      ui::fold(own ? "task.read" : "task.more", own ? "Read it in another way" : "More settings", more))
    rows(true);
  if (edited) task = std::move(shown);
  return edited;
}

}  // namespace unroll::data
