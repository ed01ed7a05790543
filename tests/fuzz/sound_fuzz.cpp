// Recordings: WAV files (sound_wav.h), and lines of what was heard (sound_lines.h): any bytes are read or told.
#include <algorithm>
#include <cmath>

#include "engine/tasks/sound_features.h"
#include "engine/tasks/sound_lines.h"
#include "engine/tasks/sound_wav.h"
#include "tests/engine/wav_fixture.h"
#include "tests/fuzz/fuzz.h"

namespace unroll::fuzz {

std::vector<std::string> seeds() {
  std::vector<std::string> all = {"yes\tme_1\t" + std::string(52, 'a') + "\nno\t\t" + std::string(60, 'Z')};
  for (const wav::Form& form : {wav::Form{}, wav::Form{.rate = 44100, .bits = 24, .channels = 2},
                                wav::Form{.rate = 11025, .bits = 32, .floats = true, .before = true},
                                wav::Form{.rate = 48000, .bits = 8, .extensible = true}}) {
    const std::vector<uint8_t> file = wav_file(wav::sine(500, form.rate, 0.12), form);
    all.emplace_back(file.begin(), file.end());
  }
  return all;
}

void try_input(std::string_view bytes) {
  const std::span file(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  const auto line = sound_line("word.wav", file);
  if (line) {
    const auto sounds = read_named_sounds(*line);
    require(sounds && sounds->size() == 1 && sounds->front().name == "word");
  } else {
    require_told(line.error().text());
  }
  const auto sounds = read_named_sounds(bytes);
  if (!sounds) return require_told(sounds.error().text());
  for (const NamedSound& sound : *sounds) {
    const std::vector<float> heard = normalised_sound(spoken_part(sound.columns));
    require(!heard.empty() && heard.size() % sound_bands == 0 &&
            heard.size() <= most_sound_columns * sound_bands);
    require(std::ranges::all_of(heard, [](float band) { return std::isfinite(band); }));
  }
}

}  // namespace unroll::fuzz
