// One letter to hold over a gap of dots, and to say again: nothing in the gap reminds of it.
#include "engine/generators/generator.h"

namespace unroll {
namespace {

constexpr std::string_view letters = "abcdefgh";
constexpr uint32_t longest_gap = 60;

constexpr Decision decisions[] = {{.what = "the letter after the gap", .candidates = "abcdefgh"}};

void piece(Random& random, MarkedText& out) {
  const char32_t letter = static_cast<char32_t>(letters[random.below(static_cast<uint32_t>(letters.size()))]);
  out.add(letter);
  out.add('{');
  for (uint32_t left = 1 + random.below(longest_gap); left > 0; --left) out.add('.');
  out.add('}');
  out.add(letter, 1);
  out.add('\n');
}

}  // namespace

const Generator recall_generator = {
    .id = "recall",
    .group = "Long memory",
    .title = "Recall one letter",
    .good_for =
        "The purest test of memory: one letter to hold over up to sixty dots. An RNN's gradient fades on the "
        "way; a forget gate near 1 keeps it.",
    .alphabet = "\n.abcdefgh{}",
    .decisions = decisions,
    .beginning = "c{..............................}",
    .timeline =
        "f{......................}f\nb{............................................}b\ne{...........}e\nh{..."
        "...........................}",
    .piece = piece};

}  // namespace unroll
