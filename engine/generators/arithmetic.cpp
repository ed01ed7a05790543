// Additions of whole numbers with one and two digits.
#include <array>

#include "engine/generators/generator.h"

namespace unroll {
namespace {

constexpr uint32_t largest_of[] = {9, 99, 99, 99};  // of both numbers of a line, equally likely

/// The entropy of a sum (its digits and the line's end tell nothing more), spread over those characters.
double forgotten() {
  std::array<double, 199> probability{};
  for (const uint32_t largest : largest_of) {
    const double n = largest + 1.0;
    for (uint32_t a = 0; a <= largest; ++a)
      for (uint32_t b = 0; b <= largest; ++b) probability[a + b] += 1 / (n * n * std::size(largest_of));
  }
  double entropy = 0, characters = 0;
  for (size_t sum = 0; sum < probability.size(); ++sum) {
    entropy -= probability[sum] * logarithm(probability[sum]);
    characters += probability[sum] * static_cast<double>(std::to_string(sum).size() + 1);
  }
  return entropy / characters;
}

constexpr Decision decisions[] = {{.what = "the sum", .candidates = "\n0123456789", .chance = forgotten}};

void piece(Random& random, MarkedText& out) {
  const uint32_t largest = largest_of[random.below(std::size(largest_of))];
  const uint32_t a = random.below(largest + 1), b = random.below(largest + 1);
  out.add(std::to_string(a) + "+" + std::to_string(b) + "=");
  for (const char digit : std::to_string(a + b)) out.add(static_cast<char32_t>(digit), 1);
  out.add('\n', 1);
}

}  // namespace

const Generator arithmetic_generator = {
    .id = "arithmetic",
    .group = "Rules",
    .title = "Additions",
    .good_for =
        "A computation: the form takes seconds, the right digits take long, because the first digit of a sum "
        "depends on the last carry.",
    .alphabet = "\n+0123456789=",
    .decisions = decisions,
    .beginning = "47+38=",
    .timeline = "12+9=21\n5+4=9\n63+58=121\n80+17=97\n26+35=61\n47+38=",
    .piece = piece};

}  // namespace unroll
