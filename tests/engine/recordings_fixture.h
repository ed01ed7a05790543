// What the tests of the tasks share that learn from recordings: made-up ones, and an experiment with them.
#pragma once

#include <string>
#include <vector>

#include "engine/tasks/sound_features.h"
#include "engine/tasks/sound_lines.h"
#include "tests/engine/puzzle_fixture.h"
#include "tests/engine/wav_fixture.h"

namespace unroll::puzzle {

constexpr double share = 0, first_five = 1, by_speaker = 2;  // of the field held_out

/// Two words, as sounds that rise and that fall, by two speakers who differ in pitch, six times each.
inline std::string recordings() {
  std::string lines;
  for (const bool rises : {true, false})
    for (const bool high : {true, false})
      for (int number = 0; number < 6; ++number) {
        std::vector<float> samples;
        for (const double part : {0.0, 1.0}) {
          const double from = (rises ? part : 1 - part) * 600 + (high ? 500 : 300) + 10 * number;
          const std::vector<float> tone = wav::sine(from, sound_rate, 0.15);
          samples.insert(samples.end(), tone.begin(), tone.end());
        }
        lines += sound_line({rises ? "up" : "down", (high ? "ann_" : "bob_") + std::to_string(number)},
                            sound_columns(samples, sound_rate)) +
                 "\n";
      }
  return lines;
}

inline Experiment with_recordings(const char* task, const std::string& text, const Fields& fields = {},
                                  const std::string& speaker = "", uint64_t seed = 1) {
  Experiment result = experiment(task, fields, seed);
  result.data.text = text;
  result.data.valid = 0.34;
  if (!speaker.empty()) REQUIRE(set_task_field(result, "speaker", speaker));
  return result;
}

inline Puzzle make(const Experiment& experiment) {
  auto made = create_task(experiment);
  REQUIRE_MESSAGE(made, (made ? "" : made.error().text()));
  return {*made};
}

}  // namespace unroll::puzzle
