#include "engine/tasks/sound_recordings.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/base/utf8.h"
#include "engine/tasks/lines.h"
#include "engine/tasks/settings.h"
#include "engine/tasks/sound_features.h"
#include "engine/tasks/verdicts.h"

namespace unroll {
namespace {

enum class HeldOut { share, first_five, speaker };

constexpr int first_numbers = 5;
constexpr size_t fewest_learned = 2;

std::string listed(const std::set<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

}  // namespace

int32_t Recordings::class_of(const NamedSound& sound) const {
  return static_cast<int32_t>(std::ranges::lower_bound(names, sound.name) - names.begin());
}

Result<Recordings> recordings_of(const Experiment& experiment) {
  auto sounds = read_named_sounds(experiment.data.text);
  if (!sounds) return in_data_text(sounds.error());
  if (sounds->empty())
    return Error{"data.text", "there are no recordings",
                 "record some, or give WAV files, one for each word said"};
  const TaskSettings settings(experiment);
  const auto way = settings.choice<HeldOut>("held_out");
  const std::string speaker = settings.text("speaker");
  Recordings all;
  std::map<std::string, size_t> counts;
  std::set<std::string> speakers, names;
  for (NamedSound& sound : *sounds) {
    speakers.insert(sound.speaker);
    names.insert(sound.name);
    const bool held = way == HeldOut::speaker      ? sound.speaker == speaker
                      : way == HeldOut::first_five ? sound.number && *sound.number < first_numbers
                                                   : is_of_share(counts[sound.name]++, experiment.data.valid);
    all.longest = std::max(all.longest, static_cast<int>(count_of_columns(sound.columns)));
    (held ? all.valid : all.train).push_back(std::move(sound));
  }
  if (way == HeldOut::speaker && !speakers.contains(speaker))
    return Error{"data.task.speaker",
                 speaker.empty() ? "nobody is named" : "nobody is called " + quotation(speaker),
                 "allowed: " + listed(speakers)};
  if (way == HeldOut::first_five && all.valid.empty())
    return Error{"data.task.held_out", "no recording has a number below 5",
                 "choose share, or name the files as in 7_jackson_3.wav"};
  if (names.size() < 2)
    return Error{"data.text", "one word alone is nothing to tell from others", "record a second one"};
  if (all.train.size() < fewest_learned)
    return Error{"data.text", std::to_string(all.train.size()) + " recordings are too few to learn from",
                 "record more, or hold out fewer"};
  all.names.assign(names.begin(), names.end());
  const double most_pace = 1 + 0.25 * settings.real("variation");
  all.longest =
      std::min(static_cast<int>(std::ceil(all.longest * most_pace)), static_cast<int>(most_sound_columns));
  return all;
}

size_t count_of_columns(std::span<const float> columns) { return columns.size() / sound_bands; }

std::vector<float> warped_sound(std::span<const float> columns, size_t count, float stretch) {
  const auto mix = [](float a, float b, float part) { return a + part * (b - a); };
  const auto last = static_cast<float>(count_of_columns(columns) - 1);
  std::vector<float> result(count * sound_bands);
  for (size_t n = 0; n < count; ++n) {
    const float at = count > 1 ? last * static_cast<float>(n) / static_cast<float>(count - 1) : 0;
    const auto before = static_cast<size_t>(at), after = std::min(before + 1, count_of_columns(columns) - 1);
    for (size_t band = 0; band < sound_bands; ++band) {
      const float from = std::min(static_cast<float>(band) * stretch, static_cast<float>(sound_bands - 1));
      const auto low = static_cast<size_t>(from), high = std::min<size_t>(low + 1, sound_bands - 1);
      const auto of = [&](size_t column) {
        const auto values = columns.subspan(column * sound_bands, sound_bands);
        return mix(values[low], values[high], from - static_cast<float>(low));
      };
      result[n * sound_bands + band] = mix(of(before), of(after), at - static_cast<float>(before));
    }
  }
  return result;
}

std::vector<float> said_again(std::span<const float> columns, float strength, Random& random) {
  if (strength <= 0) return {columns.begin(), columns.end()};
  const auto amount = [&](float most) { return strength * most * random.uniform(-1, 1); };
  const float pace = 1 + amount(0.25f), throat = 1 + amount(0.1f);
  const float wanted = std::round(static_cast<float>(count_of_columns(columns)) * pace);
  const auto count = static_cast<size_t>(std::clamp(wanted, 1.0f, static_cast<float>(most_sound_columns)));
  std::vector<float> result = warped_sound(columns, count, throat);
  const float quiet = std::ranges::min(columns), loud = std::ranges::max(columns);
  const float room = quiet + (loud - quiet) * std::min(0.25f * strength * random.uniform(), 1.0f);
  for (float& band : result)
    band = std::max(band, room) + 0.25f * strength * static_cast<float>(random.normal());
  return result;
}

void take_sound(std::span<const float> columns, Sequence& sequence) {
  sequence.length = static_cast<int>(count_of_columns(columns));
  sequence.reals = normalised_sound(columns);
  for (int t = 0; t < sequence.length; ++t)
    sequence.columns.push_back(std::to_string(static_cast<int>(std::lround(1000 * sound_column * t))) +
                               " ms");
}

std::optional<Example> sound_example(std::span<const float> columns) {
  if (columns.empty()) return std::nullopt;
  Sequence sequence;
  take_sound(columns, sequence);
  return verdicts::own_example(std::move(sequence));
}

}  // namespace unroll
