// What an experiment says of its task, `data.task`: read, written and checked. Internal to the engine's experiment files.
#pragma once

#include "engine/base/json.h"
#include "engine/document/experiment.h"

namespace unroll {

/// {"name": …, "version"? 1, and fields of that task}.
Status read_task(TaskSpec&, const Json&);
/// The name and what is not at its default; empty for the task that needs no mention, "text".
std::string task_json(const TaskSpec&);
/// That the task exists, its values fit it, and the data too.
Status check_task(const Experiment&);

}  // namespace unroll
