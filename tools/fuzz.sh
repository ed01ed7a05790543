#!/usr/bin/env bash
# ./run fuzz MINUTES [TARGET…]: the fuzz targets (tests/fuzz), as many side by side as there are processors, with libFuzzer
# where a clang++ has it, else with the driver of ./run test. The exit code is 0 when nothing was found.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$root/tools/build.sh"

minutes=${1:-}
[[ $minutes =~ ^[0-9]+$ && $minutes -gt 0 ]] || die "${minutes:-nothing}: how many minutes? ./run fuzz MINUTES [TARGET…]"
shift
folder=$root/build/fuzz
mkdir -p "$folder"

libfuzzer() {
  local clang
  for clang in clang++-19 clang++; do
    if echo 'extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }' |
      "$clang" -fsanitize=fuzzer,address -x c++ - -o "$folder/probe" 2>/dev/null; then
      echo "$clang"
      return
    fi
  done
  return 1
}

if clang=$(libfuzzer); then
  programs=$folder/fuzz
  is_configured "$folder" || step "Configuring the fuzz targets for libFuzzer" cmake -S "$root" -B "$folder" -G Ninja \
    -DCMAKE_CXX_COMPILER="$clang" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1" -DUNROLL_SANITIZE=ON \
    -DUNROLL_LIBFUZZER=ON -DUNROLL_FRONT_END=OFF
  step "Building the fuzz targets for libFuzzer" cmake --build "$folder" --target unroll_fuzz
else
  programs=$root/build/native-debug/fuzz
  build "Building the fuzz targets" native-debug unroll_fuzz
fi

# run_target NAME: for so many minutes; what it says is in build/fuzz/NAME.log.
run_target() {
  local name=$1 corpus=$folder/corpus/$1 dictionary=$root/tests/fuzz/${1#unroll_fuzz_}.dict
  local more=()
  [ ! -e "$dictionary" ] || more=("-dict=$dictionary")
  mkdir -p "$corpus"
  if [ "$programs" = "$folder/fuzz" ]; then
    "$programs/$name" --write-seeds "$corpus"
    "$programs/$name" -max_total_time=$((60 * minutes)) -timeout=60 -rss_limit_mb=4096 -max_len=65536 "${more[@]}" \
      -artifact_prefix="$folder/crash-$name-" "$corpus"
  else
    (cd "$folder" && "$programs/$name" --seconds $((60 * minutes)) --seed "$RANDOM")
  fi >"$folder/$name.log" 2>&1 && echo "$name: $(tail -n 1 "$folder/$name.log")" ||
    { tail -n 40 "$folder/$name.log"; echo "$name: FOUND something (build/fuzz/$name.log)"; return 1; }
}
export -f run_target
export programs folder root minutes

names=("$@")
[ ${#names[@]} -gt 0 ] || for file in "$root"/tests/fuzz/*_fuzz.cpp; do names+=("$(basename "$file" _fuzz.cpp)"); done
for name in "${names[@]}"; do
  [ -e "$root/tests/fuzz/${name}_fuzz.cpp" ] || die "$name: no such target (README.md in tests/fuzz lists them)"
done
printf '%s\n' "${names[@]/#/unroll_fuzz_}" | xargs -P "$(getconf _NPROCESSORS_ONLN)" -I{} bash -c 'run_target {}'
