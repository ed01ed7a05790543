// A drawing that was read as a sequence of a task: what goes in, point by point.
#pragma once

#include <optional>

#include "engine/tasks/pen_strokes.h"
#include "engine/tasks/task.h"

namespace unroll {

/// What the numbers of a point are called.
inline constexpr const char* pen_numbers[PenReading::numbers] = {"to the right", "down", "pen lifted"};

/// All but what is right, into a sequence that is empty but for room: numbers, columns, and a mark where a stroke begins.
void take_reading(const PenReading&, Sequence&);
/// One's own, in which nothing is right or wrong; nothing where nothing is drawn.
std::optional<Example> drawing_example(const PenReading&);

}  // namespace unroll
