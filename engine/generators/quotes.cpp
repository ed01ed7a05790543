// Names and sentences between two equal marks: the mark at the end is known from the very first character.
#include "engine/generators/generator.h"
#include "engine/generators/pick.h"

namespace unroll {
namespace {

constexpr std::string_view marks = "\"'*/_~";
constexpr std::string_view adjectives[] = {"old", "red", "small", "quiet", "wise", "lost", "bright", "slow"};
constexpr std::string_view nouns[] = {"fox",   "miller", "heron",   "boat", "queen",
                                      "clock", "road",   "lantern", "goat", "river"};
constexpr std::string_view verbs[] = {"saw",     "followed",   "forgot",    "called",
                                      "carried", "waited for", "dreamed of"};
constexpr std::string_view links[] = {"and", "while", "because", "until", "before", "so"};
constexpr uint32_t most_links = 4;

/// That a sentence ends now cannot be known; with which mark, it can.
constexpr Decision decisions[] = {{.what = "the mark at the end", .candidates = "\"'*/_~"}};

void add_thing(Random& random, MarkedText& out) {
  out.add("the ");
  if (random.below(2) == 1) {
    out.add(pick(random, adjectives));
    out.add(' ');
  }
  out.add(pick(random, nouns));
}

void add_clause(Random& random, MarkedText& out) {
  add_thing(random, out);
  out.add(' ');
  out.add(pick(random, verbs));
  out.add(' ');
  add_thing(random, out);
}

void add_sentence(Random& random, MarkedText& out) {
  add_clause(random, out);
  for (uint32_t more = random.below(most_links + 1); more > 0; --more) {
    out.add(' ');
    out.add(pick(random, links));
    out.add(' ');
    add_clause(random, out);
  }
}

/// Three of four hold a name alone: to remember for ten characters is learned first, and then to remember for a hundred.
void piece(Random& random, MarkedText& out) {
  const char32_t mark = static_cast<char32_t>(marks[random.below(static_cast<uint32_t>(marks.size()))]);
  out.add(mark);
  if (random.below(4) > 0)
    add_thing(random, out);
  else
    add_sentence(random, out);
  out.add(mark, 1);
  out.add('\n');
}

}  // namespace

const Generator quotes_generator = {
    .id = "quotes",
    .group = "Long memory",
    .title = "Quoted sentences",
    .good_for =
        "One mark to remember while writing a name or a sentence: the last character of a line is known from "
        "its "
        "first, ten or a hundred characters back.",
    .alphabet = "\n \"'*/_abcdefghiklmnoqrstuvwx~",
    .decisions = decisions,
    .beginning = "*the wise heron waited for the old boat",
    .timeline =
        "~the red boat~\n\"the queen forgot the clock and the slow river carried the lost "
        "goat\"\n/the miller called the quiet road until the heron dreamed of the bright lantern",
    .piece = piece};

}  // namespace unroll
