// Names of what a cell has: its gates, in the order of PyTorch's rows, and whether it carries a cell state beside h.
// For whoever talks about cells without running them.
#pragma once

#include <span>

#include "engine/document/experiment.h"

namespace unroll {

inline constexpr const char* lstm_gates[] = {"i", "f", "g", "o"};
inline constexpr const char* gru_gates[] = {"r", "z", "n"};

/// None for the rnn.
constexpr std::span<const char* const> gate_names(Cell cell) {
  if (cell == Cell::lstm) return lstm_gates;
  if (cell == Cell::gru) return gru_gates;
  return {};
}
constexpr bool has_c(Cell cell) { return cell == Cell::lstm; }

}  // namespace unroll
