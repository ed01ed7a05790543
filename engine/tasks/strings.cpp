// Several words as somebody says them one after the other, heard column by column: which are these? Nobody says where one ends and
// the next begins; the network finds that out by connectionist temporal classification (engine/base/ctc.h). Recordings of single
// words, all of one speaker, are joined with pauses (sound_strings.h), anew for each string; those that are held out are in no
// string of training.
#include <algorithm>
#include <map>

#include "engine/tasks/label_strings.h"
#include "engine/tasks/settings.h"
#include "engine/tasks/sound_nearest.h"
#include "engine/tasks/sound_recordings.h"
#include "engine/tasks/sound_strings.h"
#include "engine/tasks/spoken_start.h"

namespace unroll {
namespace {

constexpr int fewest_held_out = 3;  // words of a string
constexpr TaskField strings_fields[] = {
    {.name = "words",
     .type = TaskFieldType::integer,
     .minimum = fewest_held_out,
     .maximum = 8,
     .initial = 6,
     .words = {},
     .help =
         "the most words of a string; in training each number from 1 is as likely, in those that are held "
         "out from 3"},
    held_out_field,
    speaker_field,
    variation_field};

constexpr const char* blank_name = "–";
constexpr int64_t strings_held_out = 200;
constexpr size_t longest_pause = 20, longest_end = 3;  // columns between two words, and around them all
constexpr int64_t most_asked = 100;                    // strings that the nearest recordings are asked
constexpr size_t cutting_pause = 5;                    // columns of quiet that part two words for them

/// Recordings by who says them.
using Voices = std::vector<std::vector<const NamedSound*>>;
Voices voices_of(const std::vector<NamedSound>& sounds) {
  std::map<std::string_view, std::vector<const NamedSound*>> by_name;
  for (const NamedSound& sound : sounds) by_name[sound.speaker].push_back(&sound);
  Voices voices;
  for (auto& [name, all] : by_name) voices.push_back(std::move(all));
  return voices;
}

int longest_of(const Experiment& experiment, const Recordings& all) {
  const auto words = static_cast<size_t>(TaskSettings(experiment).whole("words"));
  const size_t columns = words * (static_cast<size_t>(all.longest) + longest_pause) + 2 * longest_end;
  return static_cast<int>(std::min(columns, most_string_columns));
}

class Strings final : public SequenceTask {
 public:
  Strings(const Experiment& experiment, Recordings all)
      : SequenceTask(experiment, longest_of(experiment, all), all.valid.empty() ? 0 : strings_held_out),
        all_(std::move(all)),
        names_{blank_name},
        train_(voices_of(all_.train)),
        valid_(voices_of(all_.valid)),
        words_(static_cast<uint32_t>(TaskSettings(experiment).whole("words"))),
        strength_(static_cast<float>(TaskSettings(experiment).real("variation"))) {
    names_.insert(names_.end(), all_.names.begin(), all_.names.end());
  }

  const TaskKind& kind() const override { return strings_kind; }
  TaskShape shape() const override {
    return {
        .inputs = sound_bands, .reals = true, .outputs = static_cast<int>(names_.size()), .head = Head::ctc};
  }
  std::vector<std::string> input_names() const override { return {}; }
  std::vector<std::string> output_names() const override { return names_; }
  Measure measure() const override { return {.name = "word error", .higher_is_better = false, .unit = "%"}; }

  void draw(Random& random, Sequence& sequence) const override {
    take_sound(say(train_, 1 + random.below(words_), strength_, random, sequence), sequence);
    mark_end(sequence);
  }

  using SequenceTask::held_out;
  void draw_held_out(Random& random, Sequence& sequence) const override {
    take_sound(say_held_out(random, sequence), sequence);
    mark_end(sequence);
  }

  std::optional<Example> own_example(std::string_view text) const override {
    return sound_example(read_sound_text(text, most_string_columns));
  }

  void judge(const Sequence& sequence, std::span<const float> outputs, Tally& tally) const override {
    label_strings::judge(sequence, outputs, names_.size(), "strings", tally);
  }
  void complete(Score& score) const override { label_strings::complete(score); }

