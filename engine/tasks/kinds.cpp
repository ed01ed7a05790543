#include "engine/tasks/kinds.h"

#include <algorithm>
#include <cassert>

#include "engine/tasks/task.h"

namespace unroll {

std::span<const TaskKind* const> task_kinds() {
  static constexpr const TaskKind* all[] = {
#define UNROLL_TASK(task) &task##_kind,
#include "engine/tasks/list.h"
#undef UNROLL_TASK
  };
  return all;
}

const TaskKind* find_task_kind(std::string_view name) {
  const auto kinds = task_kinds();
  const auto found = std::ranges::find_if(kinds, [&](const TaskKind* kind) { return kind->name == name; });
  return found == kinds.end() ? nullptr : *found;
}

TaskValue value_of(const TaskSpec& spec, std::string_view field) {
  const TaskKind* kind = find_task_kind(spec.name);
  assert(kind != nullptr);
  const auto found =
      std::ranges::find_if(kind->fields, [&](const TaskField& candidate) { return field == candidate.name; });
  assert(found != kind->fields.end());
  const auto index = static_cast<size_t>(found - kind->fields.begin());
  return index < spec.values.size() ? spec.values[index] : TaskValue{.number = found->initial};
}

bool has_effect(const TaskSpec& spec, const TaskFieldUse& use) {
  if (use.field == nullptr) return true;
  const TaskKind* kind = find_task_kind(spec.name);
  assert(kind != nullptr);
  const std::string_view name = use.field;
  const auto by =
      std::ranges::find_if(kind->fields, [&](const TaskField& other) { return name == other.name; });
  assert(by != kind->fields.end());
  const std::string_view word = by->words[static_cast<size_t>(number_of(spec, name))];
  return std::ranges::any_of(use.words, [&](const char* one) { return word == one; });
}

}  // namespace unroll
