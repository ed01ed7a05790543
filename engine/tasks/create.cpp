#include "engine/document/experiment.h"
#include "engine/tasks/task.h"

namespace unroll {

Result<std::shared_ptr<const Task>> create_task(const Experiment& experiment, const Json& stored) {
  const std::string& wanted = experiment.data.task.name;
#define UNROLL_TASK(task) \
  if (wanted == task##_kind.name) return create_##task(experiment, stored);
#include "engine/tasks/list.h"
#undef UNROLL_TASK
  return Error{"data.task.name", "there is no task " + wanted, ""};  // so the experiment was not valid
}

}  // namespace unroll
