// Names of places that are on no map. Nothing in them must be remembered for long.
#include "engine/generators/generator.h"
#include "engine/generators/pick.h"

namespace unroll {
namespace {

constexpr std::string_view starts[] = {
    "Alder", "Ash",    "Bar",   "Bell", "Birch",  "Black", "Bram",    "Brook", "Cold",    "Corn",
    "Crow",  "Dun",    "East",  "Elm",  "Fair",   "Fen",   "Fox",     "Gold",  "Gorse",   "Grim",
    "Hare",  "Hazel",  "Heron", "High", "Hollow", "Honey", "Kestrel", "King",  "Lark",    "Lin",
    "Long",  "Marrow", "Marsh", "Mill", "Moss",   "North", "Oak",     "Old",   "Otter",   "Pen",
    "Quill", "Raven",  "Red",   "Rook", "Salt",   "Sedge", "Silver",  "Stone", "Thistle", "Thorn",
    "Under", "Wether", "Whin",  "Wild", "Winter", "Wren",  "Yar",     "Yew"};
constexpr std::string_view ends[] = {
    "bourne", "bridge", "bury", "combe",   "cote",  "dale", "den",   "don",  "ern",    "fell",
    "field",  "ford",   "gate", "ham",     "haven", "holt", "hurst", "ing",  "ington", "leigh",
    "ley",    "low",    "mere", "minster", "mouth", "ness", "over",  "port", "rigg",   "sea",
    "shaw",   "stead",  "stow", "thorpe",  "ton",   "wath", "well",  "wick", "wold",   "worth"};
constexpr std::string_view before[] = {"Great ", "Little ", "Upper ", "Nether ", "Saint ", "Market "};
constexpr std::string_view after[] = {" on the Hill", " by the Sea", " in the Marsh",
                                      " Magna",       " Parva",      " under Edge"};

bool has_three_in_a_row(std::string_view word) {
  for (size_t i = 2; i < word.size(); ++i)
    if (word[i] == word[i - 1] && word[i] == word[i - 2]) return true;
  return false;
}

void piece(Random& random, MarkedText& out) {
  const uint32_t kind = random.below(12);
  if (kind == 0) out.add(pick(random, before));
  std::string name;
  do name = std::string(pick(random, starts)) + std::string(pick(random, ends));
  while (has_three_in_a_row(name));
  out.add(name);
  if (kind == 1) out.add(pick(random, after));
  out.add('\n');
}

}  // namespace

const Generator names_generator = {
    .id = "names",
    .group = "Rules",
    .title = "Names of places",
    .good_for =
        "Quick results: short words from known parts, fun to sample; little memory is needed, so an RNN does "
        "nearly as well.",
    .alphabet = "\n ABCDEFGHKLMNOPQRSTUWYabcdefghiklmnoprstuvwxyz",
    .decisions = {},
    .beginning = "Great ",
    .timeline = "Foxmere\nUpper Thistlewick\nMarrowgate by the Sea\nOtterham\nKingsholt\nGreat Wren",
    .piece = piece};

}  // namespace unroll
