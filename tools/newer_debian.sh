#!/usr/bin/env bash
# Fetches parts that Debian 12 has only too old from Debian 13, without touching the system:
#   newer_debian.sh emscripten   → build/tools/emscripten  (unpacked packages, ready for tools/emscripten.cmake)
#   newer_debian.sh imgui        → build/tools/imgui       (the source package, for FetchContent; Debian 13 too)
# apt runs under a configuration of its own: its lists, caches and sources are below build/tools/apt, and the archive
# is the one that this machine's apt sources name, with the release's name replaced. No root is needed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
suite=trixie
apt_dir=$tools_dir/apt

# The archives (one per line) that this machine takes Debian itself from, whatever the format of its source files.
archives() {
  # shellcheck disable=SC2016  # the fields are apt's
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v name="$(os_field VERSION_CODENAME)" \
      '$3 == "main" && ($2 == name || $2 == "stable" || $2 == "oldstable") && !seen[$1]++ {print $1}'
}

# Writes the private configuration for one archive and reads its lists.
private_apt() {
  rm -rf "$apt_dir/sources.d"
  mkdir -p "$apt_dir/lists/partial" "$apt_dir/cache/archives/partial" "$apt_dir/sources.d" "$apt_dir/preferences.d"
  : >"$apt_dir/status"
  cat >"$apt_dir/sources.d/debian.sources" <<SOURCES
Types: deb deb-src
URIs: $1
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
  cat >"$apt_dir/apt.conf" <<CONF
Dir::State::Lists "$apt_dir/lists";
Dir::State::status "$apt_dir/status";
Dir::Cache "$apt_dir/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$apt_dir/sources.d";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "$apt_dir/preferences.d";
Acquire::Retries "3";
Acquire::Languages "none";
Debug::NoLocking "true";
CONF
  # apt's download user may not read a clone in somebody's home folder.
  [ "$(id -u)" -ne 0 ] || echo 'APT::Sandbox::User "root";' >>"$apt_dir/apt.conf"
  export APT_CONFIG=$apt_dir/apt.conf
  apt-get update
}

open_archive() {
  local archive found
  found=$(archives)
  for archive in $found; do
    if (private_apt "$archive") && APT_CONFIG=$apt_dir/apt.conf apt-cache show emscripten >/dev/null 2>&1; then
      export APT_CONFIG=$apt_dir/apt.conf
      return
    fi
    warn "No Debian $suite below $archive"
  done
  die "None of this machine's Debian archives (${found:-none found in its apt sources}) has the release $suite." \
    "Add a mirror that has it to the apt sources, or put Emscripten >= 3.1.69 on PATH."
}

# Downloads packages into a fresh folder and names it; apt checks signatures and hashes.
download() {
  local folder=$tools_dir/download
  rm -rf "$folder" && mkdir -p "$folder"
  (cd "$folder" && "$@" >&2)
  printf '%s' "$folder"
}

# publish NEW PLACE: a folder appears whole or not at all.
publish() { rm -rf "$2" && mv "$1" "$2"; }

fetch_emscripten() {
  local packages new=$tools_dir/emscripten.new place=$tools_dir/emscripten share loader program
  packages=$(download apt-get download emscripten binaryen libc6 libstdc++6 libgcc-s1)
  rm -rf "$new" && mkdir -p "$new/bin" "$new/lib"

  # Of the 1.6 GB most are system libraries built with options that Unroll does not use.
  dpkg-deb --fsys-tarfile "$packages"/emscripten_*.deb | tar -x -C "$new" \
    --exclude='*/wasm32-emscripten/*lto*' --exclude='*/wasm32-emscripten/pic' --exclude='*.a.tmp' \
    --exclude='*/wasm32-emscripten/*-mt*' --exclude='*/wasm32-emscripten/*-ww*' --exclude='*-asan*' \
    --exclude='./usr/share/emscripten/test' --exclude='./usr/share/emscripten/docs' --exclude='./usr/share/doc'
  for program in "$packages"/{binaryen,libc6,libstdc++6,libgcc-s1}_*.deb; do
    dpkg-deb --fsys-tarfile "$program" | tar -x -C "$new/lib" --exclude='./usr/share' --exclude='./etc'
  done
  rm -rf "$packages"

  # Binaryen's programs run with the newer C library that came with them.
  loader=$(cd "$new/lib" && find . -name 'ld-linux*.so.*' | head -n 1)
  local libraries
  libraries=$(cd "$new/lib" && dirname "$(find . -name 'libc.so.6' | head -n 1)")
  for program in "$new"/lib/usr/bin/wasm*; do
    cat >"$new/bin/$(basename "$program")" <<WRAPPER
#!/bin/sh
lib=\$(cd "\$(dirname "\$0")/../lib" && pwd)
exec "\$lib/$loader" --library-path "\$lib/$libraries" "\$lib/usr/bin/$(basename "$program")" "\$@"
WRAPPER
    chmod +x "$new/bin/$(basename "$program")"
  done

  # Emscripten reads the configuration beside it.
  share=$new/usr/share/emscripten
  cat >"$share/.emscripten" <<CONFIG
from tools.utils import path_from_root
LLVM_ROOT = '/usr/bin'
LLVM_ADD_VERSION = '19'
CLANG_ADD_VERSION = '19'
BINARYEN_ROOT = path_from_root('../../..')
NODE_JS = '$(command -v node)'
CACHE = path_from_root('cache')
CONFIG
  # ES modules are looked up from the folder of the importing file, so acorn must be near it.
  mkdir -p "$share/node_modules"
  ln -s /usr/share/nodejs/acorn "$share/node_modules/acorn"
  publish "$new" "$place"
}

fetch_imgui() {
  local sources new=$tools_dir/imgui.new
  sources=$(download apt-get source --download-only imgui)
  rm -rf "$new" && mkdir -p "$new"
  tar -x -C "$new" --strip-components=1 -f "$sources"/imgui_*.orig.tar.*
  rm -rf "$sources"
  publish "$new" "$tools_dir/imgui"
}

mkdir -p "$tools_dir"
open_archive
for part in "$@"; do "fetch_$part"; done
rm -rf "$apt_dir"
