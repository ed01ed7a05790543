// What the desktop program keeps for its next start: files that are whole whatever ends the program, each record of one program at a time.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "engine/base/json.h"
#include "web/platform/platform_desktop_kept.h"

namespace fs = std::filesystem;
using namespace unroll;
using namespace unroll::platform;

namespace {

struct Folder {
  Folder() {
    char name[] = "/tmp/unroll-kept-XXXXXX";
    path = fs::path(mkdtemp(name)) / "data" / "unroll";
  }
  ~Folder() { fs::remove_all(path.parent_path().parent_path()); }
  fs::path path;
};

std::vector<uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

/// A file in parts, of which one is held.
std::vector<Part> file_of(const std::string& text, size_t held = 0) {
  return {{bytes_of(text), std::make_shared<HeldInMemory>(std::vector<uint8_t>(held, 'h'))},
          {bytes_of("end")}};
}

/// What there is, once nothing is being written any more.
Json told(KeptFiles& kept) {
  while (kept.writes()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  kept.look();
  return Json::parse(*kept.take_news());
}

std::string read(KeptFiles& kept, const std::string& record, bool older = false) {
  std::string wrong;
  const auto file = kept.open(record, older, wrong);
  return file ? std::string(file->bytes.begin(), file->bytes.end()) : "";
}

const auto nothing = [] {};

}  // namespace

TEST_CASE("kept on the desktop: two generations, the newest first, found by the next start") {
  const Folder folder;
  std::string id;
  {
    KeptFiles kept(folder.path, nothing);
    CHECK(told(kept)["records"].empty());
    id = kept.keep("", "one", file_of("first", 3));
    CHECK(kept.keep(id, "two", file_of("second")) == id);
    kept.keep(id, "three", file_of("third"));
    const Json json = told(kept);
    REQUIRE(json["records"].size() == 1);
    CHECK(json["possible"] == true);
    CHECK(json["records"][0]["mine"] == true);
    CHECK(json["records"][0]["about"] == "three");
    CHECK(json["records"][0]["bytes"] == 9 + 8);
    CHECK(read(kept, id) == "thirdend");
    CHECK(read(kept, id, true) == "secondend");
    CHECK(fs::status(folder.path).permissions() == fs::perms::owner_all);
  }
  KeptFiles next(folder.path, nothing);
  const Json json = told(next);
  REQUIRE(json["records"].size() == 1);
  CHECK(json["records"][0]["mine"] == false);
  CHECK(json["records"][0]["taken"] == false);
  CHECK(read(next, id) == "thirdend");
  CHECK(told(next)["records"][0]["mine"] == true);
}

TEST_CASE("kept on the desktop: what one program has, another one neither opens nor writes") {
  const Folder folder;
  KeptFiles one(folder.path, nothing);
  const std::string id = one.keep("", "one", file_of("first"));
  told(one);
  KeptFiles two(folder.path, nothing);
  CHECK(told(two)["records"][0]["taken"] == true);
  std::string wrong;
  CHECK(!two.open(id, false, wrong));
  CHECK(wrong.starts_with("Another window has this experiment now"));
  two.keep(id, "two", file_of("of another"));
  CHECK(told(two)["trouble"] != "");
  CHECK(read(one, id) == "firstend");
}

TEST_CASE("kept on the desktop: where nothing can be written it is said, and what was kept stays") {
  const Folder folder;
  fs::create_directories(folder.path.parent_path());
  std::ofstream(folder.path) << "a file where the folder should be";
  KeptFiles kept(folder.path, nothing);
  kept.keep("", "one", file_of("first"));
  CHECK(told(kept)["trouble"].get<std::string>().starts_with(
      "What the networks learn cannot be kept in /tmp/"));
  KeptFiles nowhere({}, nothing);
  CHECK(!nowhere.keep("", "one", file_of("first")).empty());
  CHECK(!nowhere.take_news());
}

TEST_CASE("kept on the desktop: the oldest records go, forgotten ones too, and the switch is remembered") {
  const Folder folder;
  std::vector<std::string> ids;
  for (size_t n = 0; n < KeptFiles::most + 2; ++n) {
    KeptFiles kept(folder.path, nothing);
    ids.push_back(kept.keep("", std::to_string(n), file_of(std::to_string(n))));
    told(kept);
  }
  KeptFiles kept(folder.path, nothing);
  Json json = told(kept);
  REQUIRE(json["records"].size() == KeptFiles::most);
  CHECK(json["records"][0]["about"] == std::to_string(KeptFiles::most + 1));
  kept.forget(ids.back());
  CHECK(told(kept)["records"].size() == KeptFiles::most - 1);
  kept.forget("../../etc");  // no name of a record
  CHECK(told(kept)["records"].size() == KeptFiles::most - 1);
  kept.turn(false);
  KeptFiles next(folder.path, nothing);
  json = told(next);
  CHECK(json["on"] == false);
  next.turn(true);
  next.forget("");
  json = told(next);
  CHECK(json["on"] == true);
  CHECK(json["records"].empty());
  CHECK(fs::is_empty(folder.path));
}

TEST_CASE("kept on the desktop: a newest generation that is lost gives way to the one before it") {
  const Folder folder;
  KeptFiles kept(folder.path, nothing);
  const std::string id = kept.keep("", "one", file_of("first"));
  kept.keep(id, "two", file_of("second"));
  told(kept);
  fs::remove(folder.path / (id + "-2.unroll"));
  CHECK(told(kept)["records"][0]["about"] == "one");
  CHECK(read(kept, id) == "firstend");
}

TEST_CASE(
    "kept on the desktop: killed 20 times while it writes, what is there is whole, and nothing is left "
    "over") {
  const Folder folder;
  constexpr size_t size = 300'000;
  std::string id;
  {
    KeptFiles kept(folder.path, nothing);
    id = kept.keep("", "0", file_of("0|", size));
    told(kept);
  }
  int64_t last = 0;
  for (int kill_number = 0; kill_number < 20; ++kill_number) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      KeptFiles kept(folder.path, nothing);
      for (int64_t n = last + 1;; ++n) {
        kept.keep(id, std::to_string(n), file_of(std::to_string(n) + "|", size));
        while (kept.writes()) std::this_thread::yield();
        if (write(ends[1], "+", 1) != 1) _exit(1);
      }
    }
    // Every other one is killed after a saving, in the next one or the one after; the others whenever it is.
    close(ends[1]);
    char saved = 0;
    if (kill_number % 2 == 1) REQUIRE(read(ends[0], &saved, 1) == 1);
    std::this_thread::sleep_for(std::chrono::milliseconds(5 + 7 * kill_number % 40));
    kill(child, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    close(ends[0]);
    KeptFiles kept(folder.path, nothing);
    const Json record = told(kept)["records"][0];
    const int64_t number = std::stoll(record["about"].get<std::string>());
    CHECK(number >= last + (saved == '+' ? 1 : 0));
    last = number;
    for (const bool older : {false, true}) {
      const std::string text = read(kept, id, older);
      if (older && text.empty()) continue;  // one generation so far
      CHECK(text == std::to_string(number - older) + "|" + std::string(size, 'h') + "end");
    }
  }
  CHECK(last > 0);
  KeptFiles kept(folder.path, nothing);
  told(kept);
  const auto files = std::distance(fs::directory_iterator(folder.path), fs::directory_iterator());
  CHECK(files <= 5);  // two generations of two files, and the lock
}
