// What the tasks share that learn from recordings of words, those of data.text (sound_lines.h): which of them are held out, how one
// is said again in training, and how a network reads what is heard. Used by spoken and strings.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/result.h"
#include "engine/tasks/kinds.h"
#include "engine/tasks/sound_lines.h"
#include "engine/tasks/task.h"

namespace unroll {

/// The recordings, apart by whether they are held out.
struct Recordings {
  std::vector<NamedSound> train, valid;
  std::vector<std::string> names;  ///< of the words, in the order of the alphabet
  int longest = 1;                 ///< columns, once it is said again
  int32_t class_of(const NamedSound&) const;
};
/// Those of the experiment, by its fields held_out, speaker and variation. Errors say what is wrong with the data.
Result<Recordings> recordings_of(const Experiment&);

/// Said faster or slower, with a shorter or longer throat (Jaitly & Hinton 2013), in a room that is not quiet; of strength 0 as it is.
std::vector<float> said_again(std::span<const float> columns, float strength, Random&);
size_t count_of_columns(std::span<const float> columns);
/// `count` columns at equal distances, what lies between two is mixed; likewise the bands, from `stretch` times as high.
std::vector<float> warped_sound(std::span<const float> columns, size_t count, float stretch = 1);

/// All but what is right, into a sequence that is empty but for room.
void take_sound(std::span<const float> columns, Sequence&);
/// One's own, in which nothing is right or wrong; nothing where nothing is heard.
std::optional<Example> sound_example(std::span<const float> columns);

// --- The fields ------------------------------------------------------------------------------------------------------

inline constexpr const char* held_out_words[] = {"share", "first_five", "speaker"};
inline constexpr const char* held_out_notes[] = {
    "that share of each word's recordings",
    "those with the numbers 0 to 4: the Free Spoken Digit Dataset's own test", "all that one speaker says"};
inline constexpr const char* held_out_by_speaker[] = {"speaker"};

inline constexpr TaskField held_out_field = {.name = "held_out",
                                             .type = TaskFieldType::choice,
                                             .minimum = 0,
                                             .maximum = 2,
                                             .initial = 0,
                                             .words = held_out_words,
                                             .help = "which recordings the lanes are tested on",
                                             .notes = held_out_notes};
inline constexpr TaskField speaker_field = {.name = "speaker",
                                            .type = TaskFieldType::text,
                                            .minimum = 0,
                                            .maximum = longest_sound_name,
                                            .initial = 0,
                                            .words = {},
                                            .help = "who is held out: a name as the recordings have it",
                                            .use = {"held_out", held_out_by_speaker}};
inline constexpr TaskField variation_field = {
    .name = "variation",
    .type = TaskFieldType::real,
    .minimum = 0,
    .maximum = 2,
    .initial = 1,
    .words = {},
    .help =
        "how much recordings are said faster or slower, higher or lower, and in "
        "a noisier room while training; 0: as they are"};
inline constexpr const char* own_recordings =
    "WAV files, a word each: 7_jackson_32.wav is 7, said by jackson; or folders named by the word";

}  // namespace unroll
