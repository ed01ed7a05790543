# What the scripts behind ./run share. Sourced, with `set -euo pipefail`; `root` is the folder of the clone.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools_dir=$root/build/tools  # what ./run fetched; everything below can be deleted and comes back

if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi

say() { printf '%s%s%s\n' "$bold" "$*" "$plain"; }
warn() { printf '%s\n' "$*" >&2; }
die() { printf '%s\n' "$@" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
# Does a C++ compiler have the sanitizers?
sanitizes() { echo 'int main() {}' | "$1" -fsanitize=address,undefined -x c++ - -o /dev/null 2>/dev/null; }

# at_least 3.1.69 3.1.6: is the second version the first one or newer?
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

# The number of a program's version, or 0 without the program.
version_of() { { "$@" --version 2>/dev/null || true; } | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1 | grep . || echo 0; }

os_field() { (. /etc/os-release 2>/dev/null && eval "printf '%s' \"\${$1:-}\"") || true; }

# "12" or "13" on those Debian releases, else nothing.
debian_release() {
  if [ "$(os_field ID)" = debian ]; then
    case $(os_field VERSION_ID) in 12 | 13) os_field VERSION_ID ;; esac
  fi
}

# step TEXT COMMAND…: runs a command that may take long. Its output goes to build/log/; on a terminal a clock and the
# last line of output are shown, elsewhere a sign of life every 30 s; when it fails, the end of the log. A quick step says nothing.
step() {
  local text=$1 log started=$SECONDS shown=$((SECONDS - 29)) pid status=0
  shift
  mkdir -p "$root/build/log"
  log=$(log_of "$text")
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  trap 'kill "$pid" 2>/dev/null; printf "\n"; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    if [ -t 1 ]; then
      printf '\r\e[K%s … %d s  %s' "$text" "$((SECONDS - started))" "$(last_line "$log")"
    elif [ $((SECONDS - shown)) -ge 30 ]; then
      shown=$SECONDS
      printf '%s … %d s  %s\n' "$text" "$((SECONDS - started))" "$(last_line "$log")"
    fi
    sleep 0.2
  done
  wait "$pid" || status=$?
  trap - INT TERM
  [ ! -t 1 ] || printf '\r\e[K'
  if [ "$status" -ne 0 ]; then
    tail -n 60 "$log" >&2
    warn "Failed: $text (all of its output: $log)"
    return "$status"
  fi
  [ $((SECONDS - started)) -lt 1 ] || printf '%s: done in %d s\n' "$text" "$((SECONDS - started))"
}

log_of() { printf '%s/build/log/%s.log' "$root" "$(printf '%s' "$1" | tr -cs 'A-Za-z0-9' '-' | cut -c1-50)"; }
last_line() { tail -c 400 "$1" | tr '\r' '\n' | grep . | tail -n 1 | cut -c1-70 || true; }
