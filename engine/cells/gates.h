// Names of what a cell has: its gates, in the order of PyTorch's rows, and whether it carries a cell state beside h.
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
constexpr bool has_c(std::string_view cell) { return cell == "lstm"; }

}  // namespace unroll
