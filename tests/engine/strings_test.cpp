// The task `strings`: how recordings are joined, which of them a string may hold, what is right, and beside what it stands.
#include <algorithm>
#include <cmath>
#include <set>

#include "engine/base/ctc.h"
#include "engine/model/checkpoint.h"
#include "engine/model/trainer.h"
#include "engine/tasks/sound_recordings.h"
#include "engine/tasks/sound_strings.h"
#include "tests/engine/recordings_fixture.h"

using namespace unroll;
using namespace unroll::puzzle;

namespace {

Experiment of(const std::string& text, const Fields& fields = {}, const std::string& speaker = "",
              uint64_t seed = 1) {
  return with_recordings("strings", text, fields, speaker, seed);
}

/// Recordings of which none is like another, nor any part of one: two words by two speakers, six times each, 8 to 19 columns.
std::string unlike() {
  std::string lines;
  Random random(7);
  for (const char* word : {"no", "yes"})
    for (const char* speaker : {"ann_", "bob_"})
      for (int number = 0; number < 6; ++number) {
        const size_t columns = 8 + random.below(12);
        std::string heard;
        for (size_t n = 0; n < columns * sound_bands; ++n)
          heard += static_cast<char>('@' + random.below(20));  // less than 48 dB between any two
        lines += std::string(word) + "\t" + speaker + std::to_string(number) + "\t" + heard + "\n";
      }
  return lines;
}

/// Which of the recordings begins at a column: what is normalised once more forgets in what it stood.
class Recognised {
 public:
  explicit Recognised(const std::vector<NamedSound>& all) : all_(all) {
    for (const NamedSound& sound : all) alone_.push_back(normalised_sound(sound.columns));
  }
  const NamedSound* at(const Sequence& sequence, size_t column) const {
    const auto rest = std::span(sequence.reals).subspan(column * sound_bands);
    for (size_t n = 0; n < all_.size(); ++n)
      if (alone_[n].size() <= rest.size() &&
          std::ranges::equal(normalised_sound(rest.first(alone_[n].size())), alone_[n],
                             [](float a, float b) { return std::abs(a - b) < 1e-3f; }))
        return &all_[n];
    return nullptr;
  }

 private:
  const std::vector<NamedSound>& all_;
  std::vector<std::vector<float>> alone_;
};

size_t columns_of(const NamedSound& sound) { return count_of_columns(sound.columns); }

}  // namespace

TEST_CASE("strings: between two recordings the room goes on, from the level of one to that of the other") {
  const auto word = [](float quiet, size_t count) {
    std::vector<float> columns(count * sound_bands, quiet + 8);
    for (size_t n = 0; n < sound_bands * count / 4; ++n) columns[n] = quiet;  // before it is said
    return columns;
  };
  const std::vector<float> first = word(-15, 24), second = word(-11, 20);
  CHECK(room_of(first)[3] == -15);
  Random random(1);
  std::vector<float> said = first;
  join_sounds(said, second, 20, random);
  REQUIRE(said.size() == first.size() + 20 * sound_bands + second.size());
  CHECK(std::ranges::equal(std::span(said).first(first.size()), first));
  CHECK(std::ranges::equal(std::span(said).last(second.size()), second));
  const auto level = [&](size_t column) {
    const auto bands = std::span(said).subspan(first.size() + column * sound_bands, sound_bands);
    float sum = 0;
    for (const float band : bands) sum += band;
    return sum / sound_bands;
  };
  CHECK(level(0) == doctest::Approx(-15).epsilon(0.03));
  CHECK(level(10) == doctest::Approx(-13).epsilon(0.03));
  CHECK(level(19) == doctest::Approx(-11).epsilon(0.03));
  const auto pause = std::span(said).subspan(first.size(), sound_bands);
  CHECK(std::ranges::max(pause) > std::ranges::min(pause) + 0.5f);  // it is noise

  std::vector<float> none;
  join_sounds(none, second, 2, random);
  CHECK(none.size() == second.size() + 2 * sound_bands);
  CHECK(none.front() == doctest::Approx(-11).epsilon(0.2));
  join_sounds(none, {}, 3, random);
  CHECK(none.size() == second.size() + 5 * sound_bands);
}