  std::vector<Baseline> baselines() const override {
    if (held_out() == 0) return {};
    const NearestSounds nearest(all_);
    double by_columns = 0, by_warping = 0, words = 0;
    for (int64_t index = 0; index < std::min(held_out(), most_asked); ++index) {
      Sequence sequence;
      Random random = held_out_random(index);
      const std::vector<float> said = say_held_out(random, sequence);
      std::vector<int32_t> columns, warping;
      for (const std::vector<float>& word : spoken_parts(said, cutting_pause)) {
        columns.push_back(nearest.by_columns(word) + 1);
        warping.push_back(nearest.by_warping(word) + 1);
      }
      by_columns += edit_distance(columns, sequence.classes);
      by_warping += edit_distance(warping, sequence.classes);
      words += static_cast<double>(sequence.classes.size());
    }
    return {{.name = "says nothing", .value = 1, .about = "the string of blanks: every word is missing"},
            {.name = "nearest neighbour",
             .value = by_columns / words,
             .about = "cut where it is quiet for a tenth of a second; each piece is that of 300 training "
                      "recordings whose 20 columns lie nearest"},
            {.name = "DTW",
             .value = by_warping / words,
             .about = "the same where one may be up to four columns ahead of the other (dynamic time "
                      "warping)"}};
  }

 private:
  /// One voice says some of its words; a string that would be too long ends before. Gives what is heard; into the sequence come
  /// which words these are, and where they begin.
  std::vector<float> say(const Voices& voices, uint32_t words, float strength, Random& random,
                         Sequence& sequence) const {
    const auto& voice = any_voice(voices, random);
    const auto most = static_cast<size_t>(seq_length()) - longest_end;
    std::vector<float> said;
    for (uint32_t word = 0; word < words; ++word) {
      const NamedSound& sound = *voice[random.below(static_cast<uint32_t>(voice.size()))];
      const std::vector<float> next = said_again(sound.columns, strength, random);
      const size_t pause = random.below((word == 0 ? longest_end : longest_pause) + 1);
      if (count_of_columns(said) + pause + count_of_columns(next) > most) break;
      sequence.marks.push_back(
          {Mark::Kind::enters, static_cast<int>(count_of_columns(said) + pause), sound.name});
      join_sounds(said, next, pause, random);
      sequence.classes.push_back(all_.class_of(sound) + 1);
    }
    join_sounds(said, {}, random.below(longest_end + 1), random);
    return said;
  }
  /// Where none is held out, of those that are learned: to be looked at.
  std::vector<float> say_held_out(Random& random, Sequence& sequence) const {
    const uint32_t words = fewest_held_out + random.below(words_ - fewest_held_out + 1);
    return say(valid_.empty() ? train_ : valid_, words, 0, random, sequence);
  }
  static void mark_end(Sequence& sequence) {
    sequence.marks.push_back({Mark::Kind::needed, sequence.length - 1, "the whole string"});
  }

  /// Each recording as likely.
  static const std::vector<const NamedSound*>& any_voice(const Voices& voices, Random& random) {
    size_t count = 0;
    for (const auto& voice : voices) count += voice.size();
    size_t at = random.below(static_cast<uint32_t>(count));
    for (const auto& voice : voices) {
      if (at < voice.size()) return voice;
      at -= voice.size();
    }
    return voices.back();
  }

  Recordings all_;
  std::vector<std::string> names_;  // the blank's first
  Voices train_, valid_;            // of all_
  uint32_t words_;
  float strength_;
};

}  // namespace

const TaskKind strings_kind = {
    .name = "strings",
    .title = "Spoken strings",
    .family = "Sound",
    .about =
        "Several words as somebody says them one after the other: which are these? Nobody says where one "
        "ends and the next begins; the network finds that out (connectionist temporal classification).",
    .source = "Graves et al. 2006",
    .fields = strings_fields,
    .looks = {.column = "moment",
              .prediction = "the string",
              .own_data = own_recordings,
              .own_sequence = "a recording: its columns as characters",
              .strings = true,
              .heard = true},
    .start = UNROLL_YES_AND_NO("strings",
                               R"("train": {"batch": 16, "rate": 0.004},
      "lanes": [{"cell": "rnn", "hidden": 128, "rate": 0.001}, {"cell": "gru", "hidden": 96}])")};

Result<std::shared_ptr<const Task>> create_strings(const Experiment& experiment, const Json&) {
  auto all = recordings_of(experiment);
  if (!all) return all.error();
  return std::shared_ptr<const Task>(std::make_shared<const Strings>(experiment, std::move(*all)));
}

}  // namespace unroll
