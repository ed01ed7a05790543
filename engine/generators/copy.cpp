// A whole word to hold and to say again: its letters, their order, and where it ends.
#include <array>

#include "engine/generators/generator.h"

namespace unroll {
namespace {

constexpr std::string_view letters = "abcdef";
constexpr uint32_t longest = 12;

/// The second word says again, nat for nat, what the first one told: its length, equally likely from 1 to `longest`, and as
/// many letters; spread over those letters and the line's end.
double forgotten() {
  const double mean_length = (1 + longest) / 2.0;
  return (logarithm(longest) + mean_length * logarithm(static_cast<double>(letters.size()))) /
         (mean_length + 1);
}

constexpr Decision decisions[] = {
    {.what = "the second word and its end", .candidates = "\nabcdef", .chance = forgotten}};

void piece(Random& random, MarkedText& out) {
  std::array<char32_t, longest> word{};
  const size_t length = 1 + random.below(longest);
  for (size_t i = 0; i < length; ++i) {
    word[i] = static_cast<char32_t>(letters[random.below(static_cast<uint32_t>(letters.size()))]);
    out.add(word[i]);
  }
  out.add('|');
  for (size_t i = 0; i < length; ++i) out.add(word[i], 1);
  out.add('\n', 1);
}

}  // namespace

const Generator copy_generator = {.id = "copy",
                                  .group = "Long memory",
                                  .title = "Copy a word",
                                  .good_for =
                                      "Holding a whole word in order and saying it again: every letter needs "
                                      "a place of its own in the memory.",
                                  .alphabet = "\nabcdef|",
                                  .decisions = decisions,
                                  .beginning = "bad|",
                                  .timeline = "feed|feed\ncabbed|cabbed\nab|ab\ndecade|deca",
                                  .piece = piece};

}  // namespace unroll
