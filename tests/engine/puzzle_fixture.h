// What the tests of the puzzles share: a puzzle with given fields, and networks that answer by a rule.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/document/experiment.h"
#include "engine/tasks/task.h"

namespace unroll::puzzle {

using Fields = std::map<std::string, double>;

inline Experiment experiment(const std::string& name, const Fields& fields = {}, uint64_t seed = 1) {
  Experiment result;
  result.train.seed = seed;
  result.train.batch = 4;
  result.data.task.name = name;
  const TaskKind* kind = find_task_kind(name);
  REQUIRE(kind != nullptr);
  for (const TaskField& field : kind->fields) {
    const auto given = fields.find(field.name);
    result.data.task.values.push_back({.number = given == fields.end() ? field.initial : given->second});
  }
  return result;
}

/// All puzzles are tasks of separate sequences.
struct Puzzle {
  std::shared_ptr<const Task> task;
  const SequenceTask* operator->() const { return static_cast<const SequenceTask*>(task.get()); }
};

inline Puzzle make(const std::string& name, const Fields& fields = {}, uint64_t seed = 1) {
  auto made = create_task(experiment(name, fields, seed));
  REQUIRE(made);
  return {*made};
}

/// Answers row t of a sequence by a rule: its outputs, all 0 before, and inputs up to and with t (symbols, or the numbers of
/// one row after the other).
class Rule final : public Network {
 public:
  using Symbols = std::function<void(std::span<const int32_t> inputs, std::span<float> outputs)>;
  using Reals = std::function<void(std::span<const float> inputs, std::span<float> outputs)>;
  Rule(TaskShape shape, Symbols rule) : shape_(shape), symbols_(std::move(rule)) {}
  Rule(TaskShape shape, Reals rule) : shape_(shape), reals_(std::move(rule)) {}

  std::span<const float> read(const Batch& batch) override {
    const auto B = static_cast<size_t>(batch.batch), T = static_cast<size_t>(batch.seq_length),
               O = static_cast<size_t>(shape_.outputs), I = static_cast<size_t>(shape_.inputs);
    outputs_.assign(T * B * O, 0.0f);
    for (size_t b = 0; b < B; ++b) {
      std::vector<int32_t> symbols;
      std::vector<float> reals;
      const size_t length = batch.lengths.empty() ? T : static_cast<size_t>(batch.lengths[b]);
      for (size_t t = 0; t < length; ++t) {
        const size_t row = t * B + b;
        const std::span<float> outputs = std::span(outputs_).subspan(row * O, O);
        if (shape_.reals) {
          const auto from = batch.reals.begin() + static_cast<ptrdiff_t>(row * I);
          reals.insert(reals.end(), from, from + static_cast<ptrdiff_t>(I));
          reals_(reals, outputs);
        } else {
          symbols.push_back(batch.symbols[row]);
          symbols_(symbols, outputs);
        }
      }
    }
    return outputs_;
  }

 private:
  TaskShape shape_;
  Symbols symbols_;
  Reals reals_;
  std::vector<float> outputs_;
};

inline Score judge(const Puzzle& puzzle, Network& network) {
  const std::unique_ptr<Scorer> scorer = puzzle->scorer();
  while (!scorer->advance(network, 5000)) {
  }
  return scorer->score();
}

inline double other(const Score& score, const std::string& name) {
  for (const auto& [known, value] : score.others)
    if (known == name) return value;
  FAIL("no measure is called " << name);
  return 0;
}

/// The sequence as its inputs' names, one after the other.
inline std::string text(const Puzzle& puzzle, const Sequence& sequence) {
  std::string result;
  for (const int32_t symbol : sequence.symbols) result += puzzle->input_names()[static_cast<size_t>(symbol)];
  return result;
}

/// The other way round.
inline std::vector<int32_t> symbols(const std::vector<std::string>& names, const std::string& text) {
  std::vector<int32_t> result;
  for (const char letter : text)
    for (size_t symbol = 0; symbol < names.size(); ++symbol)
      if (names[symbol] == std::string(1, letter)) result.push_back(static_cast<int32_t>(symbol));
  REQUIRE(result.size() == text.size());
  return result;
}

}  // namespace unroll::puzzle
