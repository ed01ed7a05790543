// Words as somebody says them, heard column by column: which one is it? After each column a verdict; what counts is the last one.
// The words and their recordings are the data (sound_lines.h); of these a share is held out, or the first five of each speaker,
// or one speaker whole.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/base/utf8.h"
#include "engine/tasks/lines.h"
#include "engine/tasks/settings.h"
#include "engine/tasks/sound_features.h"
#include "engine/tasks/sound_lines.h"
#include "engine/tasks/spoken_start.h"
#include "engine/tasks/verdicts.h"

namespace unroll {
namespace {

constexpr const char* held_out_words[] = {"share", "first_five", "speaker"};
constexpr const char* held_out_notes[] = {
    "that share of each word's recordings",
    "those with the numbers 0 to 4: the Free Spoken Digit Dataset's own test", "all that one speaker says"};
constexpr const char* by_speaker[] = {"speaker"};
enum class HeldOut { share, first_five, speaker };

constexpr TaskField spoken_fields[] = {
    {.name = "held_out",
     .type = TaskFieldType::choice,
     .minimum = 0,
     .maximum = 2,
     .initial = 0,
     .words = held_out_words,
     .help = "which recordings the lanes are tested on",
     .notes = held_out_notes},
    {.name = "speaker",
     .type = TaskFieldType::text,
     .minimum = 0,
     .maximum = longest_sound_name,
     .initial = 0,
     .words = {},
     .help = "who is held out: a name as the recordings have it",
     .use = {"held_out", by_speaker}},
    {.name = "variation",
     .type = TaskFieldType::real,
     .minimum = 0,
     .maximum = 2,
     .initial = 1,
     .words = {},
     .help = "how much recordings are said faster or slower, higher or lower, and in "
             "a noisier room while training; 0: as they are"}};

constexpr int first_numbers = 5;
constexpr size_t fewest_learned = 2;
constexpr size_t known_sounds = 300;     // that nearest neighbours know
constexpr size_t most_asked = 300;       // of what is held out, that they are asked
constexpr size_t compared_columns = 20;  // of a recording, by these
constexpr size_t most_warped = 4;        // columns by which one may be ahead of the other

size_t count_of(std::span<const float> columns) { return columns.size() / sound_bands; }

/// `count` columns at equal distances, what lies between two is mixed; likewise the bands, from `stretch` times as high.
std::vector<float> warped(std::span<const float> columns, size_t count, float stretch = 1) {
  const auto mix = [](float a, float b, float part) { return a + part * (b - a); };
  const auto last = static_cast<float>(count_of(columns) - 1);
  std::vector<float> result(count * sound_bands);
  for (size_t n = 0; n < count; ++n) {
    const float at = count > 1 ? last * static_cast<float>(n) / static_cast<float>(count - 1) : 0;
    const auto before = static_cast<size_t>(at), after = std::min(before + 1, count_of(columns) - 1);
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

/// Said faster or slower, with a shorter or longer throat (Jaitly & Hinton 2013), in a room that is not quiet.
std::vector<float> said_again(std::span<const float> columns, float strength, Random& random) {
  const auto amount = [&](float most) { return strength * most * random.uniform(-1, 1); };
  const float pace = 1 + amount(0.25f), throat = 1 + amount(0.1f);
  const float wanted = std::round(static_cast<float>(count_of(columns)) * pace);
  const auto count = static_cast<size_t>(std::clamp(wanted, 1.0f, static_cast<float>(most_sound_columns)));
  std::vector<float> result = warped(columns, count, throat);
  const float quiet = std::ranges::min(columns), loud = std::ranges::max(columns);
  const float room = quiet + (loud - quiet) * std::min(0.25f * strength * random.uniform(), 1.0f);
  for (float& band : result)
    band = std::max(band, room) + 0.25f * strength * static_cast<float>(random.normal());
  return result;
}

double distance(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (size_t n = 0; n < a.size(); ++n) {
    const double away = static_cast<double>(a[n]) - static_cast<double>(b[n]);
    sum += away * away;
  }
  return sum;
}

/// The recordings, apart by whether they are held out.
struct Read {
  std::vector<NamedSound> train, valid;
  std::vector<std::string> names;  ///< in the order of the alphabet
  int longest = 1;                 ///< columns
};

class Spoken final : public SequenceTask {
 public:
  Spoken(const Experiment& experiment, Read all)
      : SequenceTask(experiment, all.longest, std::ssize(all.valid)),
        all_(std::move(all)),
        strength_(static_cast<float>(TaskSettings(experiment).real("variation"))) {}

  const TaskKind& kind() const override { return spoken_kind; }
  TaskShape shape() const override {
    return {.inputs = sound_bands, .reals = true, .outputs = static_cast<int>(all_.names.size())};
  }
  std::vector<std::string> input_names() const override { return {}; }
  std::vector<std::string> output_names() const override { return all_.names; }
  Measure measure() const override {
    return {.name = "recordings right", .higher_is_better = true, .unit = "%"};
  }

  void draw(Random& random, Sequence& sequence) const override {
    const NamedSound& sound = all_.train[random.below(static_cast<uint32_t>(all_.train.size()))];
    read(strength_ > 0 ? said_again(sound.columns, strength_, random) : sound.columns, sequence);
    verdicts::set_class(sequence, class_of(sound));
  }

  /// Where none is held out, one that is learned: to be looked at.
  Sequence held_out(int64_t index) const override {
    const auto& from = all_.valid.empty() ? all_.train : all_.valid;
    const NamedSound& sound = from[static_cast<size_t>(static_cast<uint64_t>(index) % from.size())];
    Sequence sequence;
    read(sound.columns, sequence);
    verdicts::set_class(sequence, class_of(sound));
    return sequence;
  }

  std::optional<Example> own_example(std::string_view text) const override {
    const std::vector<float> columns = read_sound_text(text);
    if (columns.empty()) return std::nullopt;
    Sequence sequence;
    read(columns, sequence);
    return verdicts::own_example(std::move(sequence));
  }

  void judge(const Sequence& sequence, std::span<const float> outputs, Tally& tally) const override {
    verdicts::judge(sequence, outputs, static_cast<int>(all_.names.size()), tally);
  }

  std::vector<Baseline> baselines() const override {
    if (all_.valid.empty()) return {};
    std::map<int32_t, int64_t> counts;
    for (const NamedSound& sound : all_.train) ++counts[class_of(sound)];
    const int32_t frequent =
        std::ranges::max_element(counts, {}, &std::pair<const int32_t, int64_t>::second)->first;
    const auto known = compared(all_.train, known_sounds), asked = compared(all_.valid, most_asked);
    double by_columns = 0, by_warping = 0, by_count = 0;
    for (const auto& [columns, right] : asked) {
      const auto straight = [&](const std::vector<float>& other) { return distance(columns, other); };
      const auto warping = [&](const std::vector<float>& other) {
        const auto column = [](const std::vector<float>& of, size_t n) {
          return std::span(of).subspan(n * sound_bands, sound_bands);
        };
        return verdicts::warped_distance(compared_columns, most_warped, [&](size_t i, size_t j) {
          return distance(column(columns, i), column(other, j));
        });
      };
      by_columns += verdicts::nearest(known, straight) == right ? 1 : 0;
      by_warping += verdicts::nearest(known, warping) == right ? 1 : 0;
    }
    for (const NamedSound& sound : all_.valid) by_count += class_of(sound) == frequent ? 1 : 0;
    const double asked_all = static_cast<double>(asked.size());
    return {
        {.name = "most frequent",
         .value = by_count / static_cast<double>(all_.valid.size()),
         .about = "always says the word that comes most often"},
        {.name = "nearest neighbour",
         .value = by_columns / asked_all,
         .about =
             "of up to 300 training recordings the one whose 20 columns, equally far apart, lie nearest"},
        {.name = "DTW",
         .value = by_warping / asked_all,
         .about = "the same where one may be up to four columns ahead of the other (dynamic time warping)"}};
  }

 private:
  int32_t class_of(const NamedSound& sound) const {
    return static_cast<int32_t>(std::ranges::lower_bound(all_.names, sound.name) - all_.names.begin());
  }

  /// All but what is right.
  static void read(std::span<const float> columns, Sequence& sequence) {
    sequence.length = static_cast<int>(count_of(columns));
    sequence.reals = normalised_sound(columns);
    for (int t = 0; t < sequence.length; ++t)
      sequence.columns.push_back(std::to_string(static_cast<int>(std::lround(1000 * sound_column * t))) +
                                 " ms");
  }

  /// Spread evenly over them, at most so many, as they are compared.
  std::vector<std::pair<std::vector<float>, int32_t>> compared(const std::vector<NamedSound>& sounds,
                                                               size_t most) const {
    std::vector<std::pair<std::vector<float>, int32_t>> result;
    const size_t count = std::min(sounds.size(), most);
    for (size_t n = 0; n < count; ++n) {
      const NamedSound& sound = sounds[n * sounds.size() / count];
      result.emplace_back(warped(normalised_sound(sound.columns), compared_columns), class_of(sound));
    }
    return result;
  }

  Read all_;
  float strength_;
};

std::string listed(const std::set<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

Result<Read> read(const Experiment& experiment) {
  auto sounds = read_named_sounds(experiment.data.text);
  if (!sounds) return in_data_text(sounds.error());
  if (sounds->empty())
    return Error{"data.text", "there are no recordings",
                 "record some, or give WAV files, one for each word said"};
  const TaskSettings settings(experiment);
  const auto way = settings.choice<HeldOut>("held_out");
  const std::string speaker = settings.text("speaker");
  Read all;
  std::map<std::string, size_t> counts;
  std::set<std::string> speakers, names;
  for (NamedSound& sound : *sounds) {
    speakers.insert(sound.speaker);
    names.insert(sound.name);
    const bool held = way == HeldOut::speaker      ? sound.speaker == speaker
                      : way == HeldOut::first_five ? sound.number && *sound.number < first_numbers
                                                   : is_of_share(counts[sound.name]++, experiment.data.valid);
    all.longest = std::max(all.longest, static_cast<int>(count_of(sound.columns)));
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

}  // namespace

const TaskKind spoken_kind = {
    .name = "spoken",
    .title = "Spoken words",
    .family = "Sound",
    .about =
        "A word as somebody says it, heard 20 milliseconds at a time: which one is it? Record a few words of "
        "your own, "
        "five times each, and it knows them.",
    .source = "",
    .fields = spoken_fields,
    .looks =
        {.column = "moment",
         .prediction = "word",
         .own_data =
             "WAV files, a word each: 7_jackson_32.wav is 7, said by jackson; or folders named by the word",
         .own_sequence = "a recording: its columns as characters",
         .heard = true},
    .start = spoken_start};

Result<std::shared_ptr<const Task>> create_spoken(const Experiment& experiment, const Json&) {
  auto all = read(experiment);
  if (!all) return all.error();
  return std::shared_ptr<const Task>(std::make_shared<const Spoken>(experiment, std::move(*all)));
}

}  // namespace unroll
