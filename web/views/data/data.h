// Inside the data panel: what its parts share. For web/views/data only.
#pragma once

#include <span>
#include <string>

#include "engine/tasks/kinds.h"
#include "web/app.h"

namespace unroll::data {

/// A line of a list that is grouped by headings.
struct Choice {
  std::string id;  ///< of its widget
  std::string group, title, about;
};

/// A box with what is chosen, which opens as a list. Returns the choice that was clicked, or −1.
int choice_list(const char* id, const char* spoken, const std::string& title, std::span<const Choice>,
                int chosen, float width);

/// Rows for the task's own fields, from its table. Returns whether one was edited.
bool task_rows(const TaskKind&, TaskSpec&);

}  // namespace unroll::data
