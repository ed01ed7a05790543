# What the scripts behind ./run share. Sourced, with `set -euo pipefail`; `root` is the folder of the clone.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools_dir=$root/build/tools  # what ./run fetched; everything below can be deleted and comes back

if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi

say() { printf '%s%s%s\n' "$bold" "$*" "$plain"; }
warn() { printf '%s\n' "$*" >&2; }
die() { printf '%s\n' "$@" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

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

# step TEXT COMMAND…: runs a command that may take long, with its output in build/log/, a running clock on a terminal
# and the end of the log when it fails.
step() {
  local text=$1 log started pid status=0
  shift
  mkdir -p "$root/build/log"
  log=$root/build/log/$(printf '%s' "$text" | tr -cs 'A-Za-z0-9\n' '-' | cut -c1-40).log
  started=$SECONDS
  if [ -t 1 ]; then
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
      printf '\r\e[K%s … %d s  %s' "$text" "$((SECONDS - started))" "$(tail -n 1 "$log" | tr -d '\r' | cut -c1-60)"
      sleep 0.5
    done
    wait "$pid" || status=$?
    printf '\r\e[K'
  else
    printf '%s …\n' "$text"
    "$@" >"$log" 2>&1 </dev/null || status=$?
  fi
  if [ "$status" -ne 0 ]; then
    tail -n 40 "$log" >&2
    warn "Failed: $text (whole output: $log)"
    return "$status"
  fi
  printf '%s: done in %d s\n' "$text" "$((SECONDS - started))"
}
