# The parts that Unroll is built from: which are there, which are missing, and on Debian 12 and 13 how they get there.
# Sourced by ./run after lib.sh. `require GOAL…` is the only function for others; goals: web, native, test, package, bench.
#
# A part that is there is used, wherever it comes from. For a missing one there are three ways: a Debian package
# (part_package), something that ./run fetches into build/tools (part_fetch), or telling the person (part_need).

newest_node=20.19.5   # for Debian 12, whose own is 18
folders_of_headers="${CPATH:-} /usr/include /usr/include/eigen3 /usr/local/include /usr/local/include/eigen3
  /opt/homebrew/include /opt/homebrew/include/eigen3"

has_header() {
  local folder
  for folder in ${folders_of_headers//:/ }; do [ ! -e "$folder/$1" ] || return 0; done
  return 1
}

# The version of an Emscripten without the second that `emcc --version` takes.
emscripten_version() {
  local place
  place=$(command -v emcc) && place=$(dirname "$(readlink -f "$place")") || { echo 0; return; }
  tr -d '"' <"$place/emscripten-version.txt" 2>/dev/null || version_of emcc
}
# Is an emcc on PATH that will do? Then nothing is fetched (tools/emscripten.cmake decides in the same way).
own_emscripten() { at_least 3.1.69 "$(emscripten_version)"; }

chromium_path() {
  local name
  for name in "${UNROLL_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    if [ -n "$name" ] && command -v "$name"; then return; fi
  done
  return 1
}

# part_there NAME: is the part usable?
part_there() {
  case $1 in
    cmake) at_least 3.24 "$(version_of cmake)" ;;
    ninja) have ninja ;;
    python) at_least 3.8 "$(version_of python3)" ;;
    compiler) have c++ ;;
    eigen) has_header Eigen/Core ;;
    json) has_header nlohmann/json.hpp ;;
    doctest) has_header doctest/doctest.h ;;
    cli11) has_header CLI/CLI.hpp ;;
    glfw) has_header GLFW/glfw3.h ;;
    opengl) [ "$(uname)" = Darwin ] || has_header GL/gl.h ;;
    fonts) font_there inter/Inter-Regular && font_there jetbrains-mono/JetBrainsMono-Regular ;;
    subsetter) have hb-subset ;;
    xz) have xz ;;
    imgui) [ "$debian" = "" ] && have git || [ -e "$tools_dir/imgui/imgui.h" ] ;;
    emscripten) own_emscripten || [ -e "$tools_dir/emscripten/usr/share/emscripten/emcc.py" ] ;;
    clang19) own_emscripten || { have clang-19 && have wasm-ld-19 && have llvm-ar-19; } ;;
    acorn) own_emscripten || [ -e /usr/share/nodejs/acorn ] ;;
    sanitizers) sanitizes clang++-19 ;;
    node) at_least 18 "$(version_of node)" ;;
    node20) at_least 20 "$(version_of node)" ;;
    npm) have npm ;;
    packages) [ "$root/node_modules/.package-lock.json" -nt "$root/package-lock.json" ] ;;
    chromium) chromium_path >/dev/null ;;
    display) have Xvfb && have xwininfo ;;
    firefox) have firefox-esr || have firefox ;;
    webkit) have WebKitWebDriver ;;
    graphics) [ "$(uname)" = Darwin ] || compgen -G '/usr/lib/*/dri/*_dri.so' >/dev/null ;;
    format) format_there ;;
  esac
}

# Its versions differ in what they find well formatted.
format_there() { have clang-format-19 || case $(version_of clang-format) in 19.*) ;; *) false ;; esac; }

font_there() {
  local folder
  for folder in /usr/share/fonts /usr/local/share/fonts; do
    ! compgen -G "$folder/*/$1.*" >/dev/null || return 0
  done
  return 1
}

# The Debian package of a part, "" where there is none.
part_package() {
  case $1 in
    ninja) echo ninja-build ;;
    python) echo python3 ;;
    compiler) echo g++ ;;
    eigen) echo libeigen3-dev ;;
    json) echo nlohmann-json3-dev ;;
    doctest) echo doctest-dev ;;
    cli11) echo libcli11-dev ;;
    glfw) echo libglfw3-dev ;;
    opengl) echo libgl-dev ;;
    fonts) echo fonts-inter fonts-jetbrains-mono ;;
    subsetter) echo libharfbuzz-bin ;;
    xz) echo xz-utils ;;
    emscripten) [ "$debian" = 12 ] || echo emscripten ;;
    clang19) echo clang-19 lld-19 llvm-19 ;;
    acorn) echo node-acorn ;;
    sanitizers) echo clang-19 libclang-rt-19-dev ;;
    node) echo nodejs ;;
    node20) [ "$debian" = 12 ] || echo nodejs ;;
    display) echo xvfb x11-utils ;;
    graphics) echo libgl1-mesa-dri libgl1 ;;
    firefox) echo firefox-esr ;;
    webkit) echo webkit2gtk-driver ;;
    format) echo clang-format-19 ;;
    cmake | npm | chromium) echo "$1" ;;
  esac
}

