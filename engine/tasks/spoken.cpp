// Words as somebody says them, heard column by column: which one is it? After each column a verdict; what counts is the last one.
// The words and their recordings are the data (sound_lines.h); of these a share is held out, or the first five of each speaker,
// or one speaker whole.
#include <algorithm>
#include <map>

#include "engine/tasks/settings.h"
#include "engine/tasks/sound_features.h"
#include "engine/tasks/sound_nearest.h"
#include "engine/tasks/sound_recordings.h"
#include "engine/tasks/spoken_start.h"
#include "engine/tasks/verdicts.h"

namespace unroll {
namespace {

constexpr TaskField spoken_fields[] = {held_out_field, speaker_field, variation_field};
constexpr size_t most_asked = 300;  // of what is held out, that nearest neighbours are asked

class Spoken final : public SequenceTask {
 public:
  Spoken(const Experiment& experiment, Recordings all)
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
    take_sound(said_again(sound.columns, strength_, random), sequence);
    verdicts::set_class(sequence, all_.class_of(sound));
  }

  /// Where none is held out, one that is learned: to be looked at.
  Sequence held_out(int64_t index) const override {
    const auto& from = all_.valid.empty() ? all_.train : all_.valid;
    const NamedSound& sound = from[static_cast<size_t>(static_cast<uint64_t>(index) % from.size())];
    Sequence sequence;
    take_sound(sound.columns, sequence);
    verdicts::set_class(sequence, all_.class_of(sound));
    return sequence;
  }

  std::optional<Example> own_example(std::string_view text) const override {
    return sound_example(read_sound_text(text));
  }

  void judge(const Sequence& sequence, std::span<const float> outputs, Tally& tally) const override {
    verdicts::judge(sequence, outputs, static_cast<int>(all_.names.size()), tally);
  }

  std::vector<Baseline> baselines() const override {
    if (all_.valid.empty()) return {};
    std::map<int32_t, int64_t> counts;
    for (const NamedSound& sound : all_.train) ++counts[all_.class_of(sound)];
    const int32_t frequent =
        std::ranges::max_element(counts, {}, &std::pair<const int32_t, int64_t>::second)->first;
    const NearestSounds nearest(all_);
    const size_t asked = std::min(all_.valid.size(), most_asked);  // spread evenly over them
    double by_columns = 0, by_warping = 0, by_count = 0;
    for (size_t n = 0; n < asked; ++n) {
      const NamedSound& sound = all_.valid[n * all_.valid.size() / asked];
      by_columns += nearest.by_columns(sound.columns) == all_.class_of(sound) ? 1 : 0;
      by_warping += nearest.by_warping(sound.columns) == all_.class_of(sound) ? 1 : 0;
    }
    for (const NamedSound& sound : all_.valid) by_count += all_.class_of(sound) == frequent ? 1 : 0;
    const auto asked_all = static_cast<double>(asked);
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
  Recordings all_;
  float strength_;
};

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
    .looks = {.column = "moment",
              .prediction = "word",
              .own_data = own_recordings,
              .own_sequence = "a recording: its columns as characters",
              .heard = true},
    .start = UNROLL_YES_AND_NO("spoken",
                               R"("train": {"batch": 16, "rate": 0.004},
      "lanes": [{"cell": "rnn", "hidden": 64, "rate": 0.001}, {"cell": "gru", "hidden": 64}])")};

Result<std::shared_ptr<const Task>> create_spoken(const Experiment& experiment, const Json&) {
  auto all = recordings_of(experiment);
  if (!all) return all.error();
  return std::shared_ptr<const Task>(std::make_shared<const Spoken>(experiment, std::move(*all)));
}

}  // namespace unroll
