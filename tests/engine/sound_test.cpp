// Sound: recordings as files, their resampling, what is heard of them, and as lines of an experiment.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <tuple>

#include "engine/tasks/sound_features.h"
#include "engine/tasks/sound_lines.h"
#include "engine/tasks/sound_wav.h"
#include "tests/engine/wav_fixture.h"

namespace unroll {
namespace {

using wav::sine;
using wav::wav_file;

std::string told(const std::vector<uint8_t>& file) {
  const auto read = read_wav(file);
  return read ? std::to_string(read->samples.size()) + " at " + std::to_string(read->rate)
              : read.error().what;
}

/// The largest difference of two lists as long as each other, from the `skip`-th to the `skip`-th from the end.
double difference(const std::vector<float>& a, const std::vector<float>& b, size_t skip = 0) {
  REQUIRE(a.size() == b.size());
  double most = 0;
  for (size_t n = skip; n + skip < a.size(); ++n)
    most = std::max(most, std::abs(static_cast<double>(a[n] - b[n])));
  return most;
}

TEST_CASE("Sound: mel of 700 Hz is 781.17, of 1000 Hz 999.99") {
  CHECK(mel(700) == doctest::Approx(781.17).epsilon(1e-5));
  CHECK(mel(1000) == doctest::Approx(999.99).epsilon(1e-5));
  CHECK(mel(0) == 0);
}

TEST_CASE("Sound: one second has 98 windows at any rate, and 49 columns") {
  for (const int rate : {8000, 11025, 16000, 44100, 48000, 96000}) {
    const std::vector<float> second(static_cast<size_t>(rate), 0.1f);
    CHECK(log_mel(resampled_sound(second, rate)).size() == size_t{98} * sound_bands);
    CHECK(sound_columns(second, rate).size() == size_t{49} * sound_bands);
  }
  for (const int rate : {4001, 12345, 44101, 191'999}) {  // no common ones
    const size_t count =
        sound_columns(std::vector<float>(static_cast<size_t>(rate), 0.1f), rate).size() / sound_bands;
    CHECK(count >= 48);
    CHECK(count <= 50);
  }
  CHECK(log_mel(std::vector<double>(199)).empty());
  CHECK(log_mel(std::vector<double>(200)).size() == sound_bands);
}

TEST_CASE("Sound: a sine is loudest in the band of its pitch") {
  for (const double hertz : {300.0, 1000.0, 2500.0}) {
    const std::vector<float> columns = sound_columns(sine(hertz, 16000, 0.5), 16000);
    const auto column = std::span(columns).subspan(10 * sound_bands, sound_bands);
    const auto loudest = std::ranges::max_element(column) - column.begin();
    const double step = mel(sound_rate / 2.0) / (sound_bands + 1);
    CHECK(std::abs(mel(hertz) / step - static_cast<double>(loudest + 1)) <= 0.6);
  }
}

TEST_CASE("Sound: one sine from a microphone at 48 kHz and from a file at 8 kHz is heard alike, to 1e-2") {
  for (const double hertz : {200.0, 440.0, 1000.0, 2500.0}) {
    CAPTURE(hertz);
    const std::vector<float> of_file = sound_columns(sine(hertz, 8000, 1), 8000);
    for (const int rate : {16000, 22050, 44100, 48000})
      CHECK(difference(sound_columns(sine(hertz, rate, 1), rate), of_file, size_t{2} * sound_bands) <= 1e-2);
  }
}

TEST_CASE("Sound: what is above half the rate does not come back as something lower") {
  const std::vector<double> folded = resampled_sound(sine(5500, 48000, 0.5), 48000);
  double most = 0;
  for (size_t n = 400; n + 400 < folded.size(); ++n) most = std::max(most, std::abs(folded[n]));
  CHECK(most < 1e-5);
}

TEST_CASE("Sound: silence and what never changes give numbers, and nothing is said in them") {
  for (const float value : {0.0f, 0.5f}) {
    const std::vector<float> columns = sound_columns(std::vector<float>(16000, value), 16000);
    for (const float heard : normalised_sound(spoken_part(columns))) CHECK(std::isfinite(heard));
  }
  const std::vector<float> silence = sound_columns(std::vector<float>(16000), 16000);
  CHECK(std::ranges::all_of(silence, [](float heard) { return heard == std::log(1e-10f); }));
  CHECK(std::ranges::all_of(normalised_sound(silence), [](float heard) { return heard == 0; }));
  CHECK(sound_columns({}, 16000).empty());
  CHECK(spoken_part({}).empty());
  CHECK(normalised_sound({}).empty());
}

TEST_CASE("Sound: normalised, each band has mean 0, and the whole variance 1, whatever the loudness") {
  std::vector<float> samples = sine(440, 16000, 0.5);
  for (size_t n = 0; n < samples.size(); ++n)
    samples[n] *=
        0.2f + 0.5f * static_cast<float>(n % 1600) / 1600 + 1e-3f * static_cast<float>(n * 7919 % 101);
  const std::vector<float> heard = normalised_sound(sound_columns(samples, 16000));
  const size_t count = heard.size() / sound_bands;
  double square = 0;
  for (size_t band = 0; band < sound_bands; ++band) {
    double mean = 0;
    for (size_t n = 0; n < count; ++n) {
      const auto value = static_cast<double>(heard[n * sound_bands + band]);
      mean += value / static_cast<double>(count);
      square += value * value / static_cast<double>(heard.size());
    }
    CHECK(std::abs(mean) < 1e-5);
  }
  CHECK(square == doctest::Approx(1).epsilon(1e-4));
  for (float& sample : samples) sample *= 0.1f;
  CHECK(difference(normalised_sound(sound_columns(samples, 16000)), heard) < 1e-3);
}

TEST_CASE(
    "Sound: the silence around a word is left out, but for a little; a word without silence stays whole") {
  std::vector<float> samples(16000);
  const std::vector<float> word = sine(600, 16000, 0.4);
  std::ranges::copy(word, samples.begin() + 4800);  // 0.3 s to 0.7 s
  for (size_t n = 0; n < samples.size(); ++n) samples[n] += 1e-3f * static_cast<float>(n * 7919 % 101) / 101;
  const std::vector<float> columns = sound_columns(samples, 16000), part = spoken_part(columns);
  CHECK(part.size() / sound_bands >= 20);
  CHECK(part.size() / sound_bands <= 30);
  const std::vector<float> alone = sound_columns(word, 16000);
  CHECK(spoken_part(alone) == alone);
}

TEST_CASE("Sound: where it is quiet for long enough between two words they are parted, else they are one") {
  std::vector<float> samples;
  for (const double pause : {0.3, 0.06, 0.2, 0.3}) {
    const std::vector<float> word = sine(600, 8000, 0.2);
    samples.resize(samples.size() + static_cast<size_t>(pause * 8000));
    samples.insert(samples.end(), word.begin(), word.end());
  }
  samples.resize(samples.size() + 2400);
  for (size_t n = 0; n < samples.size(); ++n) samples[n] += 1e-3f * static_cast<float>(n * 7919 % 101) / 101;
  const std::vector<float> columns = sound_columns(samples, 8000);
  const auto parts = spoken_parts(columns, 6);
  REQUIRE(parts.size() == 3);
  CHECK(parts[0].size() / sound_bands >= 26);  // .46 s and a little around it
  CHECK(parts[0].size() / sound_bands <= 32);
  CHECK(std::abs(std::ssize(parts[1]) - std::ssize(parts[2])) <= 2 * sound_bands);
  CHECK(spoken_parts(columns, 100) == std::vector<std::vector<float>>{spoken_part(columns)});
  const std::vector<float> alone = sound_columns(sine(600, 8000, 0.2), 8000);
  CHECK(spoken_parts(alone, 6) == std::vector<std::vector<float>>{alone});
  CHECK(spoken_parts({}, 6).empty());
}

TEST_CASE("Sound: every way to write samples gives the same sound") {
  const std::vector<float> samples = sine(440, 8000, 0.1);
  for (const auto& [bits, floats, steps] : {std::tuple<int, bool, double>{8, false, 128.0},
                                            {16, false, 32768.0},
                                            {24, false, 8388608.0},
                                            {32, false, 2e9},
                                            {32, true, 1e9},
                                            {64, true, 1e9}})
    for (const int channels : {1, 2}) {
      CAPTURE(bits);
      const auto read =
          read_wav(wav_file(samples, {.rate = 8000, .bits = bits, .floats = floats, .channels = channels}));
      REQUIRE(read);
      CHECK(read->rate == 8000);
      CHECK(difference(read->samples, samples) <= 1.01 / steps + 1e-7);
    }
  const auto extended = read_wav(wav_file(samples, {.rate = 44100, .extensible = true}));
  REQUIRE(extended);
  CHECK(extended->rate == 44100);
  CHECK(read_wav(wav_file(samples, {.before = true}))->samples.size() == samples.size());
}

TEST_CASE("Sound: what is no WAV file, or cannot be read, is told") {
  const std::vector<float> samples = sine(440, 8000, 0.1);
  CHECK(told({}) == "is no WAV file");
  CHECK(told({'R', 'I', 'F', 'F', 0, 0, 0, 0, 'A', 'V', 'I', ' '}) == "is no WAV file");
  CHECK(told(wav_file(samples, {})) == "800 at 8000");
  CHECK(told(wav_file({}, {})) == "it holds no sound");
  CHECK(told(wav_file(samples, {.bits = 12})) == "its samples have 12 bits");
  CHECK(told(wav_file(samples, {.kind = 7})) == "its samples are packed (format 7)");
  CHECK(told(wav_file(samples, {.rate = 1000})) == "it has 1000 samples a second");
  CHECK(told(wav_file(std::vector<float>(61 * 4000), {.rate = 4000})) == "it lasts 61 seconds");
  std::vector<float> broken = samples;
  broken[2] = NAN;
  CHECK(told(wav_file(broken, {.bits = 32, .floats = true})) == "sample 3 is no number");
  std::vector<uint8_t> file = wav_file(samples, {});
  file.resize(file.size() - 100);
  CHECK(told(file) == "is cut off: 1500 bytes are there of 1600");
  std::memset(file.data() + 40, 0xFF, 4);  // as a program writes it that does not know the end
  CHECK(told(file) == "750 at 8000");
  for (size_t size = 0; size < 44; ++size) {
    file.resize(size);
    CHECK_FALSE(read_wav(file));
  }
}

TEST_CASE("Sound: columns as characters and back, to half a step of 0.4") {
  const std::vector<float> columns = sound_columns(sine(700, 16000, 0.5), 16000);
  const std::string text = sound_text(columns);
  CHECK(text.size() == columns.size());
  CHECK(text.find_first_of("\\\"\t\n ") == text.npos);
  CHECK(difference(read_sound_text(text), columns) <= 0.201);
  CHECK(sound_text(read_sound_text(text)) == text);
  CHECK(read_sound_text(text.substr(0, 60)).size() == 2 * sound_bands);
  CHECK(read_sound_text("\x01 \xff").empty());
  CHECK(sound_text(std::vector<float>(200 * sound_bands)).size() == most_sound_columns * sound_bands);
}

TEST_CASE("Sound: names of files say the word and who says it") {
  const auto told = [](const char* path) {
    const SoundName name = sound_name(path);
    return name.name + "|" + name.source;
  };
  CHECK(told("7_jackson_32.wav") == "7|jackson_32");
  CHECK(told("recordings/7_jackson_32.wav") == "7|jackson_32");
  CHECK(told("yes/0a7c2a8d_nohash_0.wav") == "yes|0a7c2a8d_nohash_0");
  CHECK(told("words/yes/jackson_3.WAV") == "yes|jackson_3");
  CHECK(told("yes.wav") == "yes|");
  CHECK(told("yes 3.wav") == "yes|3");
  CHECK(told("yes (12).wav") == "yes|12");
  CHECK(told("yes4.wav") == "yes|4");
  CHECK(told("yes_4.wav") == "yes|4");
  CHECK(told("7.wav") == "7|");
}

TEST_CASE("Sound: recordings are read line by line, and what is wrong is told with its line") {
  const std::string heard(2 * sound_bands, 'a');
  const auto told = [](const std::string& text) {
    const auto all = read_named_sounds(text);
    return all ? std::to_string(all->size()) : all.error().where + ": " + all.error().what;
  };
  CHECK(told("") == "0");
  CHECK(told("yes\tme_1\t" + heard + "\r\n\nno\t\t" + heard) == "2");
  CHECK(told("yes\t\t" + heard + "\nno\t" + heard) == "line 2: has no two tabs");
  CHECK(told("\t\t" + heard) == "line 1: has no word");
  CHECK(told(std::string(25, 'x') + "\t\t" + heard) == "line 1: a word of 25 bytes");
  CHECK(told("yes\tme\taaa") == "line 1: nothing is heard");
  const auto one = [&](const std::string& source) {
    const auto all = read_named_sounds("yes\t" + source + "\t" + heard);
    REQUIRE(all);
    const NamedSound& sound = all->front();
    return sound.speaker + "|" + (sound.number ? std::to_string(*sound.number) : "");
  };
  CHECK(one("jackson_32") == "jackson|32");
  CHECK(one("jackson") == "jackson|");
  CHECK(one("r2d2") == "r2d2|");
  CHECK(one("7") == "|7");
  CHECK(one("") == "|");
}

TEST_CASE("Sound: a file becomes a line, and one that holds no word is told") {
  const auto line = sound_line("7_jackson_32.wav", wav_file(sine(500, 8000, 0.5), {}));
  REQUIRE(line);
  CHECK(line->starts_with("7\tjackson_32\t"));
  CHECK(read_named_sounds(*line)->front().columns.size() == size_t{24} * sound_bands);
  const auto what = [](const std::vector<float>& samples) {
    const auto refused = sound_line("x.wav", wav_file(samples, {}));
    REQUIRE(!refused);
    return refused.error().what;
  };
  CHECK(what(sine(500, 8000, 0.05)) == "it lasts less than a tenth of a second");
  CHECK(what(sine(500, 8000, 4)) == "what is said in it lasts 3 seconds");
}

}  // namespace
}  // namespace unroll
