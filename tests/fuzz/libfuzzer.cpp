// A target under libFuzzer. TARGET --write-seeds FOLDER writes the seeds, as driver.cpp does.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  unroll::fuzz::try_input({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  if (*argc != 3 || std::string_view((*argv)[1]) != "--write-seeds") return 0;
  unroll::fuzz::write_seeds((*argv)[2]);
  std::exit(0);
}
