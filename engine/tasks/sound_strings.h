// Recordings of words joined to one of a string of words, by what is heard of them (sound_features.h): between two there is a pause
// in which the room goes on. For the task strings.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "engine/base/random.h"
#include "engine/tasks/sound_features.h"

namespace unroll {

/// How loud the room is in each band: a tenth of the columns are below that. There are some.
std::array<float, sound_bands> room_of(std::span<const float> columns);

/// Adds `pause` columns and then what is said next. What is heard in the pause goes from the room of what was said to the room
/// of what comes, and varies as the power of noise does; where there is nothing before or behind, it is the other's room.
void join_sounds(std::vector<float>& said, std::span<const float> next, size_t pause, Random&);

}  // namespace unroll