TEST_CASE(
    "strings: one speaker says each, with pauses, and no recording that is held out is ever trained on") {
  const std::string text = unlike();
  const auto all = read_named_sounds(text);
  REQUIRE(all);
  const Recognised recognised(*all);
  for (const double way : {share, first_five, by_speaker}) {
    CAPTURE(way);
    const Puzzle puzzle =
        make(of(text, {{"held_out", way}, {"variation", 0}}, way == by_speaker ? "bob" : ""));
    REQUIRE(puzzle->held_out() == 200);
    std::set<const NamedSound*> trained, held_out;
    std::set<size_t> words, held_out_words, pauses;
    for (int64_t number = 0; number < 150; ++number) {
      const bool is_held_out = number < 50;
      const Sequence sequence = is_held_out ? puzzle->held_out(number) : puzzle->training(number);
      REQUIRE(sequence.marks.size() == sequence.classes.size() + 1);
      (is_held_out ? held_out_words : words).insert(sequence.classes.size());
      size_t end = 0;
      std::string speaker;
      for (size_t n = 0; n < sequence.classes.size(); ++n) {
        const Mark& mark = sequence.marks[n];
        const NamedSound* sound = recognised.at(sequence, static_cast<size_t>(mark.position));
        REQUIRE(sound);
        CHECK(mark.label == sound->name);
        CHECK(puzzle->output_names()[static_cast<size_t>(sequence.classes[n])] == sound->name);
        CHECK((n == 0 || sound->speaker == speaker));
        speaker = sound->speaker;
        (is_held_out ? held_out : trained).insert(sound);
        const size_t pause = static_cast<size_t>(mark.position) - end;
        if (n > 0) pauses.insert(pause);
        CHECK((n > 0 || pause <= 3));
        end = static_cast<size_t>(mark.position) + columns_of(*sound);
      }
      CHECK(static_cast<size_t>(sequence.length) - end <= 3);
    }
    CHECK(words == std::set<size_t>{1, 2, 3, 4, 5, 6});
    CHECK(held_out_words == std::set<size_t>{3, 4, 5, 6});
    CHECK(pauses.size() == 21);
    CHECK(*pauses.rbegin() == 20);
    for (const NamedSound* one : trained) CHECK_FALSE(held_out.contains(one));
    CHECK(trained.size() + held_out.size() == all->size());
  }
}

TEST_CASE(
    "strings: labels are the words behind the blank; every string fits, and what would be too long ends") {
  const Puzzle puzzle = make(of(recordings(), {{"words", 8}, {"variation", 2}}));
  CHECK(puzzle->output_names() == std::vector<std::string>{"–", "down", "up"});
  CHECK(puzzle->shape() == TaskShape{.inputs = sound_bands, .reals = true, .outputs = 3, .head = Head::ctc});
  std::string slow;
  for (const char* word : {"down", "up"})
    for (int number = 0; number < 4; ++number)
      slow += std::string(word) + "\tann_" + std::to_string(number) + "\t" +
              std::string(most_sound_columns * sound_bands, static_cast<char>('B' + number)) + "\n";
  const Puzzle long_ones = make(of(slow, {{"words", 8}}));
  CHECK(long_ones->seq_length() == static_cast<int>(most_string_columns));
  size_t most_words = 0, most_slow_words = 0;
  for (int64_t number = 0; number < 100; ++number)
    for (const Puzzle* one : {&puzzle, &long_ones}) {
      const Sequence sequence = number % 2 == 0 ? (*one)->training(number) : (*one)->held_out(number);
      CHECK(sequence.length <= (*one)->seq_length());
      CHECK(sequence.reals.size() == static_cast<size_t>(sequence.length) * sound_bands);
      CHECK(sequence.columns.size() == static_cast<size_t>(sequence.length));
      CHECK(sequence.weights.empty());
      CHECK(std::ranges::all_of(sequence.reals, [](float number) { return std::isfinite(number); }));
      REQUIRE(!sequence.classes.empty());
      for (const int32_t label : sequence.classes) CHECK((label == 1 || label == 2));
      CHECK(ctc_least_steps(sequence.classes) <= static_cast<size_t>(sequence.length));
      size_t& most = one == &puzzle ? most_words : most_slow_words;
      most = std::max(most, sequence.classes.size());
    }
  CHECK(most_words == 8);
  CHECK(most_slow_words <= 4);
}

TEST_CASE("strings: sequence k of a seed is the same wherever it is drawn; seeds differ") {
  const Puzzle once = make(of(recordings())), again = make(of(recordings())),
               other = make(of(recordings(), {}, "", 2));
  Batch batch;
  once->fill(3, batch);
  for (int64_t k : {0, 7, 12}) {
    const Sequence one = again->training(k), held = again->held_out(k);
    CHECK(once->training(k).reals == one.reals);
    CHECK(once->training(k).classes == one.classes);
    CHECK(other->training(k).reals != one.reals);
    CHECK(once->held_out(k).reals == held.reals);
  }
  const Sequence twelfth = again->training(12);  // the first of step 3
  for (size_t n = 0; n < twelfth.classes.size(); ++n) CHECK(batch.classes[n * 4] == twelfth.classes[n]);
  CHECK(batch.reals[5] == twelfth.reals[5]);
}

