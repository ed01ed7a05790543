// Flags that take numbers: read as every number from people is (engine/base/number.h) and refused with the same words as
// the fields of an experiment.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "engine/base/number.h"
#include "engine/base/result.h"

namespace unroll::cli {

/// What parsing throws for a flag whose value does not fit; main() prints it.
struct FlagError : CLI::ValidationError {
  explicit FlagError(unroll::Error why) : CLI::ValidationError(why.where, why.what), error(std::move(why)) {}
  unroll::Error error;
};

/// The number that `text` is; throws FlagError.
Json number_of_flag(const std::string& flag, const std::string& text, const Range& range);

/// An option for one number; `value` keeps what it has when the flag is not given.
template <class Number>
CLI::Option* add_number(CLI::App& command, const std::string& flag, Number& value, const Range& range,
                        const std::string& help) {
  const auto set = [flag, &value, range](const std::string& text) {
    value = number_of_flag(flag, text, range).get<Number>();
  };
  return command.add_option_function<std::string>(flag, set, help)->type_name("N");
}

/// An option for a list of them: 1,2,3, or the flag more than once.
template <class Number>
CLI::Option* add_numbers(CLI::App& command, const std::string& flag, std::vector<Number>& values,
                         const Range& range, const std::string& help) {
  const auto set = [flag, &values, range](const std::vector<std::string>& texts) {
    values.clear();
    for (const std::string& text : texts) values.push_back(number_of_flag(flag, text, range).get<Number>());
  };
  return command.add_option_function<std::vector<std::string>>(flag, set, help)
      ->delimiter(',')
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("N,N…");
}

}  // namespace unroll::cli
