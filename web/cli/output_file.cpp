#include "web/cli/output_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <random>
#include <string_view>
#include <utility>

#include "web/cli/console.h"

namespace unroll::cli {

namespace fs = std::filesystem;

namespace {

// --- Temporary files: FILE.part-HOST-PID-RANDOM --------------------------------------------------------------------
//
// Whoever writes one holds a lock (flock) on it, so one without a lock is a leftover. The lock is taken after the file
// is made; in between another program may take the file for a leftover, and then the writer finds it without a name.

constexpr const char* mark = ".part-";
constexpr size_t random_digits = 16;
constexpr size_t longest_stem = 160;  // bytes of FILE in the name, which has at most 255
constexpr time_t foreign_age =
    3600;  // seconds until a file of another host, whose locks may not be seen, is a leftover

std::string host() {
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) != 0) return "host";
  std::string host;
  for (const char c : std::string_view(name).substr(0, 32))
    host += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return host.empty() ? "host" : host;
}

/// What all temporary names of a file begin with.
std::string temporary_stem(const std::string& name) {
  size_t length = std::min(name.size(), longest_stem);
  while (length > 0 && length < name.size() && (name[length] & 0xC0) == 0x80) --length;  // whole characters
  return name.substr(0, length) + mark;
}

std::string random_name() {
  std::random_device source;
  char digits[random_digits + 1];
  std::snprintf(digits, sizeof digits, "%08x%08x", static_cast<unsigned>(source()),
                static_cast<unsigned>(source()));
  return digits;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

/// Whether a temporary name (without its stem) is one that this program makes, and whether on this host.
bool is_ours(std::string_view name, bool& this_host) {
  const size_t random = name.rfind('-');
  const size_t pid = random == name.npos || random == 0 ? name.npos : name.rfind('-', random - 1);
  if (pid == name.npos) return is_number(name);  // as earlier versions called them
  this_host = name.substr(0, pid) == host();
  return is_number(name.substr(pid + 1, random - pid - 1)) && name.size() - random - 1 == random_digits &&
         name.substr(random + 1).find_first_not_of("0123456789abcdef") == name.npos;
}

void remove_if_left(const std::string& path, bool this_host) {
  const int file = open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return;
  struct stat status{};
  const bool plain = fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid();
  const bool old = this_host || time(nullptr) - status.st_mtime > foreign_age;
  if (plain && old && flock(file, LOCK_EX | LOCK_NB) == 0) unlink(path.c_str());
  close(file);
}

void remove_leftovers(const Place& place) {
  const std::string stem = temporary_stem(place.name());
  std::error_code error;
  std::vector<std::pair<std::string, bool>> found;
  for (fs::directory_iterator at(place.folder(), error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename();
    bool this_host = false;
    if (name.starts_with(stem) && is_ours(std::string_view(name).substr(stem.size()), this_host))
      found.emplace_back(at->path(), this_host);
  }
  for (const auto& [path, this_host] : found) remove_if_left(path, this_host);
}

/// A new locked file in a folder: its descriptor and path; −1 and errno.
int make_temporary(const std::string& folder, const std::string& name, mode_t mode, std::string& path) {
  for (int tries = 0; tries < 100; ++tries) {
    const std::string own = host() + "-" + std::to_string(getpid()) + "-" + random_name();
    path = fs::path(folder) / (temporary_stem(name) + own);
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0) {
      if (errno == EEXIST) continue;
      return -1;
    }
    struct stat status{};
    flock(file, LOCK_EX);  // where there are no locks, nobody takes it for a leftover either
    if (fstat(file, &status) == 0 && status.st_nlink > 0) return file;
    close(file);
  }
  errno = EEXIST;
  return -1;
}

// --- Writing -------------------------------------------------------------------------------------------------------

/// Whether no file can be made in the folder, or none can take this one's name, though it may itself be written.
bool must_be_written_over(int error) {
  return error == EACCES || error == EPERM || error == EROFS || error == EBUSY || error == EXDEV;
}

bool produce_into(int file, const Producer& producer) {
  errno = 0;
  return producer([file](std::span<const uint8_t> bytes) { return write_all(file, bytes); });
}

/// On the disk, where the file system can say so.
bool reached_disk(int file) {
  return fsync(file) == 0 || errno == EINVAL || errno == ENOTSUP || errno == EROFS;
}

bool may(const std::string& path, int access) {
  return faccessat(AT_FDCWD, path.c_str(), access, AT_EACCESS) == 0;
}

/// Writes a new file `temporary`, then renames it. False and errno; the temporary file is gone then.
bool write_and_rename(int file, const std::string& temporary, const std::string& path,
                      const Producer& producer) {
  bool good = produce_into(file, producer) && reached_disk(file);
  good = good && rename(temporary.c_str(), path.c_str()) == 0;
  int error = errno;
  // Closing reports what network file systems find out only then; the lock ends with it, so the name goes first.
  if (!good) unlink(temporary.c_str());
  if (close(file) != 0 && good) {
    good = false;
    error = errno;
  }
  errno = error;
  return good;
}

std::string in_bytes(uint64_t bytes) { return grouped(static_cast<int64_t>(bytes)) + " bytes"; }

/// Room for `bytes` more, as far as the system says.
Status check_room(const std::string& path, const Place& place, uint64_t bytes) {
  rlimit limit{};
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < bytes)
    return Error{path,
                 "will have " + in_bytes(bytes) + ", but a file may have at most " +
                     in_bytes(limit.rlim_cur) + " here (ulimit -f)",
                 "raise that limit or train a smaller model"};
  struct statvfs disk{};
  if (statvfs(place.folder().c_str(), &disk) != 0 || disk.f_blocks == 0) return ok();
  const uint64_t room = static_cast<uint64_t>(disk.f_bavail) * disk.f_frsize;
  if (room < bytes)
    return Error{path, "will have " + in_bytes(bytes) + ", but its disk has room for only " + in_bytes(room),
                 "make room or give a file on another disk"};
  return ok();
}

