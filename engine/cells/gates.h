// Names of what a cell has: its gates, in the order of PyTorch's rows, and its states.
// For whoever talks about cells without running them.
#pragma once

#include <span>
#include <string_view>

namespace unroll {

inline constexpr const char* lstm_gates[] = {"i", "f", "g", "o"};
inline constexpr const char* gru_gates[] = {"r", "z", "n"};

/// None for the rnn.
constexpr std::span<const char* const> gate_names(std::string_view cell) {
  if (cell == "lstm") return lstm_gates;
  if (cell == "gru") return gru_gates;
  return {};
}
/// What is carried from step to step, in the order of the cell's file: the memory first, h last.
inline constexpr const char* memory_and_h[] = {"c", "h"};
constexpr std::span<const char* const> state_names(std::string_view cell) {
  const std::span<const char* const> both = memory_and_h;
  return cell == "lstm" ? both : both.last(1);
}
constexpr bool has_c(std::string_view cell) { return cell == "lstm"; }

}  // namespace unroll
