// How a task's file reads the settings of its experiment: by the names of its own fields, whether they are given or not.
#pragma once

#include <string>
#include <string_view>

#include "engine/document/experiment.h"
#include "engine/tasks/kinds.h"

namespace unroll {

class TaskSettings {
 public:
  /// The experiment is valid and outlives this.
  explicit TaskSettings(const Experiment& experiment) : spec_(&experiment.data.task) {}

  int whole(std::string_view field) const { return static_cast<int>(number_of(*spec_, field)); }
  double real(std::string_view field) const { return number_of(*spec_, field); }
  bool is_on(std::string_view field) const { return number_of(*spec_, field) != 0; }
  /// The number of a choice's word, as an enumeration in the order of the words.
  template <class Enumeration>
  Enumeration choice(std::string_view field) const {
    return static_cast<Enumeration>(whole(field));
  }
  std::string text(std::string_view field) const { return value_of(*spec_, field).text; }

 private:
  const TaskSpec* spec_;
};

}  // namespace unroll
