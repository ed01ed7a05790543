// What a fuzz target is: inputs to begin with, and a function that takes any bytes and aborts where a promise is broken.
// A target is a file NAME_fuzz.cpp that defines both. It is run by libFuzzer (libfuzzer.cpp) or, in ./run test, by a driver
// of our own (driver.cpp), which needs no clang.
#pragma once

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace unroll::fuzz {

std::vector<std::string> seeds();
void try_input(std::string_view bytes);

/// As files of a folder that is there: libFuzzer's corpus begins with them.
inline void write_seeds(const std::string& folder) {
  size_t number = 0;
  for (const std::string& one : seeds())
    std::ofstream(folder + "/seed-" + std::to_string(number++), std::ios::binary) << one;
}

inline void require(bool holds) {
  if (!holds) std::abort();
}

/// Something went wrong in an outsider's file: it is told, in words short enough to read.
inline void require_told(const std::string& error) { require(!error.empty() && error.size() < 4000); }

}  // namespace unroll::fuzz
