# Configuring and building through the presets. Sourced after lib.sh.

# build TEXT PRESET TARGET…
build() {
  local text=$1 preset=$2 folder=$root/build/$2
  shift 2
  # A clone that was moved or copied takes its old place along in the cache.
  if [ -e "$folder/CMakeCache.txt" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
    rm -rf "$folder"
  fi
  [ -e "$folder/build.ninja" ] || step "Configuring $preset" cmake -S "$root" --preset "$preset" || return
  step "$text" cmake --build "$folder" --target "$@"
}

build_site() { build "Building the site" web unroll_site; }
build_native() { build "Building $*" native "$@"; }
