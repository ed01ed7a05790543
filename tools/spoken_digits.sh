#!/usr/bin/env bash
# Makes examples/spoken-digits.sounds anew: the digits 0 to 9 as voices of espeak-ng and flite (Debian packages of these names) say
# them, as lines of what is heard (engine/tasks/sound_lines.h). Usage: tools/spoken_digits.sh UNROLL FILE, where UNROLL is the
# program of the command line.
set -euo pipefail
unroll=$1 file=$2
words=(zero one two three four five six seven eight nine)
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
for digit in "${!words[@]}"; do
  word=${words[$digit]}
  for voice in en-us+m1 en-us+m3 en-us+m7 en-us+f1 en-us+f2 en-gb+m2 en-gb+f3 en-gb-scotland+m4 en-gb-x-rp+f5; do
    number=0
    for pace in 140 180; do
      espeak-ng -v "$voice" -s "$pace" -p $((40 + 15 * number)) -w "$folder/${digit}_${voice#*+}_$((number++)).wav" "$word"
    done
  done
  for voice in kal16 awb rms slt; do
    number=0
    for stretch in 1.0 1.3; do
      flite -voice "$voice" --setf "duration_stretch=$stretch" -t "$word" -o "$folder/${digit}_${voice}_$((number++)).wav"
    done
  done
done
"$unroll" hear "$folder" >"$file"
