#!/usr/bin/env bash
# All tests, or the stages that are named; ./run test has seen to it that everything they need is there. The last
# line is "N passed, N failed", over all stages; the exit code is 0 only when nothing failed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$root/tools/setup.sh"
. "$root/tools/build.sh"
all_stages="format types js native fuzz wasm cli page package desktop"
use_fetched_node
UNROLL_CHROMIUM=$(chromium_path) && export UNROLL_CHROMIUM
# So that a sanitizer's report names functions and ends the test.
export UBSAN_OPTIONS=print_stacktrace=1
cd "$root"

passed=0 failed=0
complaints=""  # of the stages that failed; said once more at the end, where a reader of a long log looks first

# stage TEXT COUNTER COMMAND…: runs a command and adds what COUNTER reads from its log: lines "PASSED FAILED".
stage() {
  local text=$1 counter=$2 status=0 p f sum_p=0 sum_f=0
  shift 2
  step "$text" "$@" || status=$?
  while read -r p f; do
    sum_p=$((sum_p + p)) sum_f=$((sum_f + f))
  done < <("$counter" "$(log_of "$text")" "$status")
  # A program that died cannot have counted its own death.
  if [ "$status" -ne 0 ] && [ "$sum_f" -eq 0 ]; then sum_f=1; fi
  printf '%s: %d passed, %d failed\n' "$text" "$sum_p" "$sum_f"
  [ "$sum_f" -eq 0 ] || complaints+=$(printf '\n%s:\n%s' "$text" "$(complaints_of "$(log_of "$text")")")$'\n'
  passed=$((passed + sum_p)) failed=$((failed + sum_f))
}

# built TEXT PRESET TARGET…: builds; a build that fails is a failed test.
built() {
  if build "$@"; then return 0; fi
  printf '%s: failed\n' "$1"
  failed=$((failed + 1))
  return 1
}

count_status() { if [ "$2" -eq 0 ]; then echo 1 0; else echo 0 1; fi; }
# [doctest] test cases:  17 |  16 passed | 1 failed | 0 skipped
count_doctest() {
  sed -nE 's/^\[doctest\] test cases: +[0-9]+ \| +([0-9]+) passed \| +([0-9]+) failed.*/\1 \2/p' "$1"
}
# The summary of node --test: "# pass 3" and "# fail 0".
count_node() { awk '$1 == "#" && $2 == "pass" {p += $3} $1 == "#" && $2 == "fail" {f += $3} END {print p + 0, f + 0}' "$1"; }

# What failed and why, of a log: the failed tests of node --test, doctest's errors, and what a sanitizer reports.
complaints_of() {
  awk '/^ *not ok / {said = 30} /^ *\.\.\.$/ {said = 0}
       /ERROR: |FATAL ERROR|runtime error: |Sanitizer/ {said = 6} /^TEST CASE:/ {print}
       said > 0 {print; --said}' "$1" | head -n 200
}

# As many files at a time as there are processors.
processors=$(getconf _NPROCESSORS_ONLN)
# A test that never ends fails by its name, instead of keeping all others waiting.
node_tests() { node --test --test-reporter=tap --test-concurrency="$processors" --test-timeout=1500000 "$@"; }

test_format() { stage "Formatting of the C++ sources" count_status check_format; }
check_format() {
  local program=clang-format
  ! have clang-format-19 || program=clang-format-19
  find engine web tests \( -name '*.cpp' -o -name '*.h' \) -exec "$program" --dry-run --Werror {} +
}

test_types() { stage "Types of the scripts" count_status node_modules/.bin/tsc -p tests/tsconfig.json; }

test_js() { stage "Layers and tools" count_node node_tests tests/*.test.mjs tests/tools/*.test.mjs; }

test_native() {
  built "Building the tests with sanitizers" native-debug unroll_tests || return 0
  stage "C++ tests, natively with sanitizers" count_doctest doctest_by_file build/native-debug/tests/unroll_tests
}
# doctest_by_file PROGRAM: the test cases of a few source files at a time in a process of their own, one for each
# processor; and all of them.
doctest_by_file() {
  local program=$1 logs status=0 ran all
  logs=$(mktemp -d)
  grep -rl --include='*_test.cpp' 'TEST_CASE' tests |
    xargs -P "$processors" -n 3 sh -c '
      program=$1 log=$2/$(basename "$3").log; shift 2
      "$program" --no-colors --source-file="$(printf "*/%s," $(basename -a "$@"))" >"$log" 2>&1' sh "$program" "$logs" ||
    status=1
  cat "$logs"/*.log
  ran=$(count_doctest <(cat "$logs"/*.log) | awk '{n += $1 + $2} END {print n + 0}')
  rm -r "$logs"
  all=$("$program" --no-colors --count | sed -nE 's/.*current filters: +([0-9]+).*/\1/p')
  [ "$ran" = "$all" ] || { echo "$ran of $all test cases ran" && status=1; }
  return "$status"
}

test_fuzz() {
  built "Building the fuzz targets" native-debug unroll_fuzz || return 0
  stage "Fuzzing, ten seconds a door" count_fuzz fuzz_all
}
# All targets at once: they share the processors for ten seconds.
fuzz_all() {
  local program pids=() status=0
  for program in "$root"/build/native-debug/fuzz/unroll_fuzz_*; do
    (cd "$root/build/native-debug" && "$program" --seconds 10 2>&1 || echo "$(basename "$program"): failed") &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || status=1; done
  return "$status"
}
count_fuzz() { awk '/^unroll_fuzz_.*nothing found$/ {++p} /^unroll_fuzz_.*: failed$/ {++f} END {print p + 0, f + 0}' "$1"; }

test_wasm() {
  built "Building the site and the wasm tests" web all || return 0
  stage "C++ tests in Chromium" count_doctest node tools/wasm_tests.mjs build/web/tests unroll_tests unroll_tests_relaxed
}

test_cli() {
  built "Building unroll" native unroll || return 0
  stage "Command line" count_node node_tests tests/cli/*.test.mjs
}

test_page() {
  built "Building the site" web unroll_site || return 0
  built "Building unroll" native unroll || return 0  # a network goes from the page to the command line and back
  stage "Page in Chromium" count_node node_tests tests/page/*.test.mjs
}

test_package() {
  built "Building the site" web unroll_site || return 0
  stage "Making the npm package" count_status node tools/package.mjs
  stage "npm package" count_node node_tests tests/package/*.test.mjs
}

test_desktop() {
  built "Building unroll-desktop" native unroll-desktop || return 0
  built "Building the site" web unroll_site || return 0  # an experiment goes from the page to the desktop program and back
  built "Building unroll" native unroll || return 0
  stage "Desktop program under Xvfb" count_node node_tests tests/desktop/*.test.mjs
}

for name in ${*:-$all_stages}; do
  case " $all_stages " in
    *" $name "*) ;;
    *) die "$name: unknown stage (allowed: $all_stages)" ;;
  esac
done
for name in ${*:-$all_stages}; do
  "test_$name"
done
[ -z "$complaints" ] || printf 'What failed:\n%s\n' "$complaints"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