TEST_CASE(
    "strings: who says every word once is right; who says nothing misses them all, as the baseline tells") {
  const Puzzle puzzle = make(of(recordings(), {{"held_out", by_speaker}}, "bob"));
  int64_t next = 0;
  Sequence now;
  const auto network = [&](bool knows) {
    next = 0;
    return Rule(puzzle->shape(), [&, knows](std::span<const float> inputs, std::span<float> outputs) {
      if (inputs.size() == sound_bands) now = puzzle->held_out(next++);
      const size_t t = inputs.size() / sound_bands - 1, k = t / 4;
      const bool says = knows && t % 4 == 1 && k < now.classes.size();
      outputs[says ? static_cast<size_t>(now.classes[k]) : 0] = 1;
    });
  };
  Rule knows = network(true), silent = network(false);
  next = 0;
  const Score right = judge(puzzle, knows);
  CHECK(right.value == 0);
  CHECK(right.count == 200);
  CHECK(other(right, "strings right") == 1);
  CHECK(other(right, "error along the likeliest path") == 0);
  next = 0;
  const Score nothing = judge(puzzle, silent);
  CHECK(nothing.value == 1);
  CHECK(other(nothing, "strings right") == 0);
  CHECK(other(nothing, "error along the likeliest path") == 1);
  CHECK(other(nothing, "blank") == 1);
  const std::vector<Baseline> baselines = puzzle->baselines();
  REQUIRE(baselines.size() == 3);
  CHECK(baselines[0].value == nothing.value);
  for (const size_t nearest : {1u, 2u}) {
    CHECK(baselines[nearest].value > 0);  // pauses may be too short to cut at
    CHECK(baselines[nearest].value < 0.6);
  }
}

TEST_CASE(
    "strings: one's own is read whole, up to ten seconds, and as training is; nothing heard is nothing "
    "read") {
  const Puzzle puzzle = make(of(recordings()));
  std::vector<float> columns;
  Random random(3);
  const auto sounds = read_named_sounds(recordings());
  while (count_of_columns(columns) < 300) join_sounds(columns, sounds->front().columns, 10, random);
  const auto own = puzzle->own_example(sound_text(columns, most_string_columns));
  REQUIRE(own);
  CHECK(own->batch.seq_length == static_cast<int>(count_of_columns(columns)));
  CHECK(own->batch.reals.size() == columns.size());
  CHECK(own->batch.reals ==
        normalised_sound(read_sound_text(sound_text(columns, most_string_columns), most_string_columns)));
  CHECK(own->columns.back() == std::to_string(20 * (own->batch.seq_length - 1)) + " ms");
  CHECK(puzzle->own_example(std::string(600 * sound_bands, 'a'))->batch.seq_length == 500);
  CHECK_FALSE(puzzle->own_example("short"));
}

TEST_CASE(
    "strings: words too short for what they say are left out and counted; labels are in the checkpoint") {
  std::string clicks;
  for (const char* word : {"tick", "tock"})
    for (int number = 0; number < 6; ++number)
      clicks += std::string(word) + "\tclock_" + std::to_string(number) + "\t" +
                std::string(sound_bands, static_cast<char>('a' + number)) + "\n";
  Experiment experiment = of(clicks);
  experiment.train.batch = 16;
  experiment.lanes = {{.cell = "gru", .hidden = 4}};
  const Puzzle puzzle = make(experiment);
  auto trainer = Trainer::create(experiment, 0, puzzle.task);
  REQUIRE(trainer);
  int left_out = 0;
  for (int step = 0; step < 20; ++step) {
    const StepResult result = (*trainer)->step();
    CHECK(std::isfinite(result.loss));
    left_out += result.left_out;
  }
  CHECK(left_out > 0);
  CHECK(left_out < 100);
  const auto loaded = load_checkpoint(save_checkpoint(**trainer));
  REQUIRE(loaded);
  CHECK(loaded->task->output_names() == std::vector<std::string>{"–", "tick", "tock"});
  CHECK(loaded->task->example(5).batch.reals == puzzle->example(5).batch.reals);
  CHECK(loaded->task->example(5).batch.classes == puzzle->example(5).batch.classes);

  const auto refused = create_task(of("yes\tme"));
  REQUIRE(!refused);
  CHECK(refused.error().where == "data.text, line 1");
}
