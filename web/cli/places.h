// Where the paths that the user gave lead: links followed, and what stands there. One file under two names is one place.
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include "engine/base/result.h"

namespace unroll::cli {

struct Place {
  enum class Kind { missing, file, folder, stream, disk };  ///< stream: a pipe, a terminal, /dev/null, …

  Kind kind = Kind::missing;
  std::string path;      ///< with no link at its end
  int descriptor = -1;   ///< of /dev/stdout, /dev/fd/3 and the like: the open file that the name stands for
  struct stat status{};  ///< of what is there; when missing, of its folder

  std::string folder() const;
  std::string name() const;
};

/// Errors say only why (a loop of links, a folder on the way that does not exist): the caller says what for.
Result<Place> find_place(const std::string& path);

/// Whether writing to one would change the other. Terminals and /dev/null may be shared by any number.
bool is_same(const Place&, const Place&);

/// Opens a place to read or write it from its beginning: the descriptor, or −1 and errno. A place that is a descriptor
/// is duplicated, so that it goes on where it stands.
int open_place(const Place&, int flags, mode_t mode = 0666);

/// A path that was given, and what for.
struct PathRole {
  std::string flag;
  std::string path;
  bool is_written = false;
  std::string may_be = "";       ///< the flag of a role that may be the same file
  bool may_join_stream = false;  ///< lines may go to /dev/stderr, where the messages are
};
/// That no file has two roles of which one is to be written; standard error counts as written, and standard output
/// when `prints`. Roles without a path are passed over. Opens nothing.
Status check_roles(const std::vector<PathRole>&, bool prints);

}  // namespace unroll::cli
