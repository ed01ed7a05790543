// Trainers for tests: small lanes on short texts.
#pragma once

#include <doctest/doctest.h>

#include "engine/model/trainer.h"

namespace unroll::testing {

/// 2 000 characters of arithmetic-like text: enough structure to learn something in a few steps.
inline std::string counting_text() {
  std::string text;
  for (int i = 0; text.size() < 2000; ++i) text += std::to_string(i) + (i % 3 == 0 ? " fizz\n" : "\n");
  return text;
}

inline Experiment experiment_of(std::string text, LaneSpec lane, TrainSpec train = {}) {
  Experiment experiment;
  experiment.data = {.text = std::move(text), .example = "", .valid = 0.1};
  experiment.train = train;
  experiment.lanes = {lane};
  return experiment;
}

inline std::unique_ptr<Trainer> make_trainer(const Experiment& experiment) {
  auto corpus = make_corpus(experiment.data.text, experiment.data.valid);
  REQUIRE(corpus);
  auto trainer = Trainer::create(experiment, 0, std::make_shared<const Corpus>(std::move(*corpus)));
  REQUIRE(trainer);
  return std::move(*trainer);
}

}  // namespace unroll::testing
