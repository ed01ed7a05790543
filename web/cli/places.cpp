#include "web/cli/places.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

namespace unroll::cli {

namespace fs = std::filesystem;

namespace {

constexpr int most_links = 40;

Place::Kind kind_of(mode_t mode) {
  return S_ISREG(mode)   ? Place::Kind::file
         : S_ISDIR(mode) ? Place::Kind::folder
         : S_ISBLK(mode) ? Place::Kind::disk
                         : Place::Kind::stream;
}

/// The number of "3" in the folder of this process' open files, else −1.
int descriptor_of(const fs::path& folder, const std::string& name) {
  const std::string own = "/proc/" + std::to_string(getpid());
  const bool of_descriptors =
      folder == "/dev/fd" || folder == own + "/fd" ||
      (folder.filename() == "fd" && folder.parent_path().parent_path() == own + "/task");
  int number = -1;
  const char* end = name.data() + name.size();
  if (!of_descriptors || std::from_chars(name.data(), end, number).ptr != end) return -1;
  return number;
}

Error unreachable(const std::string& path, const std::string& why) { return {path, why, "check the name"}; }

}  // namespace

std::string Place::folder() const { return fs::path(path).parent_path(); }
std::string Place::name() const { return fs::path(path).filename(); }

Result<Place> find_place(const std::string& given) {
  if (given.find('\0') != std::string::npos) return unreachable(given, "a name has no zero byte");
  fs::path path = given;
  if (!path.has_filename()) path /= ".";
  for (int links = 0;; ++links) {
    if (links > most_links) return unreachable(given, "its links lead in a circle");
    std::error_code error;
    const fs::path folder = fs::canonical(path.has_parent_path() ? path.parent_path() : ".", error);
    if (error) return unreachable(given, error.message());
    Place place;
    const std::string name = path.filename();
    place.path = folder / name;
    place.descriptor = descriptor_of(folder, name);
    if (place.descriptor >= 0) {
      if (fstat(place.descriptor, &place.status) != 0) return unreachable(given, std::strerror(errno));
      place.kind = kind_of(place.status.st_mode);
      return place;
    }
    if (lstat(place.path.c_str(), &place.status) != 0) {
      if (errno != ENOENT) return unreachable(given, std::strerror(errno));
      if (stat(folder.c_str(), &place.status) != 0) return unreachable(given, std::strerror(errno));
      return place;
    }
    if (!S_ISLNK(place.status.st_mode)) {
      place.kind = kind_of(place.status.st_mode);
      return place;
    }
    const fs::path target = fs::read_symlink(place.path, error);
    if (error) return unreachable(given, error.message());
    path = folder / target;
  }
}

bool is_same(const Place& a, const Place& b) {
  const bool missing = a.kind == Place::Kind::missing;
  if (missing != (b.kind == Place::Kind::missing)) return false;
  if (a.status.st_dev != b.status.st_dev || a.status.st_ino != b.status.st_ino) return false;
  return missing ? a.name() == b.name() : !S_ISCHR(a.status.st_mode);
}

int open_place(const Place& place, int flags, mode_t mode) {
  if (place.descriptor >= 0) return fcntl(place.descriptor, F_DUPFD_CLOEXEC, 3);
  return open(place.path.c_str(), flags | O_CLOEXEC | O_NOCTTY, mode);
}

Status check_roles(const std::vector<PathRole>& roles, bool prints) {
  struct Found {
    PathRole role;
    Place place;
  };
  std::vector<Found> found;
  for (const PathRole& role : roles) {
    if (role.path.empty()) continue;
    const auto place = find_place(role.path);
    if (!place) continue;  // whoever opens it says why it cannot
    for (const Found& other : found) {
      if ((!role.is_written && !other.role.is_written) || !is_same(*place, other.place)) continue;
      if (role.may_be == other.role.flag || other.role.may_be == role.flag) continue;
      return Error{role.flag + " " + role.path,
                   "is the same file as " + other.role.flag + " " + other.role.path,
                   "one of them would destroy the other; give different files"};
    }
    found.push_back({role, *place});
  }
  for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
    const bool is_output = descriptor == STDOUT_FILENO;
    Place stream;
    stream.descriptor = descriptor;
    if ((is_output && !prints) || fstat(descriptor, &stream.status) != 0) continue;
    stream.kind = kind_of(stream.status.st_mode);
    for (const Found& one : found) {
      // Lines may go where messages and results go, when that is what was asked for.
      const bool named = one.place.descriptor == STDOUT_FILENO || one.place.descriptor == STDERR_FILENO;
      if (!is_same(one.place, stream) || (named && one.role.may_join_stream)) continue;
      return Error{one.role.flag + " " + one.role.path,
                   std::string("is the same file as standard ") + (is_output ? "output" : "error"),
                   "give different files"};
    }
  }
  return ok();
}

}  // namespace unroll::cli