Error not_writable(const std::string& path, int error) {
  const char* hint = error == ENOSPC || error == EDQUOT || error == EFBIG
                         ? "make room or give another file"
                         : "give a file in a folder that exists and is yours";
  return {path, std::string("cannot be written: ") + std::strerror(error), hint};
}

}  // namespace

bool write_all(int descriptor, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), std::min(bytes.size(), size_t{1} << 24));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {  // a pipe that somebody else made not to block
      pollfd writable{.fd = descriptor, .events = POLLOUT, .revents = 0};
      poll(&writable, 1, -1);
      continue;
    }
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return true;
}

OutputFile::OutputFile(std::string path, Place place, int stream)
    : path_(std::move(path)), place_(std::move(place)), stream_(stream) {}
OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      place_(std::move(other.place_)),
      stream_(std::exchange(other.stream_, -1)) {}
OutputFile::~OutputFile() {
  if (stream_ >= 0) close(stream_);
}

Result<OutputFile> OutputFile::open(const std::string& path, uint64_t bytes) {
  const auto place = find_place(path);
  if (!place)
    return Error{path, "cannot be written: " + place.error().what,
                 "give a file in a folder that exists and is yours"};
  switch (place->kind) {
    case Place::Kind::folder:
      return Error{path, "is a folder", "give the name of a file in it"};
    case Place::Kind::disk:
      return Error{path, "is a disk", "give the name of a file"};
    case Place::Kind::stream:
      break;
    case Place::Kind::file:
    case Place::Kind::missing:
      if (place->descriptor >= 0) break;  // an open file goes on where it stands
      if (place->kind == Place::Kind::file && !may(place->path, W_OK)) return not_writable(path, errno);
      if (place->kind == Place::Kind::missing && !may(place->folder(), W_OK | X_OK))
        return not_writable(path, errno);
      if (place->name().size() > 255) return not_writable(path, ENAMETOOLONG);
      remove_leftovers(*place);
      if (const Status status = check_room(path, *place, bytes); !status) return status.error();
      return OutputFile(path, *place, -1);
  }
  const int stream = open_place(*place, O_WRONLY);
  if (stream < 0) return not_writable(path, errno);
  if (place->descriptor >= 0 && (fcntl(stream, F_GETFL) & O_ACCMODE) == O_RDONLY) {
    close(stream);
    return not_writable(path, EBADF);
  }
  return OutputFile(path, *place, stream);
}

bool OutputFile::replace(const Producer& producer) {
  struct stat old{};
  const bool exists = stat(place_.path.c_str(), &old) == 0;
  std::string temporary;
  const int file = make_temporary(place_.folder(), place_.name(), exists ? 0600 : 0666, temporary);
  if (file < 0) return false;
  if (exists) {
    const bool owned = (old.st_uid == geteuid() && old.st_gid == getegid()) ||
                       fchown(file, old.st_uid, old.st_gid) == 0 ||
                       fchown(file, static_cast<uid_t>(-1), old.st_gid) == 0;
    fchmod(file, old.st_mode & (owned ? 07777 : 0777));
  }
  return write_and_rename(file, temporary, place_.path, producer);
}

Status OutputFile::write(const Producer& producer) {
  if (stream_ >= 0) {
    if (!produce_into(stream_, producer)) return not_writable(path_, errno);
    if (close(std::exchange(stream_, -1)) != 0) return not_writable(path_, errno);
    return ok();
  }
  if (replace(producer)) {
    remove_leftovers(place_);
    return ok();
  }
  const int error = errno;
  if (must_be_written_over(error)) {
    const int file = ::open(place_.path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
    bool good = file >= 0 && produce_into(file, producer) && reached_disk(file);
    good = (file < 0 || close(file) == 0) && good;
    if (good) return ok();
  }
  return not_writable(path_, error);
}

Result<std::string> write_elsewhere(const std::string& path, const std::vector<std::string>& folders,
                                    const Producer& producer) {
  const fs::path given = path;
  const std::string stem = given.stem().string().substr(0, 120), extension = given.extension();
  int error = ENOENT;
  for (const std::string& folder : folders) {
    std::string temporary;
    const int file = make_temporary(folder, stem, 0666, temporary);
    if (file < 0) {
      error = errno;
      continue;
    }
    const std::string name = stem + "-" + random_name() + (extension.size() < 32 ? extension : "");
    const std::string target = fs::path(folder) / name;
    if (write_and_rename(file, temporary, target, producer)) return target;
    error = errno;
  }
  return not_writable(path, error);
}

}  // namespace unroll::cli
