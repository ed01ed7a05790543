// The table behind fields(): for each field also how to read and write it in an Experiment. Internal to the
// engine's experiment files.
#pragma once

#include "engine/base/json.h"
#include "engine/document/experiment.h"

namespace unroll {

struct FieldAccess {
  Field field;
  bool always;  ///< to_json writes it even at its default
  Json (*get)(const Experiment&, size_t lane);
  void (*set)(Experiment&, size_t lane, const Json&);  ///< the value was checked with check_field
};

std::span<const FieldAccess> field_table();
const FieldAccess* find_field(std::string_view section, std::string_view name);  ///< null when there is none

/// Type, range and words. `path` goes into the error.
Status check_field(const Field&, const Json& value, const std::string& path);

/// A value from text, as a command-line flag gives it, to be checked with check_field.
Json json_from(FieldType, std::string_view text);

/// "did you mean "hidden"? allowed: …" for a name that is none of `names`.
std::string suggestion(std::string_view name, std::span<const char* const> names);

}  // namespace unroll
