// The loss of a row of numbers, as the task's head has it (engine/tasks/batch.h): what trainers minimise, scorers add up, and
// the front end shows.
#pragma once

#include <span>

#include "engine/base/gaussian.h"
#include "engine/base/mixture.h"
#include "engine/tasks/batch.h"

namespace unroll {

/// Of a head without classes: what the O outputs of a row cost beside its targets (TaskShape::targets()).
inline double loss_of_numbers(Head head, std::span<const float> outputs, const float* targets) {
  const size_t O = outputs.size();
  if (head == Head::gaussian) return gaussian_loss(outputs.data(), targets, O / 2);
  if (head == Head::mixture) return mixture_loss(outputs.data(), targets, O);
  double sum = 0;
  for (size_t o = 0; o < O; ++o) {
    const double error = static_cast<double>(outputs[o]) - static_cast<double>(targets[o]);
    sum += error * error;
  }
  return sum / static_cast<double>(O);
}

}  // namespace unroll
