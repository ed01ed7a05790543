#include "engine/tasks/pen_sequence.h"

#include <cassert>

#include "engine/tasks/verdicts.h"

namespace unroll {

void take_reading(const PenReading& reading, Sequence& sequence) {
  assert(reading.size() > 0);
  sequence.length = static_cast<int>(reading.size());
  sequence.reals = reading.reals;
  for (size_t n = 0, first = 0; n < reading.size(); ++n) {
    if (n > 0 && reading.stroke_of[n] != reading.stroke_of[n - 1]) first = n;
    const std::string stroke = "stroke " + std::to_string(reading.stroke_of[n] + 1);
    if (n == first) sequence.marks.push_back({Mark::Kind::enters, static_cast<int>(n), stroke});
    sequence.columns.push_back(stroke + ", point " + std::to_string(n - first + 1));
  }
}

std::optional<Example> drawing_example(const PenReading& reading) {
  if (reading.size() == 0) return std::nullopt;
  Sequence sequence;
  take_reading(reading, sequence);
  return verdicts::own_example(std::move(sequence));
}

}  // namespace unroll
