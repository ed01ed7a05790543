# Configuring and building through the presets. Sourced after lib.sh.

# The compiler of the sanitized tests: they are a third of all that ./run test compiles, and clang takes half of GCC's time
# for them. Everything else native is built by the system's own compiler.
sanitizing_compiler() { if sanitizes clang++-19; then echo clang++-19; else echo c++; fi; }

# is_configured FOLDER: true where it is a tree of this clone, which then is ready to build.
is_configured() {
  local folder=$1 list
  # A clone that was moved or copied takes its old place along in the cache.
  if [ -e "$folder/CMakeCache.txt" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
    rm -rf "$folder"
  fi
  [ -e "$folder/build.ninja" ] || return
  # CMake dates its lists of precompiled headers back: ninja would not see that one has changed.
  for list in CMakeLists.txt {engine,web,tests}/CMakeLists.txt web/site.cmake; do
    find "$folder" -name 'cmake_pch.hxx.?ch' ! -newer "$root/$list" -delete
  done
}

# build TEXT PRESET TARGET…
build() {
  local text=$1 preset=$2 folder=$root/build/$2 options=()
  shift 2
  if ! is_configured "$folder"; then
    [ "$preset" != native-debug ] || options=(-DCMAKE_CXX_COMPILER="$(sanitizing_compiler)")
    step "Configuring $preset" cmake -S "$root" --preset "$preset" "${options[@]}" || return
  fi
  step "$text" cmake --build "$folder" --target "$@"
}

build_site() { build "Building the site" web unroll_site; }
build_native() { build "Building $*" native "$@"; }
