#include "web/cli/log_file.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using unroll::cli::LogFile;

TEST_CASE(
    "log: lines that could not be written while there was no room follow when there is; the rest is "
    "counted") {
  char folder[] = "/tmp/unroll-log-XXXXXX";
  REQUIRE(mkdtemp(folder) != nullptr);
  const std::string path = std::string(folder) + "/log";
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto allow = [&](rlim_t bytes) {
    const rlimit limit{bytes, before.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  };

  auto log = LogFile::open(path, false);
  REQUIRE(bool(log));
  std::string expected;
  const auto add = [&](int count) {
    for (int i = 0; i < count; ++i) {
      const std::string line = std::string(50, 'x') + std::to_string(i);
      (*log)->add(line);
      (expected += line) += '\n';
    }
    (*log)->flush();
  };
  add(10);
  CHECK((*log)->trouble().empty());
  allow(expected.size() + 25);  // half a line
  add(10);
  CHECK((*log)->trouble().find("File too large") != std::string::npos);
  CHECK((*log)->trouble().empty());  // said once
  allow(1 << 20);
  add(10);
  allow(expected.size() + 55);
  add(3);
  const auto status = (*log)->close();
  allow(before.rlim_cur);
  REQUIRE(!status);
  CHECK(status.error().what.starts_with("2 lines could not be written"));

  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  CHECK(expected.starts_with(text));
  CHECK(text.size() == expected.size() - 3 * 52 + 55);
  std::filesystem::remove_all(folder);
}