# What to tell a person on another system.
part_need() {
  case $1 in
    cmake) echo 'CMake >= 3.24' ;;
    ninja) echo 'Ninja' ;;
    python) echo 'Python >= 3.8 (for Emscripten)' ;;
    compiler) echo 'a C++20 compiler (GCC >= 12 or Clang >= 15) as c++' ;;
    eigen) echo 'Eigen 3.4 (headers)' ;;
    json) echo 'nlohmann/json >= 3.11 (headers)' ;;
    doctest) echo 'doctest >= 2.4.9 (headers)' ;;
    cli11) echo 'CLI11 >= 2 (headers)' ;;
    glfw) echo 'GLFW >= 3.3' ;;
    opengl) echo 'OpenGL (headers and library)' ;;
    imgui) echo 'git (CMake fetches Dear ImGui 1.90.1 with it)' ;;
    emscripten) echo 'Emscripten >= 3.1.69 as emcc on PATH' ;;
    node) echo 'node >= 18' ;;
    node20) echo 'node >= 20' ;;
    npm) echo 'npm' ;;
    chromium) echo 'Chromium or Chrome (or its path in UNROLL_CHROMIUM)' ;;
    display) echo "Xvfb and xwininfo" ;;
    graphics) echo 'Mesa (software OpenGL)' ;;
    format) echo 'clang-format 19' ;;
  esac
}

parts_of() {
  case $1 in
    web) echo cmake ninja python eigen json doctest node clang19 acorn fonts subsetter emscripten xz imgui ;;
    native) echo cmake ninja compiler eigen json doctest cli11 glfw opengl fonts subsetter xz imgui ;;
    test) parts_of web && parts_of native && echo npm node20 packages chromium display graphics format firefox webkit sanitizers ;;
    package) parts_of web && echo npm node20 packages ;;
    bench) parts_of web && parts_of native && echo npm node20 packages chromium ;;
  esac
}

missing_of() {
  local part
  for part in $(for goal in "$@"; do parts_of "$goal"; done | tr ' ' '\n' | awk '!seen[$0]++'); do
    part_there "$part" || echo "$part"
  done
}

# fetch PART: what comes through npm.
fetch() {
  case $1 in
    node20)
      step "Fetching node $newest_node into build/tools" npm install --prefix "$tools_dir/node" --no-save --no-audit \
        --no-fund --ignore-scripts --cache "$tools_dir/npm-cache" "node-linux-$(node -p process.arch)@$newest_node"
      use_fetched_node
      ;;
    packages)
      step "Fetching the test tools with npm" npm ci --prefix "$root" --no-audit --no-fund --ignore-scripts \
        --cache "$tools_dir/npm-cache"
      ;;
  esac
}

use_fetched_node() {
  local folder
  for folder in "$tools_dir"/node/node_modules/node-linux-*/bin; do
    if [ -x "$folder/node" ]; then PATH=$folder:$PATH; fi
  done
}

# install_packages PACKAGE…: with apt, as root or through sudo; without either, says what to run and stops.
install_packages() {
  local options=(-y --no-install-recommends -o DPkg::Lock::Timeout=300) as=()
  if [ "$(id -u)" -ne 0 ]; then
    if have sudo && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; then
      as=(sudo)
    else
      die "These packages are missing and installing them needs root. Run as root, then start again:" \
        "" "  apt-get update && apt-get install --no-install-recommends -y $*" ""
    fi
  fi
  as+=(env DEBIAN_FRONTEND=noninteractive)
  step "Finishing an installation that was interrupted" "${as[@]}" dpkg --configure -a
  step "Reading the package lists" "${as[@]}" apt-get update || warn "Going on with the package lists that are there."
  say "Packages that are missing: $*"
  step "Installing them" "${as[@]}" apt-get install "${options[@]}" "$@"
}

# require GOAL…: afterwards everything that the goals need is there, or the script has ended with a message.
require() {
  local missing packages part parts
  debian=$(debian_release)
  use_fetched_node
  missing=$(missing_of "$@" | tr '\n' ' ')
  [ -n "$missing" ] || return 0

  if [ -z "$debian" ]; then
    local needs='' found=''
    for part in $(for goal in "$@"; do parts_of "$goal"; done); do
      case " $missing" in *" $part "*) ;; *) found+=" $part" ;; esac
    done
    case " $missing" in *" node20 "*) missing=${missing/node /} ;; esac
    for part in $missing; do
      case $part in
        packages | xz) ;;
        firefox | webkit) warn "Not there, its tests are skipped: $part" ;;
        fonts | subsetter) warn "Not there, going on without: $part (Inter and JetBrains Mono; hb-subset)" ;;
        clang19 | acorn) ;;  # come with an Emscripten of one's own
        sanitizers) ;;       # GCC has them, too (tools/build.sh)
        *) needs+="  $(part_need "$part")"$'\n' ;;
      esac
    done
    if [ -n "$needs" ]; then
      die "On Debian 12 and 13 this script installs what is missing. Here, please install these first:" "$needs" \
        "Found already:${found:- nothing}"
    fi
  else
    packages=$(for part in $missing; do part_package "$part"; done)
    # shellcheck disable=SC2086  # words
    [ -z "$packages" ] || install_packages $packages
  fi
  parts=()
  for part in emscripten imgui; do
    case " $missing" in *" $part "*) part_there "$part" || parts+=("$part") ;; esac
  done
  if [ ${#parts[@]} -gt 0 ] && [ -n "$debian" ]; then
    step "Fetching ${parts[*]} from Debian 13 into build/tools" "$root/tools/newer_debian.sh" "${parts[@]}"
  fi
  for part in node20 packages; do
    case " $missing" in *" $part "*) part_there "$part" || fetch "$part" ;; esac
  done
}
