#include "engine/tasks/sound_lines.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "engine/tasks/lines.h"
#include "engine/tasks/sound_features.h"
#include "engine/tasks/sound_wav.h"

namespace unroll {
namespace {

constexpr const char* format = "a line is WORD, a tab, who says it, a tab and what is heard";
constexpr float softest = -23.2f, step = 0.4f;  // of the levels
constexpr char first = '#', last = '~', left_out = '\\';
constexpr size_t least_columns = 5;  // a tenth of a second

char level(float loudness) {
  const float steps = std::round((loudness - softest) / step);
  const char found = static_cast<char>(first + std::clamp(static_cast<int>(steps), 0, last - first - 1));
  return found < left_out ? found : static_cast<char>(found + 1);
}

bool is_level(char c) { return c >= first && c <= last && c != left_out; }

float loudness(char level) {
  return softest + step * static_cast<float>(level - first - (level > left_out ? 1 : 0));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "jackson_32": who it is, and the number behind the last _; a number alone is nobody's.
void read_source(std::string_view source, NamedSound& sound) {
  const size_t begin = source.find_last_not_of("0123456789") + 1;  // of the number, 0 where all is one
  int number = 0;
  const char* end = source.data() + source.size();
  const bool parted = begin == 0 || source[begin - 1] == '_';
  if (begin < source.size() && parted &&
      std::from_chars(source.data() + begin, end, number).ec == std::errc())
    sound.number = number;
  sound.speaker = sound.number ? source.substr(0, begin == 0 ? 0 : begin - 1) : source;
}

}  // namespace

std::string sound_text(std::span<const float> columns, size_t most) {
  std::string text;
  for (const float band : columns.first(std::min(columns.size(), most * sound_bands))) text += level(band);
  return text;
}

std::vector<float> read_sound_text(std::string_view text, size_t most) {
  std::vector<float> columns;
  for (const char c : text)
    if (is_level(c) && columns.size() < most * sound_bands) columns.push_back(loudness(c));
  columns.resize(columns.size() / sound_bands * sound_bands);
  return columns;
}

Result<std::vector<NamedSound>> read_named_sounds(std::string_view text) {
  std::vector<NamedSound> all;
  std::set<std::string> names;
  std::optional<Error> error;
  for_each_line(text, [&](std::string_view line, size_t number) {
    const auto wrong = [&](std::string what, std::string hint = format) {
      error = at_line(number, std::move(what), std::move(hint));
      return false;
    };
    const size_t tab = line.find('\t'), next = tab == line.npos ? tab : line.find('\t', tab + 1);
    if (next == line.npos) return trimmed(line).empty() || wrong("has no two tabs");
    NamedSound sound;
    sound.name = trimmed(line.substr(0, tab));
    if (sound.name.empty()) return wrong("has no word");
    if (sound.name.size() > longest_sound_name)
      return wrong("a word of " + std::to_string(sound.name.size()) + " bytes",
                   "allowed: up to " + std::to_string(longest_sound_name));
    read_source(trimmed(line.substr(tab + 1, next - tab - 1)), sound);
    sound.columns = read_sound_text(line.substr(next + 1));
    if (sound.columns.empty()) return wrong("nothing is heard");
    names.insert(sound.name);
    if (names.size() > most_sound_names)
      return wrong("one word too many", "allowed: up to " + std::to_string(most_sound_names));
    if (all.size() == most_sounds)
      return wrong("one recording too many", "allowed: up to " + std::to_string(most_sounds));
    all.push_back(std::move(sound));
    return true;
  });
  if (error) return *error;
  return all;
}

SoundName sound_name(std::string_view path) {
  const size_t slash = path.rfind('/');
  std::string_view stem = path.substr(slash == path.npos ? 0 : slash + 1);
  stem = stem.substr(0, stem.rfind('.'));
  const size_t bar = stem.find('_');
  if (slash != path.npos && slash > 0) {
    const std::string_view folders = path.substr(0, slash);
    // A set of digits may lie in a folder of its own, with everything in the name.
    const std::string_view digits = stem.substr(0, bar == stem.npos ? 0 : bar);
    if (digits.empty() || digits.size() > 2 || !std::ranges::all_of(digits, is_digit))
      return {std::string(folders.substr(folders.rfind('/') + 1)), std::string(stem)};
  }
  if (bar != stem.npos && bar > 0)
    return {std::string(stem.substr(0, bar)), std::string(stem.substr(bar + 1))};
  // "yes 3", "yes (3)", "yes3"
  const size_t end = stem.find_last_not_of("0123456789() -") + 1;
  if (end == 0 || end == stem.size()) return {std::string(stem), ""};
  std::string number;
  for (const char c : stem.substr(end))
    if (is_digit(c)) number += c;
  return {std::string(stem.substr(0, end)), number};
}

std::string sound_line(const SoundName& name, std::span<const float> columns) {
  return name.name + '\t' + name.source + '\t' + sound_text(columns);
}

Result<std::string> sound_line(std::string_view path, std::span<const uint8_t> wav) {
  const auto recording = read_wav(wav);
  if (!recording) return recording.error();
  const std::vector<float> columns = spoken_part(sound_columns(recording->samples, recording->rate));
  const size_t count = columns.size() / sound_bands;
  if (count < least_columns)
    return Error{"", "it lasts less than a tenth of a second", "record one word in each file"};
  if (count > most_sound_columns)
    return Error{"", "what is said in it lasts " + std::to_string(count / 50) + " seconds",
                 "allowed: up to 3; cut it into one file for each word"};
  SoundName name = sound_name(path);
  std::ranges::replace(name.name, '\t', ' ');
  std::ranges::replace(name.source, '\t', ' ');
  return sound_line(name, columns);
}

}  // namespace unroll
